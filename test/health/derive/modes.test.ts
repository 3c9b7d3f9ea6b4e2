import { describe, expect, test } from 'vitest';
import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { findModes } from '../../../src/health/derive/modes.ts';
import type { Verdict } from '../../../src/health/machine/run.ts';
import type { FleetView } from '../../../src/health/machine/view.ts';
import { readDefinitions } from '../../../src/model/read/read.ts';
import type { AutoMode, DeviceMode, Model } from '../../../src/model/types.ts';

const W = '198.51.100.10';
const OWN = '10.0.3.11';

/** A file with one server whose mode is to be found out. */
function modelOf(device: string, services = `web: {address: ${W}, port: [8080, 80], sequence: [app1]}`): Model {
  const text = `
interfaces: {i0: {faces: clients, gateway: 192.0.2.1}, i3: {}}
devices:
  app1: {kind: server, mode: auto, ${device}, legs: {only: {interface: i3, mac: "02:00:00:00:05:01"}}}
  app2: {kind: server, mode: nat, address: 10.0.3.12, legs: {only: {interface: i3}}}
pools: {webs: {members: [app2, app1]}}
services:
  ${services}
`;
  const result = readDefinitions(text, 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.model;
}

function as(model: Model, auto: AutoMode, mode: DeviceMode): Model {
  return { ...model, devices: new Map(model.devices).set('app1', { ...model.devices.get('app1')!, auto, mode }) };
}

/** "mode nat to 10.0.3.11:80, weighs 0, every 500" */
function probes(model: Model): string[] {
  const { probes: all } = deriveHealth(model).devices.find(({ name }) => name === 'app1')!;
  return all.map(({ name, question, weight, interval }) => {
    const { address, port } = question as { address?: string; port?: number };
    return `${name} to ${address}:${port}, weighs ${weight}, every ${interval}`;
  });
}

describe('what is asked of a server whose mode is to be found out', () => {
  const known = `address: ${OWN}`;
  const asService = `mode loopback to ${W}:80, weighs 0, every 500`;
  const asOwn = `mode nat to ${OWN}:80, weighs 0, every 500`;
  test.each<[string, Model, string[]]>([
    ['both addresses, and nothing that judges it', modelOf(known), [asService, asOwn]],
    ['only the service address where it has no other', modelOf('vendor: V1'), [asService]],
    [
      'at the pace of its handshakes, and what is asked by an address of its own',
      modelOf(`${known}, health: {interval: 100ms, probes: [handshake, {http: {port: 81}, interval: 2s}]}`),
      [
        'http to undefined:81, weighs 1, every 2000',
        `mode loopback to ${W}:80, weighs 0, every 100`,
        `mode nat to ${OWN}:80, weighs 0, every 100`,
      ],
    ],
    [
      'as a member of a pool, at the port it gets there',
      modelOf(known, `web: {address: ${W}, port: 443, sequence: [{webs: {port: 8443}}]}`),
      [`mode loopback to ${W}:8443, weighs 0, every 500`, `mode nat to ${OWN}:8443, weighs 0, every 500`],
    ],
    [
      'where only its links are watched',
      modelOf(`${known}, health: {probes: [{command: [/bin/true]}]}`),
      ['command to undefined:undefined, weighs 1, every 5000', asService, asOwn],
    ],
    [
      'once it is found, what is asked of any such server',
      as(modelOf(known, `web: {address: ${W}, port: 80, sequence: [app1]}`), 'found', 'nat'),
      [`handshake tcp/80 to ${OWN}:80, weighs 1, every 500`],
    ],
    [
      'when it is tried again, both',
      as(modelOf(known, `web: {address: ${W}, port: 80, sequence: [app1]}`), 'checked', 'nat'),
      [
        `handshake tcp/80 to ${OWN}:80, weighs 1, every 500`,
        `mode loopback to ${W}:80, weighs 0, every 500`,
        `mode nat to ${OWN}:80, weighs 0, every 500`,
      ],
    ],
  ])('%s', (_, model, expected) => {
    expect(probes(model)).toEqual(expected);
  });
});

/** What the machine would say of the two probes. */
function viewOf(verdicts: Readonly<Record<string, Verdict>>): FleetView {
  const all = Object.entries(verdicts).map(([name, verdict]) => ({
    ...{ name, verdict, words: '', latency: 0, loss: 0, interval: 500 },
  }));
  const row = { device: 'app1', state: 'up', reason: '', age: 0, answers: true, measures: [] } as const;
  return { devices: [{ ...row, probes: all }], pools: [] };
}

describe('what is found out', () => {
  test.each<[string, string, Verdict, Verdict | undefined, string, string]>([
    [
      'it answers for the service address only',
      `address: ${OWN}`,
      'passing',
      'failing',
      'loopback',
      'W answers H, OWN does not',
    ],
    [
      'it answers for its own address only',
      `address: ${OWN}`,
      'failing',
      'passing',
      'nat',
      'OWN answers H, W does not',
    ],
    [
      'it answers for both',
      `address: ${OWN}`,
      'passing',
      'passing',
      'both',
      'both W and OWN answer H (write mode: loopback, alias or nat)',
    ],
    ['it answers for none', `address: ${OWN}`, 'failing', 'failing', 'neither', 'neither W nor OWN answers H'],
    ['one is not tried enough', `address: ${OWN}`, 'passing', 'unknown', 'open', 'H is being tried'],
    ['nothing was heard yet', `address: ${OWN}`, 'unknown', 'unknown', 'open', 'H is being tried'],
    ['it has no other address and answers', 'vendor: V1', 'passing', undefined, 'loopback', 'W answers H'],
    ['it has no other address and is silent', 'vendor: V1', 'failing', undefined, 'neither', 'W does not answer H'],
  ])('%s', (_, device, service, own, is, reason) => {
    const model = modelOf(device, `web: {address: ${W}, port: 80, sequence: [app1]}`);
    const verdicts = { 'mode loopback': service, ...(own !== undefined && { 'mode nat': own }) };
    const words = reason.replace('H', 'a handshake on tcp/80').replace('OWN', OWN).replace('W', W);
    expect(findModes(model, () => viewOf(verdicts))).toEqual([{ device: 'app1', is, reason: words }]);
  });

  test('nothing is looked at where no mode is tried', () => {
    const view = (): FleetView => {
      throw new Error('it was looked at');
    };
    expect(findModes(as(modelOf(`address: ${OWN}`), 'found', 'nat'), view)).toEqual([]);
  });
});
