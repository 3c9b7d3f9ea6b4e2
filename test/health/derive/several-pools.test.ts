/** A device in several pools: what each of them says counts for the applications that are reached by it. */
import { describe, expect, test } from 'vitest';
import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { readDefinitions } from '../../../src/model/read/read.ts';

const text = (pools: string, services: string, health = '') => `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
devices:
  web1: {kind: server, mode: nat, address: 10.0.1.11, ${health} legs: {only: {interface: i1}}}
  web2: {kind: server, mode: nat, address: 10.0.1.12, legs: {only: {interface: i1}}}
pools:
${pools}
services:
${services}
`;

function read(definitions: string) {
  const result = readDefinitions(definitions, 'a.yaml');
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.model;
}

/** "http tcp/80" */
function probesOf(definitions: string, device: string): string[] {
  const { devices } = deriveHealth(read(definitions));
  const { probes } = devices.find(({ name }) => name === device)!;
  return probes.map(({ name, application }) => (application === undefined ? name : `${name} > ${application}`)).sort();
}

const service = (name: string, port: string, pool: string, protocol = 'tcp') =>
  `  ${name}: {address: 198.51.100.10, protocol: ${protocol}, port: ${port}, sequence: [${pool}]}`;

const FOUR = `  web: {members: [web1, web2], health: {probes: [{http: {}}]}}
  mail: {members: [web1, web2], health: {probes: [{smtp: {}}]}}
  files: {members: [web1, web2], health: {probes: [{ftp: {greeting: ready}}]}}
  names: {members: [web1, web2], health: {probes: [{dns: {name: www.example.com}}]}}`;
const SERVICES = [
  service('web', '80', 'web'),
  service('mail', '25', 'mail'),
  service('files', '[21, 1025-1125]', 'files'),
  service('names', '53', 'names', 'udp'),
].join('\n');

describe('probes', () => {
  test('of four pools all exist, each for its application', () => {
    const all = ['dns > udp/53', 'ftp > tcp/21,1025-1125', 'http > tcp/80', 'smtp > tcp/25'];
    expect(probesOf(text(FOUR, SERVICES), 'web1')).toEqual(all);
    expect(probesOf(text(FOUR, SERVICES), 'web2')).toEqual(all);
  });

  test('each pool is judged by its own application', () => {
    const { pools } = deriveHealth(read(text(FOUR, SERVICES)));
    expect(pools.map(({ pool, application }) => `${pool}: ${application}`)).toEqual([
      'web: tcp/80',
      'mail: tcp/25',
      'files: tcp/21,1025-1125',
      'names: udp/53',
    ]);
  });

  test('of a pool that says nothing are those of the kind, for what is reached by it', () => {
    const pools = `  web: {members: [web1, web2], health: {probes: [{http: {}}]}}\n  mail: {members: [web1, web2]}`;
    const services = [service('web', '80', 'web'), service('mail', '25', 'mail')].join('\n');
    expect(probesOf(text(pools, services), 'web1')).toEqual(['handshake tcp/25 > tcp/25', 'http > tcp/80']);
  });

  test('that two pools ask alike exist once; alike in name alone both', () => {
    const pools = `  web: {members: [web1, web2], health: {probes: [{icmp: {}}, {http: {port: 80}}]}}
  other: {members: [web1, web2], health: {probes: [{icmp: {}}, {http: {port: 8080}}]}}`;
    const services = [service('web', '80', 'web'), service('other', '8080', 'other')].join('\n');
    expect(probesOf(text(pools, services), 'web1')).toEqual(['http (other) > tcp/8080', 'http > tcp/80', 'icmp']);
  });

  test('of the device itself count for all of its pools, and theirs for none', () => {
    expect(probesOf(text(FOUR, SERVICES, 'health: {probes: [handshake]},'), 'web1')).toEqual([
      'handshake tcp/21,1025-1125 21 > tcp/21,1025-1125',
      'handshake tcp/25 > tcp/25',
      'handshake tcp/80 > tcp/80',
    ]);
  });
});

describe('the application of the port that is asked', () => {
  const pools = '  files: {members: [web1, web2]}\n  web: {members: [web1, web2]}';
  const services = [service('files', '[21, 1025-1125]', 'files'), service('web', '80', 'web')].join('\n');

  test.each([
    ['by its own port', '{ftp: {greeting: ready}}'],
    ['named by a port of the list', '{ftp: {greeting: ready}, for: tcp/21}'],
    ['named by a port of the range', '{ftp: {greeting: ready}, for: tcp/1100}'],
    ['named whole', '{ftp: {greeting: ready}, for: "tcp/21,1025-1125"}'],
    ['asked at a port of the range', '{tcp: {port: 1025}, name: ftp}'],
  ])('%s', (_, probe) => {
    const definitions = text(pools, services, `health: {probes: [${probe}]},`);
    expect(probesOf(definitions, 'web1')).toEqual(['ftp > tcp/21,1025-1125']);
    const words = deriveHealth(read(definitions)).pools.map(({ name }) => name);
    expect(words).toContain('files tcp/21,1025-1125');
  });

  test('of several services that have the port: one for each', () => {
    const more = `${services}\n  other: {address: 198.51.100.11, port: 21, sequence: [files]}`;
    const definitions = text(pools, more, 'health: {probes: [{ftp: {}}]},').replaceAll('mode: nat', 'mode: loopback');
    expect(probesOf(definitions, 'web1')).toEqual(['ftp > tcp/21,1025-1125', 'ftp tcp/21 > tcp/21']);
  });

  test('no port of a service: all of the device', () => {
    expect(probesOf(text(pools, services, 'health: {probes: [{http: {port: 9000}}]},'), 'web1')).toEqual(['http']);
  });
});

test.each([
  ['comes_back: {after: 1m}', 'comes_back: {after: 2m}', 'when it comes back'],
  ['interval: 1s', 'interval: 2s', 'how often it is asked'],
  ['comes_back: {after: 1m}', '', 'when it comes back'],
])('pools that say it differently (%s, %s) are refused, both by name', (one, other, what) => {
  const pools = `  web: {members: [web1, web2], health: {${one}}}\n  mail: {members: [web1], health: {${other}}}`;
  const services = [service('web', '80', 'web'), service('mail', '25', 'mail')].join('\n');
  const result = readDefinitions(text(pools, services), 'a.yaml');
  expect(result.ok ? [] : result.problems.map(({ message, hint }) => [message, hint])).toEqual([
    [
      `pools web and mail both have web1, and do not say alike ${what}`,
      'say it alike in both, or write health: at device web1; probes and limits may differ',
    ],
  ]);
});

test('a pool that is watched and one that is not are refused', () => {
  const pools = '  web: {members: [web1, web2], health: {}}\n  mail: {members: [web1], health: off}';
  const services = [service('web', '80', 'web'), service('mail', '25', 'mail')].join('\n');
  const result = readDefinitions(text(pools, services), 'a.yaml');
  expect(result.ok ? '' : result.problems[0]!.message).toContain('do not say alike whether it is watched');
});
