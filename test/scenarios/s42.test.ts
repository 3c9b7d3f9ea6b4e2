/** Several SYNs in a row of one connection, nothing else following: the alarm, before the next probe is due ([0160]). */
import { expect } from 'vitest';
import {
  cutSilently,
  Engine,
  fetchHttp,
  type HostSpec,
  type Lab,
  loopbackServer,
  scenario,
  startNginx,
  type Topology,
  watch,
} from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const A1 = '10.0.1.11';
const A2 = '10.0.1.12';
/** The next probe is not due while the scenario runs. */
const SLOW = 60_000;

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
  s1: {kind: server, mode: loopback, address: ${A1}, legs: {only: {interface: i1}}}
  s2: {kind: server, mode: loopback, address: ${A2}, legs: {only: {interface: i1}}}
pools:
  webs: {members: [s1, s2], health: {interval: ${SLOW}ms}}
services:
  web: {address: ${W1}, port: 80, sequence: [webs]}
`;

const server = (address: string): HostSpec =>
  loopbackServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'], owns: [W1] });

const bothWays: Topology = {
  engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
  hosts: { ...outside, s1: server(A1), s2: server(A2) },
};

/** The servers answer clients by a router of their own: the engine sees one direction only. */
const oneWay: Topology = {
  engine: bothWays.engine,
  hosts: {
    ...bothWays.hosts,
    ...Object.fromEntries(
      [A1, A2].map((address, place) => {
        const spec = server(address);
        const side = { on: 'i0far', addresses: [`203.0.113.${11 + place}/24`] };
        const routes = ['203.0.113.0/25 dev eth1', 'default via 10.0.1.2'];
        return [`s${place + 1}`, { ...spec, legs: { ...spec.legs, eth1: side }, routes }];
      }),
    ),
  },
};

/** SYNs of so many connections, each so many times. */
async function sendSyns(lab: Lab, connections: number, times: number): Promise<void> {
  const router = lab.host('router');
  const frame = (port: number): Uint8Array =>
    ethernet(
      { to: lab.engine.mac('i0'), from: router.mac('eth0') },
      ipv4({ source: '203.0.113.200', destination: W1 }, tcp({ source: port, destination: 80, flags: 2 })),
    );
  const frames = Array.from({ length: connections }, (_, place) => frame(20_000 + place));
  for (let round = 0; round < times; round++) {
    await router.send('eth0', ...frames);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const [how, topology] of [
  ['both directions', bothWays],
  ['one direction only', oneWay],
] as const) {
  scenario(
    `S42 the engine sees ${how}: repeated SYNs raise the alarm, answered ones and a flood do not`,
    topology,
    async (lab, recording) => {
      const nginx = await Promise.all(['s1', 's2'].map((name) => startNginx(lab.host(name), { 80: `from ${name}` })));
      const watching = watch(await Engine.start(lab, definitions));
      await watching.state('s1', 'up', 'tcp/80');
      const client = lab.host('client');
      for (let request = 0; request < 5; request++) expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');
      await sendSyns(lab, 500, 1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await watching.events()).toEqual([]);

      await cutSilently(lab.host('s1'), 'eth0');
      // A real client, and its own retransmissions: after 1 and 3 seconds.
      expect(await fetchHttp(client, `${W1}:80`, '--max-time', '15')).toBe('from s2\n');
      expect(await watching.events()).toMatchObject([
        {
          what: 'alarm',
          device: 's1',
          application: 'tcp/80',
          reason: expect.stringMatching(/SYNs of one connection/),
          trigger: 'traffic',
        },
        { what: 'state', device: 's1', to: 'down' },
        { what: 'move', pool: 'webs tcp/80', from: 's1', to: 's2' },
      ]);
      expect(nginx.every(({ running }) => running)).toBe(true);
      const answers = recording.frames().some(({ fields: { ip } }) => ip?.source === W1 && ip.destination === U1);
      expect(answers).toBe(topology === bothWays);
    },
  );
}
