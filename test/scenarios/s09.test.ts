import { expect } from 'vitest';
import {
  Engine,
  type Lab,
  loopbackServer,
  natServer,
  type Recording,
  scenario,
  startNginx,
  type Topology,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, U1, W1 } from './common.ts';

type Mode = 'loopback' | 'nat';

const SIZE = 2_000_000;
const SMALL = 1300;

/** Both families of everything. */
const FAMILIES = {
  4: { client: U1, service: W1, server: S1, tooBig: [3, 4] },
  6: { client: '2001:db8:7::7', service: '2001:db8:a::10', server: '2001:db8:1::11', tooBig: [2, 0] },
} as const;

type Family = keyof typeof FAMILIES;

const definitions = (mode: Mode, family: Family): string => {
  const { service, server } = FAMILIES[family];
  return `
interfaces:
  ${CLIENTS_ON_I0.replace('192.0.2.1', '[192.0.2.1, "2001:db8::1"]')}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: ${mode}${mode === 'nat' ? `, address: "${server}"` : ''}, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
services:
  web: {address: "${service}", protocol: tcp, port: 80, sequence: [s1]}
`;
};

function topology(mode: Mode): Topology {
  const fields = {
    on: 'i1',
    addresses: [`${S1}/24`, `${FAMILIES[6].server}/64`],
    gateways: ['10.0.1.2', '2001:db8:1::2'],
    owns: [W1, FAMILIES[6].service],
  };
  const { client, router } = outside;
  return {
    engine: {
      i0: [...ENGINE_ADDRESSES.i0, '2001:db8::2/64'],
      i1: [...ENGINE_ADDRESSES.i1, '2001:db8:1::2/64'],
    },
    hosts: {
      client: {
        ...client,
        legs: { eth0: { ...client.legs.eth0!, addresses: [`${U1}/24`, `${FAMILIES[6].client}/64`] } },
        routes: [...(client.routes ?? []), 'default via 2001:db8:7::1'],
      },
      router: {
        ...router,
        legs: {
          eth0: { ...router.legs.eth0!, addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
          eth1: { ...router.legs.eth1!, addresses: ['203.0.113.1/24', '2001:db8:7::1/64'] },
        },
        routes: [...(router.routes ?? []), '2001:db8:a::/64 via 2001:db8::2'],
      },
      s1: mode === 'nat' ? natServer(fields) : loopbackServer(fields),
    },
  };
}

/** One transfer of curl with nginx; what curl got. */
async function transfer(lab: Lab, mode: Mode, family: Family, path: string, ...options: string[]): Promise<string> {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  await Engine.start(lab, definitions(mode, family));
  const url = `http://${end(FAMILIES[family].service, 80)}${path}`;
  return lab.host('client').run('curl', ['--silent', '--show-error', '--max-time', '15', ...options, url]);
}

const end = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Told on a leg: whose packets are too big, in the receiver's own terms. The MTU is in the low bits of the second word. */
async function tooBigs(recording: Recording, family: Family, on: 'i0' | 'i1'): Promise<string[]> {
  const [type, code] = FAMILIES[family].tooBig;
  const frames = await recording.quiet();
  return frames.flatMap(({ leg, way, fields: { ip, from } }) =>
    leg === on && way === 'out' && ip?.icmp?.type === type && ip.icmp.code === code
      ? [
          `${from} ${end(ip.quoted?.source ?? '', ip.quoted?.sourcePort ?? 0)} > ${ip.quoted?.destination} mtu ${ip.icmp.rest & 0xffff}`,
        ]
      : [],
  );
}

/** Where the path is narrow: at the router's other side, or at the engine's own interface. */
const PATHS = [
  ['hears of a small MTU behind the router', [['router', 'eth1']]],
  [
    'is told by the engine itself when the small MTU is an interface of the engine',
    [
      ['engine', 'i0'],
      ['router', 'eth0'],
    ],
  ],
] as const;

for (const family of [4, 6] as const) {
  for (const mode of ['loopback', 'nat'] as const) {
    for (const [what, narrow] of PATHS) {
      scenario(
        `S09 a ${mode} server ${what}, and a large download works over IPv${family}`,
        topology(mode),
        async (lab, recording) => {
          for (const [host, nic] of narrow) {
            await lab.host(host).run('ip', ['link', 'set', nic, 'mtu', String(SMALL)]);
          }
          lab.host('s1').file('big', 'x'.repeat(SIZE));
          expect(await transfer(lab, mode, family, '/big')).toHaveLength(SIZE);
          const { client, service, server } = FAMILIES[family];
          const real = mode === 'nat' ? server : service;
          expect(await tooBigs(recording, family, 'i1')).toContain(
            `${lab.engine.mac('i1')} ${end(real, 80)} > ${client} mtu ${SMALL}`,
          );
        },
      );
    }
  }

  scenario(
    `S09 the client is told by the engine when the way to the server is narrow, and a large upload works over IPv${family}`,
    topology('nat'),
    async (lab, recording) => {
      await lab.engine.run('ip', ['link', 'set', 'i1', 'mtu', String(SMALL)]);
      const file = lab.host('client').file('upload', 'x'.repeat(SIZE / 4));
      const options = ['--header', 'Expect:', '--upload-file', file];
      expect(await transfer(lab, 'nat', family, '/wait/', ...options)).toBe('from s1\n');
      const { client, service } = FAMILIES[family];
      const port = (await recording.quiet()).find(({ fields: { ip } }) => ip?.destinationPort === 80)?.fields.ip
        ?.sourcePort;
      expect(await tooBigs(recording, family, 'i0')).toContain(
        `${lab.engine.mac('i0')} ${end(client, port ?? 0)} > ${service} mtu ${SMALL}`,
      );
    },
  );
}
