/** A real handshake decides, without a byte of data; it starts by itself when packets do not come back ([0162]). */
import { expect } from 'vitest';
import {
  aliasServer,
  type CapturedFrame,
  cutSilently,
  Engine,
  flagText,
  type Host,
  type Lab,
  loopbackServer,
  natServer,
  scenario,
  watch,
} from '../lab/index.ts';
import { ethernet, ipv4, udp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

/** Addresses of one family: the service's, the servers' own, the engine's there, and where handshakes come from. */
const FOUR = { w: W1, own: ['10.0.1.11', '10.0.1.12'], length: 24, gateway: '10.0.1.2', probe: '192.0.0.8' } as const;
const SIX = {
  w: '2001:db8:1::10',
  own: ['2001:db8:a:1::11', '2001:db8:a:1::12'],
  length: 64,
  gateway: '2001:db8:a:1::2',
  probe: '100::8',
} as const;
type Family = typeof FOUR | typeof SIX;

/** Says so when somebody is let in. */
const SERVER = `
require('node:net').createServer((socket) => { console.log('accepted ' + socket.remoteAddress); socket.end(); })
  .listen(80, '::', () => console.log('listening'));`;

const ROLES = { loopback: loopbackServer, alias: aliasServer, nat: natServer } as const;

const definitions = (mode: keyof typeof ROLES, { w, own }: Family): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
  s1: {kind: server, mode: ${mode}, address: "${own[0]}", legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
  s2: {kind: server, mode: ${mode}, address: "${own[1]}", legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
pools:
  webs: {members: [s1, s2], health: {interval: 100ms}}
services:
  web: {address: "${w}", port: 80, sequence: [webs]}
`;

/** Flags of what the engine and a server said to each other at the port of the service, in order. */
function handshakes(frames: readonly CapturedFrame[], server: Host, asked: string, probe: string): string {
  const isOf = ({ fields: { ip, from, to } }: CapturedFrame): boolean =>
    (to === server.mac() && ip?.source === probe && ip.destination === asked && ip.destinationPort === 80) ||
    (from === server.mac() && ip?.destination === probe && ip.source === asked && ip.sourcePort === 80);
  return frames
    .filter(isOf)
    .map(({ fields: { ip } }) => `${flagText(ip?.tcpFlags ?? 0)}${ip?.payload.length === 0 ? '' : ' and data'}`)
    .join(' ');
}

async function isLeftAlone(server: Host, log: string): Promise<void> {
  expect(log).not.toMatch(/accepted/);
  // One may be under way.
  let left = '';
  for (let look = 0; look < 5; look++) {
    left = await server.run('ss', ['-Htan', 'state', 'syn-recv']);
    if (left === '') return;
  }
  expect(left).toBe('');
}

async function startServer(lab: Lab, name: string) {
  const program = lab.host(name).start(process.execPath, ['-e', SERVER]);
  await program.shows(/listening/);
  return program;
}

for (const [mode, family] of [
  ['loopback', FOUR],
  ['loopback', SIX],
  ['alias', FOUR],
  ['nat', FOUR],
] as const) {
  const { w, own, length, gateway, probe } = family;
  const server = (address: string) =>
    ROLES[mode]({ on: 'i1', addresses: [`${address}/${length}`], gateways: [gateway], owns: [w] });
  scenario(
    `S41 a handshake with ${mode} servers ${w === W1 ? '' : 'over IPv6 '}needs no data, leaves nothing behind, and notices the death of a process`,
    {
      engine: { i0: ENGINE_ADDRESSES.i0, i1: [...ENGINE_ADDRESSES.i1, `${SIX.gateway}/64`] },
      hosts: { ...outside, s1: server(own[0]), s2: server(own[1]) },
    },
    async (lab, recording) => {
      const programs = await Promise.all(['s1', 's2'].map((name) => startServer(lab, name)));
      const watching = watch(await Engine.start(lab, definitions(mode, family)));
      await Promise.all(['s1', 's2'].map((name) => watching.state(name, 'up', 'tcp/80')));
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const [place, name] of ['s1', 's2'].entries()) await isLeftAlone(lab.host(name), programs[place]?.log ?? '');
      const asked = mode === 'nat' ? own[0] : w;
      expect(handshakes(recording.frames(), lab.host('s1'), asked, probe)).toMatch(/^(S SA RA? ){3,}/);
      expect(handshakes(recording.frames(), lab.host('s1'), asked, probe)).toMatch(/^(S SA RA? ?)+(S( SA)?)?$/);
      programs[0]?.signal('SIGKILL');
      const events = await watching.until(0, (told) => told.some(({ what }) => what === 'move'));
      expect(events).toMatchObject([
        { what: 'state', device: 's1', application: 'tcp/80', to: 'down', reason: expect.stringMatching(/refused/) },
        { what: 'move', pool: 'webs tcp/80', from: 's1', to: 's2' },
      ]);
      // None of it went anywhere else.
      const elsewhere = recording.frames().filter(({ leg, fields: { ip } }) => {
        return leg !== 'i1' && (ip?.source === probe || ip?.destination === probe);
      });
      expect(elsewhere).toEqual([]);
    },
  );
}

scenario(
  'S41 frames that go into a firewall and do not come out start a test by themselves, long before the next one is due',
  firewallLab(2),
  async (lab) => {
    const engine = await Engine.start(
      lab,
      `${firewallDevices(2, '{interval: 20s}')}
services:
  echo: {address: ${W1}, protocol: udp, port: 7, sequence: [{fw1: {alternate: fw2}}, app1]}
`,
    );
    const watching = watch(engine);
    await watching.state('fw1', 'up');
    await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
    const router = lab.host('router');
    const frame = ethernet(
      { to: lab.engine.mac('i0'), from: router.mac('eth0') },
      ipv4({ source: U1, destination: W1 }, udp({ source: 40_000, destination: 7 })),
    );
    let moved = false;
    // The next probe by itself is 20 s away: what moves it before is the traffic, which the events say.
    for (let round = 0; !moved && round < 1000; round++) {
      await router.send('eth0', ...Array(16).fill(frame));
      moved = (await watching.events()).some(({ what }) => what === 'move');
    }
    expect(await watching.events()).toMatchObject([
      { what: 'alarm', device: 'fw1', reason: expect.stringMatching(/frames went in/), trigger: 'traffic' },
      { what: 'state', device: 'fw1', from: 'up', to: 'down' },
      { what: 'move', pool: 'fw1+fw2', from: 'fw1', to: 'fw2' },
    ]);
  },
);
