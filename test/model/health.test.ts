import { expect, test } from 'vitest';
import { probes as protocols } from '../../src/health/probes/index.ts';
import { durationOf, durationText } from '../../src/model/durations.ts';
import type { HealthRules } from '../../src/model/health-types.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { BARE_PROBES, probeKinds } from '../../src/model/schema/schema-probes.ts';
import type { Model } from '../../src/model/types.ts';
import { file } from './refusal.ts';

function read(text: string): Model {
  const result = readDefinitions(text, 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.model;
}

/** The question of one probe, as src/health/probes takes it. */
function question(probe: string): unknown {
  const text = `+x1: {kind: inline, address: 10.0.1.9, health: {probes: [${probe}]}, legs: {outside: {interface: i1, mac: "02:00:00:00:09:01"}, inside: {interface: i2, mac: "02:00:00:00:09:02"}}}`;
  return (read(file({ devices: text })).devices.get('x1')!.health as HealthRules).probes![0]!.question;
}

test.each<[string, object]>([
  ['through', { kind: 'through' }],
  ['{through: {protocol: icmp}}', { kind: 'through', protocol: 'icmp' }],
  ['{negative: /etc/stop.pcap}', { kind: 'negative', frames: '/etc/stop.pcap' }],
  ['{negative: {frames: /etc/stop.pcap}}', { kind: 'negative', frames: '/etc/stop.pcap' }],
  ['{handshake: {port: 25, address: "2001:DB8::1"}}', { kind: 'handshake', port: 25, address: '2001:db8::1' }],
  ['{neighbour: {mac: 02-00-00-00-00-0A}}', { kind: 'neighbour', mac: '02:00:00:00:00:0a' }],
  ['{icmp: {from: 10.0.1.1}}', { kind: 'icmp', from: '10.0.1.1' }],
  ['{tcp: {port: 7, answer: "^ok"}}', { kind: 'tcp', port: 7, answer: { matches: '^ok' } }],
  ['{http: {tls: true, status: 200}}', { kind: 'http', tls: {}, status: ['200'] }],
  [
    '{http: {status: [2xx, 300-304], body: {contains: a}}}',
    { kind: 'http', status: ['2xx', '300-304'], body: { contains: 'a' } },
  ],
  ['{tls: {name: a.example, days: 14}}', { kind: 'tls', name: 'a.example', days: 14 }],
  ['{smtp: {greeting: ESMTP, tls: {days: 3}}}', { kind: 'smtp', greeting: { matches: 'ESMTP' }, tls: { days: 3 } }],
  ['{radius: {secret: s, answer: any}}', { kind: 'radius', secret: 's', answer: 'any' }],
  ['{snmp: {answer: x, most: 90}}', { kind: 'snmp', answer: { matches: 'x' }, most: 90 }],
  ['{command: [/bin/a, b]}', { kind: 'command', run: ['/bin/a', 'b'] }],
  ['{command: {run: [/bin/a], output: x}}', { kind: 'command', run: ['/bin/a'], output: { matches: 'x' } }],
])('the probe %s', (probe, expected) => {
  expect(question(probe)).toEqual(expected);
});

test('every protocol that can be asked can be written, and nothing else but what the engine sends itself', () => {
  const sent = ['through', 'negative', 'handshake'];
  expect(Object.keys(probeKinds).sort()).toEqual([...Object.keys(protocols), ...sent].sort());
});

test.each(BARE_PROBES.filter((name) => name !== 'handshake'))('%s needs no options', (name) => {
  expect(question(name)).toEqual({ kind: name });
});

test('what the file says of health, and what it is where it says nothing', () => {
  expect(read(file({})).health).toEqual({ off: false, source: { v4: '192.0.0.8', v6: '100::8' }, notify: [] });
  const said =
    'health: {interval: 1.5s, source: "2001:DB8::8", notify: [{webhook: "https://a.example/x"}, {command: [/bin/tell]}]}\n';
  expect(read(`${file({})}${said}`).health).toEqual({
    off: false,
    interval: 1500,
    source: { v4: '192.0.0.8', v6: '2001:db8::8' },
    notify: [
      { kind: 'webhook', url: 'https://a.example/x' },
      { kind: 'command', run: ['/bin/tell'] },
    ],
  });
  expect(read(`${file({})}health: off\n`).health?.off).toBe(true);
});

test.each([
  ['10ms', 10],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['0s', undefined],
  ['10', undefined],
  ['1h', undefined],
  ['-1s', undefined],
])('%s is %s milliseconds', (text, expected) => {
  expect(durationOf(text)).toBe(expected);
  if (expected !== undefined) expect(durationText(expected)).toBe(text);
});
