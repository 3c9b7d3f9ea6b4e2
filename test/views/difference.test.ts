import { describe, expect, test } from 'vitest';
import { renderChange } from '../../src/cli/change.ts';
import { describeChange } from '../../src/control/change/changes.ts';
import { readModel } from '../../src/control/change/read.ts';
import { differenceText } from '../../src/views/difference.ts';

const TEXT = `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, address: 10.0.1.11, legs: {only: {interface: i1}}, health: {probes: [{imap: {user: u, password: first-secret}}]}}
  s2: {kind: server, mode: loopback, address: 10.0.1.12, legs: {only: {interface: i1}}}
pools:
  webs: {members: [s1, s2]}
services:
  shop: {customer: acme, address: 198.51.100.10, protocol: tcp, port: 80, sequence: [webs]}
  mail: {address: 198.51.100.11, protocol: tcp, port: 25, sequence: [webs]}
`;

function changed(...edits: readonly (readonly [string, string])[]) {
  const after = edits.reduce((text, [from, to]) => text.replace(from, to), TEXT);
  const [old, now] = [TEXT, after].map((text) => readModel({ text, file: 'x' }));
  return describeChange({ written: old! }, { written: now!, model: now! });
}

const report = (change: ReturnType<typeof changed>) => ({
  ...change,
  warnings: [],
  dryRun: true,
  degraded: [],
  milliseconds: 1,
  steps: { created: 1, replaced: 0, removed: 0 },
});

describe('a difference that people can decide by', () => {
  test('the port of a service', () => {
    const change = changed(['port: 80', 'port: 8080']);
    expect(change.differences).toEqual([
      expect.objectContaining({
        kind: 'service',
        name: 'shop',
        change: 'changed',
        fields: [{ field: 'port', before: '80', after: '8080' }],
      }),
    ]);
    expect(differenceText(change.differences[0]!)).toBe('service shop: port 80 -> 8080');
    const text = renderChange(report(change));
    expect(text).toContain(
      [
        '  ~ service shop',
        '      customer  acme',
        '      address   198.51.100.10',
        '      protocol  tcp',
        '      from      i0',
        '      sequence  webs',
        '    - port      80',
        '    + port      8080',
        '',
      ].join('\n'),
    );
    expect(text.match(/shop/g)).toHaveLength(1);
  });

  test('the address of a device, the members of a pool, what comes and what goes', () => {
    const change = changed(
      ['address: 10.0.1.12', 'address: 10.0.1.13'],
      ['members: [s1, s2]', 'members: [s2, s1]'],
      ['  mail:', '  post:'],
    );
    expect(change.other).toEqual(['~ device s2', '~ pool webs']);
    expect(change.services).toEqual({ added: ['post'], changed: [], removed: ['mail'] });
    const [post, mail, s2, webs] = [...change.differences].sort(
      (a, b) => ['post', 'mail', 's2', 'webs'].indexOf(a.name) - ['post', 'mail', 's2', 'webs'].indexOf(b.name),
    );
    expect([post!.change, mail!.change]).toEqual(['added', 'removed']);
    expect(s2!.fields).toEqual([{ field: 'address', before: '10.0.1.12', after: '10.0.1.13' }]);
    expect(webs!.fields).toContainEqual({ field: 'members', before: 's1, s2', after: 's2, s1' });
  });

  test('a password is never shown, only that it is another', () => {
    const change = changed(['first-secret', 'second-secret']);
    const shown = JSON.stringify(change) + renderChange(report(change));
    expect(shown).not.toMatch(/first-secret|second-secret/);
    expect(change.differences[0]!.fields).toEqual([
      expect.objectContaining({ before: '(hidden)', after: '(hidden, another)' }),
    ]);
  });

  test('nothing where nothing is different', () => {
    expect(changed().differences).toEqual([]);
  });
});
