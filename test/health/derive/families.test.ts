/** What is used in both versions of IP is asked in both. */
import { describe, expect, test } from 'vitest';
import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { readDefinitions } from '../../../src/model/read/read.ts';

const text = (...addresses: readonly string[]) => `
interfaces:
  i0: {faces: clients, gateway: [192.0.2.1, "2001:db8::1"]}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
devices:
  fw1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  fw2: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:02:01"}, inside: {interface: i2, mac: "02:00:00:00:02:02"}}}
  web1: {kind: server, mode: loopback, legs: {only: {interface: i3, mac: "02:00:00:00:03:01"}}}
pools:
  firewalls: {members: [fw1, fw2]}
services:
${addresses.map((each, place) => `  s${place}: {address: ${each}, port: 80, sequence: [firewalls, web1]}`).join('\n')}
`;

function probes(...addresses: readonly string[]): Record<string, string[]> {
  const result = readDefinitions(text(...addresses), 'a.yaml');
  if (!result.ok) throw new Error(result.problems[0]!.message);
  const { devices } = deriveHealth(result.model);
  return Object.fromEntries(
    devices.map(({ name, probes: each }) => [
      name,
      each.map(({ name: probe, question, family }) =>
        [probe, family ?? '-', (question as { address?: string }).address ?? ''].join(' ').trim(),
      ),
    ]),
  );
}

const W4 = '198.51.100.10';
const W6 = '"2001:db8:1::10"';
const BOTH = {
  fw1: ['through 4', 'through ipv6 6'],
  fw2: ['through 4', 'through ipv6 6'],
  web1: ['handshake tcp/80 4 198.51.100.10', 'handshake tcp/80 ipv6 6 2001:db8:1::10'],
};

test.each([
  ['a service with both', [`[${W4}, ${W6}]`], BOTH],
  ['one service of each', [W4, W6], BOTH],
  ['IPv4 alone', [W4], { fw1: ['through -'], fw2: ['through -'], web1: ['handshake tcp/80 - 198.51.100.10'] }],
  ['IPv6 alone', [W6], { fw1: ['through -'], fw2: ['through -'], web1: ['handshake tcp/80 - 2001:db8:1::10'] }],
])('%s', (_, addresses, expected) => {
  expect(probes(...addresses)).toEqual(expected);
});

describe('probes that are written', () => {
  const asked = (health: string, ...addresses: readonly string[]): string[] => {
    const written = text(...addresses).replace(
      'mode: loopback,',
      `mode: loopback, address: 10.0.3.9, health: ${health},`,
    );
    const result = readDefinitions(written, 'a.yaml');
    if (!result.ok) throw new Error(result.problems[0]!.message);
    const web = deriveHealth(result.model).devices.find(({ name }) => name === 'web1')!;
    return web.probes.map(({ name, application }) => `${name} > ${application ?? 'all'}`);
  };
  const BOTH = '[198.51.100.10, "2001:db8:1::10"]';

  test('ask one version of IP: the other one is asked a handshake', () => {
    expect(asked('{probes: [http]}', BOTH)).toEqual(['http > tcp/80', 'handshake tcp/80 ipv6 > tcp/80']);
    expect(asked('{probes: [{http: {address: "fd00:3::9"}}]}', BOTH)).toEqual([
      'http > tcp/80',
      'handshake tcp/80 ipv4 > tcp/80',
    ]);
  });

  test('ask both themselves, or somebody whom nobody knows', () => {
    const both = '{probes: [http, {http: {address: "fd00:3::9"}, name: http6}]}';
    expect(asked(both, BOTH)).toEqual(['http > tcp/80', 'http6 > tcp/80']);
    expect(asked('{probes: [handshake]}', BOTH)).toEqual([
      'handshake tcp/80 > tcp/80',
      'handshake tcp/80 ipv6 > tcp/80',
    ]);
    expect(asked('{probes: [{command: [/bin/true], for: tcp/80}]}', BOTH)).toEqual(['command > tcp/80']);
  });

  test('ask the only version there is', () => {
    expect(asked('{probes: [http]}', '198.51.100.10')).toEqual(['http > tcp/80']);
  });

  test('are weighed by who wrote them', () => {
    expect(asked('{probes: [http], need: 1}', BOTH)).toEqual(['http > tcp/80']);
  });
});
