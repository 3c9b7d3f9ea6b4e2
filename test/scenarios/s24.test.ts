import { expect } from 'vitest';
import {
  type CapturedFrame,
  Engine,
  expectLegs,
  fetchHttp,
  type Lab,
  loopbackServer,
  namesOf,
  natServer,
  type Recording,
  routingFirewall,
  scenario,
  startFtp,
  startNginx,
  type Topology,
} from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, clientRoutes, ENGINE_ADDRESSES, U1, W1 } from './common.ts';

/** The server's second address, which it hands out for data. */
const APP1 = '10.0.3.11';

const firewall = (last: number) =>
  routingFirewall({
    outside: { on: 'i1', addresses: [`10.0.1.${last}/24`] },
    inside: { on: 'i2', addresses: [`10.0.2.${last}/24`] },
    routes: ['default via 10.0.1.2', '198.51.100.0/24 via 10.0.2.2', '10.0.3.0/24 via 10.0.2.2'],
  });

/** There and back by one firewall: an address outside, the same or another one at the server, and a port. */
const eight = (fw: 965 | 966, outer: string, inner: string, port: string): string => `
| 1  | client → engine | i0 | –   | U1     | ${outer} | d ${port} | R_M      | E0_M     |
| 2  | engine → FW     | –  | i1  | U1     | ${outer} | d ${port} | E1_M     | FW${fw}0_M |
| 3  | FW → engine     | i2 | –   | U1     | ${outer} | d ${port} | FW${fw}1_M | E2_M     |
| 4  | engine → 972    | –  | i3  | U1     | ${inner} | d ${port} | E3_M     | S1_M     |
| 5  | 972 → engine    | i3 | –   | ${inner} | U1     | s ${port} | S1_M     | E3_M     |
| 6  | engine → FW     | –  | i2  | ${outer} | U1     | s ${port} | E2_M     | FW${fw}1_M |
| 7  | FW → engine     | i1 | –   | ${outer} | U1     | s ${port} | FW${fw}0_M | E1_M     |
| 8  | engine → client | –  | i0  | ${outer} | U1     | s ${port} | E0_M     | R_M      |`;

const table = (...exchanges: readonly string[]): string => `
| #  | from → to       | in | out | src IP | dst IP | port | src MAC  | dst MAC  |
|----|-----------------|----|-----|--------|--------|------|----------|----------|${exchanges.join('')}`;

const TABLE = table(eight(965, 'W1', 'A1', 'P1'), eight(966, 'APP1', 'APP1', 'D1'));

const ONE_APPLICATION = `
  control: {address: ${W1}, protocol: tcp, port: 21, sequence: [fw965, app]}
  data:    {address: ${APP1}, protocol: tcp, port: "1025-65535", sequence: [fw966, app]}
`;

/** FTP, and a second application at port 80: each owns the ports it negotiates. */
const TWO_APPLICATIONS = `
  control:     {address: ${W1}, protocol: tcp, port: 21, sequence: [fw965, app]}
  data:        {address: ${APP1}, protocol: tcp, port: "2000-2100", sequence: [fw966, app]}
  second:      {address: ${W1}, protocol: tcp, port: 80, sequence: [fw966, app]}
  second-data: {address: ${APP1}, protocol: tcp, port: "2101-2200", sequence: [fw965, app]}
`;

const definitions = (mode: 'loopback' | 'nat', services: string): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
devices:
  fw965: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}}
  fw966: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:04:01"}, inside: {interface: i2, mac: "02:00:00:00:04:02"}}}
  app:   {kind: server, mode: ${mode}, address: ${APP1}, legs: {only: {interface: i3, mac: "02:00:00:00:05:01"}}}
services:${services}`;

const topology = (mode: 'loopback' | 'nat'): Topology => {
  const fields = { on: 'i3', addresses: [`${APP1}/24`], gateways: ['10.0.3.2'], owns: [W1] };
  return {
    engine: ENGINE_ADDRESSES,
    hosts: {
      ...clientRoutes(['198.51.100.0/24 via 192.0.2.2', '10.0.3.0/24 via 192.0.2.2']),
      fw965: firewall(21),
      fw966: firewall(22),
      s1: mode === 'nat' ? natServer(fields) : loopbackServer(fields),
    },
  };
};

const fetchFtp = (lab: Lab): Promise<string> =>
  lab
    .host('client')
    .run('curl', [
      ...['--silent', '--show-error', '--max-time', '10', '--disable-epsv', '--no-ftp-skip-pasv-ip'],
      `ftp://${W1}/file.txt`,
    ]);

/** The port that was negotiated. */
const dataPort = (frames: readonly CapturedFrame[]): number =>
  frames.find(({ leg, fields: { ip } }) => leg === 'i0' && ip?.destination === APP1)?.fields.ip?.destinationPort ?? 0;

/** Where a first packet for each port of APP1 goes, by the host's name; "-" for those nobody owns. */
async function firstHops(lab: Lab, recording: Recording, ports: readonly number[]): Promise<string[]> {
  const address = { to: lab.engine.mac('i0'), from: lab.host('router').mac('eth0') };
  const frames = ports.map((port) =>
    ethernet(address, ipv4({ source: U1, destination: APP1 }, tcp({ source: 40_000, destination: port, flags: 2 }))),
  );
  await lab.host('router').send('eth0', ...frames);
  const sent = (await recording.quiet()).filter((frame) => frame.leg === 'i1' && frame.way === 'out');
  return ports.map((port) => {
    const first = sent.find((frame) => frame.fields.ip?.destinationPort === port);
    return ['fw965', 'fw966'].find((host) => lab.host(host).mac('fw0') === first?.fields.to) ?? '-';
  });
}

scenario(
  'S24 an FTP server negotiates its own address and a port above 1024: another firewall, and never NAT',
  topology('nat'),
  async (lab, recording) => {
    await startFtp(lab.host('s1'), { min: 2000, max: 2100, address: APP1 }, 'a file by FTP\n');
    await Engine.start(lab, definitions('nat', ONE_APPLICATION));
    expect(await fetchFtp(lab)).toBe('a file by FTP\n');
    const frames = await recording.quiet();
    const names = { U1, W1, APP1, A1: APP1, P1: 21, D1: dataPort(frames) };
    expectLegs(frames, TABLE, namesOf(lab, names));
  },
);

scenario('S24 the same of a loopback server that has both addresses', topology('loopback'), async (lab, recording) => {
  await startNginx(lab.host('s1'), { 21: 'go on at port 2050', 2050: 'data' });
  await Engine.start(lab, definitions('loopback', ONE_APPLICATION));
  expect(await fetchHttp(lab.host('client'), `${W1}:21`)).toContain('go on');
  expect(await fetchHttp(lab.host('client'), `${APP1}:2050`)).toContain('data');
  expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, APP1, A1: W1, P1: 21, D1: 2050 }));
});

for (const mode of ['loopback', 'nat'] as const) {
  scenario(
    `S24 two applications of a ${mode} server own a range each on its own address, with a firewall each`,
    topology(mode),
    async (lab, recording) => {
      // vsftpd waits for data at the address it was asked by: in loopback mode something else takes its part.
      const ftp = mode === 'nat';
      const answers = { 80: 'go on at port 2150', 2150: 'data' };
      await startNginx(lab.host('s1'), ftp ? answers : { ...answers, 21: 'go on at port 2050', 2050: 'data' });
      if (ftp) {
        await startFtp(lab.host('s1'), { min: 2000, max: 2100, address: APP1 }, 'a file by FTP\n');
      }
      await Engine.start(lab, definitions(mode, TWO_APPLICATIONS));
      if (ftp) {
        expect(await fetchFtp(lab)).toBe('a file by FTP\n');
      } else {
        expect(await fetchHttp(lab.host('client'), `${W1}:21`)).toContain('go on');
        expect(await fetchHttp(lab.host('client'), `${APP1}:2050`)).toContain('data');
      }
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('go on');
      expect(await fetchHttp(lab.host('client'), `${APP1}:2150`)).toContain('data');
      const frames = await recording.quiet();
      const exchanges = table(
        eight(965, 'W1', 'A1', '21'),
        eight(966, 'APP1', 'APP1', 'D1'),
        eight(966, 'W1', 'A1', '80'),
        eight(965, 'APP1', 'APP1', '2150'),
      );
      const names = { U1, W1, APP1, A1: mode === 'nat' ? APP1 : W1, D1: dataPort(frames) };
      expectLegs(frames, exchanges, namesOf(lab, names));
    },
  );
}

for (const [who, services, hops] of [
  ['a single application owns 1025 to 65535', ONE_APPLICATION, { 21: '-', 1024: '-', 1025: 'fw966', 65535: 'fw966' }],
  [
    'each of two applications its own ports, and nobody the others',
    TWO_APPLICATIONS,
    { 1999: '-', 2000: 'fw966', 2100: 'fw966', 2101: 'fw965', 2200: 'fw965', 2201: '-' },
  ],
] as const) {
  scenario(`S24 where ranges end: ${who}`, topology('nat'), async (lab, recording) => {
    const engine = await Engine.start(lab, definitions('nat', services));
    expect(await firstHops(lab, recording, Object.keys(hops).map(Number))).toEqual(Object.values(hops));
    expect(await engine.verdict('DROP_UNDEFINED_PORT', 'i0')).toBe(2);
  });
}
