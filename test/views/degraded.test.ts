import { expect, test } from 'vitest';
import { readModel } from '../../src/control/change/read.ts';
import type { NetworkSnapshot } from '../../src/net/snapshot.ts';
import { judge } from '../../src/views/degraded.ts';

const MODEL = readModel({
  file: 'test',
  text: `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
devices:
  fw1: {kind: inline, legs: {only: {interface: i1, mac: "02:00:00:00:00:01"}}}
  fw2: {kind: inline, legs: {only: {interface: i1, address: 10.0.1.2}}}
  app: {kind: server, legs: {only: {interface: i1, address: 10.0.1.9}}}
pools:
  firewalls: {members: [fw1, fw2]}
services:
  shop: {address: 198.51.100.10, port: 443, sequence: [firewalls, app]}
`,
});

const ALL = { 'i0 192.0.2.1': '02:aa', 'i1 10.0.1.2': '02:bb', 'i1 10.0.1.9': '02:cc' };

interface Network {
  readonly known?: Readonly<Record<string, string>>;
  readonly down?: string;
  readonly gone?: string;
  readonly detached?: number;
  readonly doubts?: Readonly<Record<string, string>>;
}

function judged({ known = ALL, down, gone, detached, doubts = {} }: Network) {
  const nics = ['i0', 'i1'].map((name, place) => {
    const state = { name, ifindex: place + 1, mac: '02:00', mtu: 1500, up: name !== down, addresses: [] };
    return [name, state] as const;
  });
  const network: NetworkSnapshot = {
    nics: new Map(nics.filter(([name]) => name !== gone)),
    neighbours: new Map(Object.entries(known)),
    vlanDevices: [],
  };
  const attached = new Map([1, 2].filter((ifindex) => ifindex !== detached).map((ifindex) => [ifindex, 'native']));
  return judge(MODEL, network, attached, undefined, new Map(Object.entries(doubts)));
}

function without(key: keyof typeof ALL) {
  const { [key]: _, ...others } = ALL;
  return others;
}

test('with everything known and attached, all is well', () => {
  expect(judged({})).toMatchObject({ services: [], problems: [] });
});

test.each<[string, Network, RegExp]>([
  [
    'a server whose MAC is unknown',
    { known: without('i1 10.0.1.9') },
    /^resolve app\.only: 10\.0\.1\.9 does not answer ARP on i1/,
  ],
  [
    'a gateway whose MAC is unknown',
    { known: without('i0 192.0.2.1') },
    /^resolve gateway of i0: 192\.0\.2\.1 does not answer/,
  ],
  ['a NIC that is gone', { gone: 'i1' }, /^NIC i1 is not there/],
  ['a NIC that is down', { down: 'i0' }, /^NIC i0 is down \(ip link set i0 up\)/],
  ['a NIC the engine is not attached to', { detached: 2 }, /^the engine is not attached to i1 \(hopline attach i1\)/],
  [
    'a mode that is not known',
    { doubts: { app: 'the mode of app is not known yet' } },
    /^the mode of app is not known yet$/,
  ],
])('%s degrades the service and says what to try', (_, network, sentence) => {
  const { services } = judged(network);
  expect(services).toHaveLength(1);
  expect(services[0]!.reasons).toEqual([expect.stringMatching(sentence)]);
});

test('an alternate that is unknown is a problem, but degrades nobody while it stands by', () => {
  const { services, problems } = judged({ known: without('i1 10.0.1.2') });
  expect([services, problems.length]).toEqual([[], 1]);
});
