import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/control/change/read.ts';
import { keptReplacements, replace, usersOf, withReplacements } from '../../../src/control/overrides/replacements.ts';

const MODEL = readModel({
  file: 'replace.yaml',
  text: `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
  i2: {faces: devices}
devices:
  fw1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  fw2: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:02:01"}, inside: {interface: i2, mac: "02:00:00:00:02:02"}}}
  fw3: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}}
  arm: {kind: inline, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  ids1: {kind: tap, legs: {only: {interface: i1, mac: "02:00:00:00:05:01"}}}
  ids2: {kind: tap, legs: {only: {interface: i1, mac: "02:00:00:00:06:01"}}}
  web1: {kind: server, mode: loopback, legs: {only: {interface: i2, mac: "02:00:00:00:07:01"}}}
pools:
  walls: {members: [fw1, fw2]}
services:
  direct: {address: 198.51.100.1, port: 80, sequence: [fw1, {copy: [ids1]}, web1]}
  pooled: {address: 198.51.100.2, port: 80, sequence: [walls, web1]}
  double: {address: 198.51.100.3, port: 80, sequence: [fw1, fw3, web1]}
  other: {address: 198.51.100.4, port: 80, sequence: [fw2, web1]}
`,
});

const targets = (model: typeof MODEL, name: string) =>
  model.services.get(name)!.sequence.flatMap((step) => (step.kind === 'copy' ? step.to : step.target));

test('every service that names the device gets the other; the rest are the same objects', () => {
  const model = withReplacements(MODEL, { fw1: 'fw2', ids1: 'ids2' });
  expect(targets(model, 'direct')).toEqual(['fw2', 'ids2', 'web1']);
  for (const name of ['pooled', 'other']) expect(model.services.get(name)).toBe(MODEL.services.get(name));
});

test('a pool of both stays as it is, a pool of the one gets the other in its place', () => {
  expect(withReplacements(MODEL, { fw1: 'fw2' }).pools.get('walls')).toBe(MODEL.pools.get('walls'));
  expect(withReplacements(MODEL, { fw1: 'fw3' }).pools.get('walls')).toMatchObject({
    members: ['fw3', 'fw2'],
    active: 'fw3',
  });
});

test('without replacements nothing is made anew', () => {
  expect(withReplacements(MODEL, {})).toBe(MODEL);
});

test('a replacement ends with either device', () => {
  expect(keptReplacements({ fw1: 'fw2', gone: 'fw2', fw3: 'gone' }, MODEL)).toEqual({ fw1: 'fw2' });
});

test.each([
  ['fw1', ['direct', 'pooled', 'double']],
  ['ids1', ['direct']],
  ['arm', []],
])('users of %s', (device, users) => {
  expect(usersOf(MODEL, device)).toEqual(users);
});

describe('what cannot stand in is refused with a cure', () => {
  test.each([
    [{}, 'fw1', 'fw9', /no device fw9 \(hopline device list\)/],
    [{}, 'fw1', 'fw1', /by itself/],
    [{}, 'fw1', 'arm', /mixes fw1 \(two legs\) and arm \(one leg\)/],
    [{}, 'fw1', 'ids1', /mixes fw1 \(inline\) and ids1 \(tap\)/],
    [{}, 'fw1', 'fw3', /service double uses fw3 already/],
    [{ fw1: 'fw2' }, 'fw1', 'fw3', /fw1 is replaced by fw2 already \(hopline device restore fw1\)/],
    [{ fw2: 'fw3' }, 'fw1', 'fw2', /fw2 is replaced by fw3 already/],
  ])('%j %s by %s', (before, device, by, sentence) => {
    expect(() => replace(before, MODEL, device, by)).toThrow(sentence);
  });

  test('what can is remembered beside the others', () => {
    expect(replace({ ids1: 'ids2' }, MODEL, 'fw1', 'fw2')).toEqual({ ids1: 'ids2', fw1: 'fw2' });
  });
});
