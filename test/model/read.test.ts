import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parse } from '../../src/model/read/parse.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { jsonSchema } from '../../src/model/schema/json-schema.ts';
import type { Model, Service } from '../../src/model/types.ts';
import { file } from './refusal.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const PUBLISHED = JSON.parse(readFileSync(new URL('../../docs/hopline.schema.json', import.meta.url), 'utf8'));

function read(text: string): Model {
  const result = readDefinitions(text, 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.model;
}

function service(text: string): Service | undefined {
  return read(file({ services: `shop: {address: 198.51.100.10, ${text}}` })).services.get('shop');
}

const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));

describe('examples', () => {
  test.each(examples)('%s reads without a problem', (name) => {
    const text = readFileSync(new URL(name, EXAMPLES), 'utf8');
    expect(readDefinitions(text, name)).toMatchObject({ ok: true });
  });

  test.each(examples)('%s is what the published schema allows', (name) => {
    const text = readFileSync(new URL(name, EXAMPLES), 'utf8');
    expect(z.fromJSONSchema(PUBLISHED).safeParse(load(text))).toMatchObject({ success: true });
  });
});

test('the published schema is that of src/model/schema/schema.ts (else: node docs/generate-schema.ts && npm run format)', () => {
  expect(PUBLISHED).toEqual(jsonSchema());
});

test('JSON is read like YAML, indented by tabs too', () => {
  const json = JSON.stringify(load(file({})), null, '\t');
  expect(read(json)).toEqual(read(file({})));
});

test('a section with nothing in it is like none', () => {
  expect(read('interfaces: {}\ndevices:\npools:\nservices:\n').services.size).toBe(0);
});

describe('what is written once and merged', () => {
  const MERGED = `x-fw: &fw {kind: inline, function: firewall}
x-note: anything, [of, anybody]
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {}
  i2: {}
devices:
  fw1: {<<: *fw, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  web:
    kind: server
    function: cache
    <<: [*fw, {vendor: acme}]
    legs: {only: {interface: i2, mac: "02:00:00:00:04:02"}}
services:
  shop: &shop {address: 198.51.100.10, port: 80, sequence: [fw1, web]}
  more: {<<: *shop, address: 198.51.100.11}
`;

  test('a table takes keys of another, its own first, then those of the first in a list', () => {
    const { devices, services } = read(MERGED);
    expect(devices.get('fw1')).toMatchObject({ kind: 'inline', function: 'firewall' });
    expect(devices.get('web')).toMatchObject({ kind: 'server', function: 'cache', vendor: 'acme' });
    expect(services.get('more')).toMatchObject({ addresses: ['198.51.100.11'], ports: [{ from: 80, to: 80 }] });
  });

  test('the published schema allows keys x-... of the file too', () => {
    expect(z.fromJSONSchema(PUBLISHED).safeParse({ interfaces: {}, 'x-fw': { kind: 'inline' } })).toMatchObject({
      success: true,
    });
    expect(z.fromJSONSchema(PUBLISHED).safeParse({ interfaces: {}, y: 1 })).toMatchObject({ success: false });
  });

  test('a fault in what is merged is told where it is merged', () => {
    const result = readDefinitions(MERGED.replace('function: firewall', 'functon: firewall'), 'hopline.yaml');
    expect(result).toMatchObject({
      problems: [
        { line: 8, column: 3, message: 'devices.fw1: there is no key "functon"' },
        { line: 9, column: 3 },
      ],
    });
  });

  test('ten keys are merged into each of 100,000 services', () => {
    const service = Array.from({ length: 10 }, (_, i) => `k${i}: 1`).join(', ');
    const lines = Array.from({ length: 100_000 }, (_, i) => `  s${i}: {<<: *one}`).join('\n');
    const parsed = parse(`x-one: &one {${service}}\nservices:\n${lines}\n`);
    expect(parsed).toHaveProperty('value.services.s99999.k9', 1);
  });

  test('keys that multiply by merging are refused', () => {
    const tables = Array.from(
      { length: 30 },
      (_, i) => `x-${i + 1}: &t${i + 1} {<<: [${Array(90).fill(`*t${i}`)}], k${i}: 1}`,
    );
    const result = readDefinitions(
      `x-0: &t0 {a: 1}\n${tables.join('\n')}\ninterfaces: {${'<<: *t30, '.repeat(1)}}\n`,
      'f',
    );
    expect(result.ok).toBe(false);
  });
});

const through = (target: string, isPool = false) => ({ kind: 'through', target, isPool });

describe('short forms of a service', () => {
  test.each([
    [
      'nothing but a port',
      'port: 80, sequence: [web2]',
      { protocol: 'tcp', ports: [{ from: 80, to: 80 }], outward: false },
    ],
    [
      'from is every interface that faces clients',
      'port: 80, sequence: [web2]',
      { from: [{ kind: 'interface', name: 'i0' }] },
    ],
    ['from a device', 'port: 80, from: web1, sequence: [web2]', { from: [{ kind: 'device', name: 'web1' }] }],
    ['a range', 'port: 1025-1125, sequence: [web2]', { ports: [{ from: 1025, to: 1125 }] }],
    ['a range of one port', 'port: "80", sequence: [web2]', { ports: [{ from: 80, to: 80 }] }],
    [
      'a list, in any order',
      'port: [443, "80-90"], sequence: [web2]',
      {
        ports: [
          { from: 80, to: 90 },
          { from: 443, to: 443 },
        ],
      },
    ],
    ['any port', 'port: any, sequence: [web2]', { ports: 'any' }],
    ['a protocol by number that has a name', 'protocol: 17, port: 53, sequence: [web2]', { protocol: 'udp' }],
    ['a protocol by number that has none', 'protocol: 47, sequence: [web2]', { protocol: 47, ports: 'any' }],
    ['an exit by the kernel', 'port: 80, exit: route, sequence: [web2]', { exit: { kind: 'route' } }],
    [
      'a pool as a step',
      'port: 80, sequence: [firewalls, web2]',
      { sequence: [through('firewalls', true), through('web2')] },
    ],
    [
      'an alternate',
      'port: 80, sequence: [fw1: {alternate: fw2}, web2]',
      { sequence: [through('fw1+fw2', true), through('web2')] },
    ],
    [
      'a tap by name',
      'port: 80, sequence: [copy: ids1, web2]',
      { sequence: [{ kind: 'copy', to: ['ids1'], answers: 'server' }, through('web2')] },
    ],
    [
      'answers dropped',
      'port: 80, sequence: [copy: {to: ids1, answers: drop}, web2]',
      { sequence: [{ kind: 'copy', to: ['ids1'], answers: 'drop' }, through('web2')] },
    ],
    [
      'a revealed port',
      'port: 80, sequence: [fw1: {reveals: {port: 81}}, web2]',
      { sequence: [{ ...through('fw1'), reveals: { ports: [{ from: 81, to: 81 }] } }, through('web2')] },
    ],
    [
      'a translated port',
      'port: 80, sequence: [web2: {port: 8080}]',
      { sequence: [{ ...through('web2'), port: 8080 }] },
    ],
    ['another way back', 'port: 80, sequence: [fw1, web2], return: [fw2]', { return: [through('fw2')] }],
  ])('%s', (_name, text, expected) => {
    expect(service(text)).toMatchObject(expected);
  });
});

test('the pool of an alternate is among the pools', () => {
  const { pools } = read(
    file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [fw1: {alternate: fw2}, web2]}' }),
  );
  expect(pools.get('fw1+fw2')).toEqual({ name: 'fw1+fw2', members: ['fw1', 'fw2'], use: 'primary', active: 'fw1' });
});

test('addresses and MACs are written one way, however they came', () => {
  const { devices, services } = read(
    file({
      devices: '+x1: {kind: server, legs: {only: {interface: i2, mac: 02-00-00-00-0A-01}}}',
      services: 'shop: {address: "2001:DB8:0:0::0010", port: 80, sequence: [x1]}',
    }),
  );
  expect(devices.get('x1')?.outside.mac).toBe('02:00:00:00:0a:01');
  expect(services.get('shop')?.addresses).toEqual(['2001:db8::10']);
});

test('an interface has its NIC, tags and faces written out', () => {
  const { interfaces } = read(
    file({
      interfaces:
        '+i4: {nic: i3, vlan: [100, 7], faces: [clients, devices], gateway: 10.1.0.1, gateway_mac: "02:00:00:00:09:01"}\n  i5: {}',
    }),
  );
  expect(interfaces.get('i4')).toEqual({
    name: 'i4',
    nic: 'i3',
    vlans: [100, 7],
    clients: true,
    devices: true,
    gateways: [{ address: '10.1.0.1', mac: '02:00:00:00:09:01' }],
  });
  expect(interfaces.get('i5')).toEqual({
    name: 'i5',
    nic: 'i5',
    vlans: [],
    clients: false,
    devices: true,
    gateways: [],
  });
});

test('a device in loopback mode with one leg has it on both sides, with the tags of its interface', () => {
  const { devices } = read(
    file({
      interfaces: '+i4: {vlan: 7}',
      devices: '+x1: {kind: server, address: 10.0.4.1, legs: {only: {interface: i4}}}',
    }),
  );
  const leg = { interface: 'i4', vlans: [7], address: '10.0.4.1' };
  expect(devices.get('x1')).toMatchObject({ mode: 'loopback', oneLegged: true, outside: leg, inside: leg });
});

describe('what only looks like a clash', () => {
  test.each([
    [
      'one address and port for TCP and UDP',
      'a: {address: 10.9.0.1, port: 53, sequence: [web2]}\n  b: {address: 10.9.0.1, port: 53, protocol: udp, sequence: [web2]}',
    ],
    [
      'a port inside the range of another service',
      'a: {address: 10.9.0.1, port: 1025-1125, sequence: [web2]}\n  b: {address: 10.9.0.1, port: 1100, sequence: [fw1, web2]}',
    ],
    [
      'ranges that touch',
      'a: {address: 10.9.0.1, port: 1025-1125, sequence: [web2]}\n  b: {address: 10.9.0.1, port: 1126-1300, sequence: [fw1, web2]}',
    ],
    [
      'one server for two ports by NAT',
      'a: {address: 10.9.0.1, port: 80, sequence: [web1]}\n  b: {address: 10.9.0.2, port: 81, sequence: [web1]}',
    ],
    [
      'one server for two addresses without NAT',
      'a: {address: 10.9.0.1, port: 80, sequence: [web2]}\n  b: {address: 10.9.0.2, port: 80, sequence: [web2]}',
    ],
    [
      'one address opened by clients and by a server, over other devices',
      'a: {address: 10.9.0.1, port: 80, sequence: [web1]}\n  b: {address: 10.9.0.1, port: 80, from: web1, sequence: [fw1, web2]}',
    ],
    [
      "a NAT server's own address as a service of its own",
      'a: {address: 10.9.0.1, port: 80, sequence: [fw1, web1]}\n  b: {address: 10.0.3.11, port: 1025-65535, sequence: [fw2, web1]}',
    ],
    [
      'a device twice, told apart by what is revealed between',
      'a: {address: 10.9.0.1, port: 80, sequence: [fw1, fw2: {reveals: {port: 81}}, fw1, web2]}',
    ],
    [
      'a tap twice whose answers are dropped',
      'a: {address: 10.9.0.1, port: 80, sequence: [copy: {to: ids1, answers: drop}, fw1, copy: {to: ids1, answers: drop}, web2]}',
    ],
    [
      'an outward service of the address of a service',
      'a: {address: 10.0.3.11, port: 80, sequence: [web1]}\n  b: {outward: true, address: 10.0.3.11, sequence: [fw1, i0]}',
    ],
    [
      'any port and one port of it at one server, opened from the same place',
      'a: {address: 10.9.0.1, port: any, sequence: [fw1, web1]}\n  b: {address: 10.9.0.1, port: 80, sequence: [fw1, fw2, web1]}',
    ],
    [
      "a port outside the range of the NAT server's own address",
      'a: {address: 10.9.0.1, port: 80, sequence: [web1]}\n  b: {address: 10.0.3.11, port: 1025-65535, sequence: [web1]}',
    ],
    [
      'any port of one address, and ports that the address opens itself',
      'a: {address: 10.0.3.11, port: any, sequence: [web1]}\n  b: {outward: true, address: 10.0.3.11, port: [80, 443], sequence: [fw1, i0]}',
    ],
    [
      'a range for data of a server that opens any port itself',
      'a: {address: 10.0.3.11, port: 1025-1125, sequence: [web1]}\n  b: {outward: true, address: 10.0.3.11, sequence: [fw1, i0]}',
    ],
  ])('%s', (_name, services) => {
    expect(read(file({ services })).services.size).toBe(services.split('\n').length);
  });
});
