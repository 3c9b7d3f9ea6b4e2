import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { complaint, type FrameName, TAP } from './copies.ts';
import { ethernet, type Packet, tcp } from './frame.ts';
import { CLIENT, ip, request, S, SERVER, U, WN } from './world.ts';

interface Report {
  readonly caught: Record<FrameName, readonly string[]>;
  readonly legs: readonly number[];
  readonly unknown: number;
  readonly nobody: number;
}

const E0 = '02:00:00:00:00:01';
const E1 = '02:00:00:00:00:04';
const E2 = '02:00:00:00:00:05';

function line(at: string, to: string, from: string, packet: Packet, tags: readonly number[] = []): string {
  return `${at} ${Buffer.from(ethernet({ to, from, tags }, packet)).toString('hex')}`;
}

function taps(packet: Packet): string[] {
  return [
    line('p1', `${TAP}a`, E1, packet, [40]),
    line('p1', `${TAP}b`, E1, packet),
    line('p2', `${TAP}c`, E2, packet),
  ];
}

const reply = (port: number, to = U): Packet => ip(WN, to, tcp({ source: port, destination: 5000 }));
const wanted: Record<FrameName, string[]> = {
  forward: [line('p1', SERVER, E1, request(S, 8443), [30]), ...taps(request(WN, 443))],
  'forward again': [line('p1', SERVER, E1, request(S, 8443, 'again'), [30]), ...taps(request(WN, 443, 'again'))],
  'forward, tagged error': [line('p1', SERVER, E1, complaint(S, 8443), [30]), ...taps(complaint(WN, 443))],
  return: [line('p0', CLIENT, E0, reply(443)), ...taps(reply(443))],
  'return with a copy for nobody': [line('p0', CLIENT, E0, reply(446))],
  'return by route, with copies': [line('p2', CLIENT, E2, reply(444)), ...taps(reply(444))],
  'return by route': [line('p2', CLIENT, E2, reply(445))],
  'return through a router': [line('p2', CLIENT, E2, reply(445, '203.0.113.5'))],
  'return to an unknown neighbour': [],
};

describe.each(['native', 'generic'])('on real wires, %s', (mode) => {
  const argument = ['--net', '--mount', process.execPath, 'test/packets/live.ts', mode];
  const report = JSON.parse(execFileSync('unshare', argument, { encoding: 'utf8' })) as Report;
  test.each(Object.keys(wanted) as FrameName[])('%s', (frame) => {
    expect(report.caught[frame]).toEqual(wanted[frame].sort());
  });
  test('original and copies are counted, and so are a missing neighbour and a copy for nobody', () => {
    expect(report.legs).toEqual([3, 2, 5, 5, 5]);
    expect(report.unknown).toBe(1);
    expect(report.nobody).toBe(1);
  });
});
