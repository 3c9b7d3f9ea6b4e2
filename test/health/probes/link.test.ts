import { beforeAll, describe, expect, test } from 'vitest';
import { inside } from './inside.ts';

interface Line {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly left?: number;
  readonly rounds?: number;
}

const EXPECTED: readonly (readonly [string, boolean, RegExp])[] = [
  ['icmp: IPv4', true, /^echo in [\d.]+ ms$/],
  ['icmp: IPv6', true, /^echo in [\d.]+ ms$/],
  ['icmp: large, by interface and source', true, /^echo in [\d.]+ ms$/],
  ['icmp: nobody', false, /no answer|unreachable/],
  ['icmp: no route', false, /unreachable|no answer/],
  ['icmp: no such source', false, /./],
  ['icmp: gone', false, /no answer|unreachable/],
  ['neighbour: asked from nothing', true, /^02:00:00:00:08:02 answers$/],
  ['neighbour: asked again', true, /^02:00:00:00:08:02 answers$/],
  ['neighbour: IPv6', true, /^02:00:00:00:08:02 answers$/],
  ['neighbour: another MAC', false, /02:00:00:00:08:02 answers instead of 02:00:00:00:08:03/],
  ['neighbour: nobody', false, /no answer in 300 ms/],
  ['neighbour: no interface', false, /no interface to ask on/],
  ['neighbour: no such interface', false, /v9/],
  ['neighbour: kept fresh for others', true, /answers$/],
  ['neighbour: still kept fresh', true, /managed/],
  ['neighbour: gone, though the kernel knew it', false, /no answer in 300 ms/],
  ['tcp: from a source', true, /^connected$/],
  ['tcp: seen from there', true, /10\.8\.0\.11/],
  ['tcp: no such source', false, /the source address is not on this machine/],
];

const MANY: readonly (readonly [string, boolean, RegExp])[] = [
  ['icmp: 200 at once', true, /^200 well/],
  ['tcp: 400 silent at once', false, /^0 well.*no answer in 1000 ms/],
  ['tcp: 400 at once', true, /^400 well/],
];

describe('probes over a link', () => {
  const lines = new Map<string, Line>();

  beforeAll(async () => {
    for (const line of await inside<Line>('link-runner.ts')) lines.set(line.name, line);
  }, 120_000);

  test.each([...EXPECTED, ...MANY])('%s', (name, ok, detail) => {
    expect(lines.get(name)).toMatchObject({ ok, detail: expect.stringMatching(detail) });
  });

  test.each(MANY)('%s leaves no descriptor', (name) => {
    expect(lines.get(name)!.left).toBe(0);
  });

  test('the event loop runs on while 400 are waited for', () => {
    // Held up by what it asks, it would come round once, at the end.
    expect(lines.get('tcp: 400 silent at once')!.rounds).toBeGreaterThan(1);
  });
});
