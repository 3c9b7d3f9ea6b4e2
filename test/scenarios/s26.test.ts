import { expect } from 'vitest';
import {
  aliasServer,
  Engine,
  expectLegs,
  fetchHttp,
  type Lab,
  listener,
  loopbackServer,
  namesOf,
  natServer,
  routingFirewall,
  scenario,
  startPostgres,
  type Topology,
} from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const W5 = '198.51.100.50';
/** Under these the one database is known to the application. */
const W1D = '198.51.100.110';
const W5D = '198.51.100.150';
const A4 = '10.0.3.11';
const DB1 = '10.0.4.11';

/** How the one database server has both addresses: as aliases, or behind its real one, where ports tell them apart. */
type Mode = 'alias' | 'nat';

const definitions = (mode: Mode, five = mode === 'nat' ? '{db: {port: 5433}}' : 'db'): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
  i4: {faces: devices}
devices:
  f5:   {kind: inline, function: firewall, legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}}
  ids1: {kind: tap, function: ids, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  a4:   {kind: server, mode: loopback, address: ${A4}, legs: {only: {interface: i3}}}
  db:   {kind: server, mode: ${mode}, address: ${DB1}, legs: {only: {interface: i4, mac: "02:00:00:00:06:01"}}}
services:
  one:          {address: ${W1}, protocol: tcp, port: 80, sequence: [{copy: [ids1]}, f5, a4]}
  five:         {address: ${W5}, protocol: tcp, port: 80, sequence: [f5, a4]}
  one-database: {address: ${W1D}, protocol: tcp, port: 5432, from: a4, sequence: [{copy: [ids1]}, db]}
  five-database: {address: ${W5D}, protocol: tcp, port: 5432, from: a4, sequence: [${five}]}
`;

/** The application: tells what the database of the service it was asked by says. */
const APPLICATION = `
const { execFile } = require('node:child_process');
require('node:http').createServer((request, response) => {
  const database = request.socket.localAddress.endsWith('${W1}') ? '${W1D}' : '${W5D}';
  const query = ['-h', database, '-U', 'postgres', '-At', '-c', 'show cluster_name'];
  execFile('psql', query, { env: { ...process.env, PGCONNECT_TIMEOUT: '4', PGSSLMODE: 'disable', PGGSSENCMODE: 'disable' } },
    (error, answer, said) => response.end(error ? said : 'application by ' + database + ': ' + answer));
}).listen(80, '0.0.0.0', () => console.log('listening'));`;

const eight = (service: string, copied: boolean): string => `
| 1  | client → engine | i0 | –   | U1 | ${service} | d 80 | R_M     | E0_M    |${
  copied
    ? `
| 2a | engine → IDS    | –  | i1  | U1 | ${service} | d 80 | E1_M    | IDS_M   |`
    : ''
}
| 2b | engine → F5     | –  | i1  | U1 | ${service} | d 80 | E1_M    | FW0_M   |
| 3  | F5 → engine     | i2 | –   | U1 | ${service} | d 80 | FW1_M   | E2_M    |
| 4  | engine → A4     | –  | i3  | U1 | ${service} | d 80 | E3_M    | APP_M   |
| 5  | A4 → engine     | i3 | –   | ${service} | U1 | s 80 | APP_M   | E3_M    |
| 6  | engine → F5     | –  | i2  | ${service} | U1 | s 80 | E2_M    | FW1_M   |
| 7  | F5 → engine     | i1 | –   | ${service} | U1 | s 80 | FW0_M   | E1_M    |${
  copied
    ? `
| 8a | engine → IDS    | –  | i1  | ${service} | U1 | s 80 | E1_M    | IDS_M   |`
    : ''
}
| 8b | engine → client | –  | i0  | ${service} | U1 | s 80 | E0_M    | R_M     |`;

const four = (service: string, copied: boolean, server: string, port: number): string => `
| d1 | A4 → engine       | i3 | –  | A4 | ${service} | d 5432 | APP_M | E3_M  |${
  copied
    ? `
| d2 | engine → IDS      | –  | i1 | A4 | ${service} | d 5432 | E1_M  | IDS_M |`
    : ''
}
| d3 | engine → database | –  | i4 | A4 | ${server} | d ${port} | E4_M  | DB_M  |
| d4 | database → engine | i4 | –  | ${server} | A4 | s ${port} | DB_M  | E4_M  |${
  copied
    ? `
| d5 | engine → IDS      | –  | i1 | ${service} | A4 | s 5432 | E1_M  | IDS_M |`
    : ''
}
| d6 | engine → A4       | –  | i3 | ${service} | A4 | s 5432 | E3_M  | APP_M |`;

const HEADING = `
| #  | from → to | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-----------|----|-----|--------|--------|------|---------|---------|`;

const table = (mode: Mode): string =>
  [
    HEADING,
    eight('W1', true),
    eight('W5', false),
    mode === 'nat' ? four('W1D', true, 'DB1', 5432) : four('W1D', true, 'W1D', 5432),
    mode === 'nat' ? four('W5D', false, 'DB1', 5433) : four('W5D', false, 'W5D', 5432),
  ].join('');

async function startApplication(lab: Lab): Promise<void> {
  const application = lab.host('app').start(process.execPath, ['-e', APPLICATION]);
  await application.shows(/listening/);
}

function topology(mode: Mode): Topology {
  const database = { on: 'i4', addresses: [`${DB1}/24`], gateways: ['10.0.4.2'], owns: [W1D, W5D] };
  return {
    engine: { ...ENGINE_ADDRESSES, i4: ['10.0.4.2/24'] },
    hosts: {
      ...outside,
      fw: routingFirewall({
        outside: { on: 'i1', addresses: ['10.0.1.21/24'] },
        inside: { on: 'i2', addresses: ['10.0.2.21/24'] },
        routes: ['default via 10.0.1.2', '198.51.100.0/24 via 10.0.2.2'],
      }),
      ids: listener('i1'),
      app: loopbackServer({ on: 'i3', addresses: [`${A4}/24`], gateways: ['10.0.3.2'], owns: [W1, W5] }),
      db: mode === 'nat' ? natServer(database) : aliasServer(database),
    },
  };
}

/** One cluster under both addresses, or one for each, at a port of its own. */
async function startDatabases(lab: Lab, mode: Mode): Promise<readonly [string, string]> {
  const host = lab.host('db');
  if (mode === 'alias') {
    await startPostgres(host, 'the one database');
    return ['the one database', 'the one database'];
  }
  await Promise.all([startPostgres(host, 'DB U1'), startPostgres(host, 'DB U2', 5433)]);
  return ['DB U1', 'DB U2'];
}

for (const [mode, how] of [
  ['alias', 'two addresses it owns'],
  ['nat', 'two addresses and a port each behind its real one'],
] as const) {
  scenario(
    `S26 two services share an application server and one database server, under ${how}`,
    topology(mode),
    async (lab, recording) => {
      const [[one, five]] = await Promise.all([startDatabases(lab, mode), startApplication(lab)]);
      await Engine.start(lab, definitions(mode));
      const client = lab.host('client');
      expect(await fetchHttp(client, `${W1}:80`)).toBe(`application by ${W1D}: ${one}\n`);
      expect(await fetchHttp(client, `${W5}:80`)).toBe(`application by ${W5D}: ${five}\n`);
      expectLegs(await recording.quiet(), table(mode), namesOf(lab, { U1, W1, W5, W1D, W5D, A4, DB1 }));
    },
  );
}

scenario(
  'S26 nobody but the application opens the database, neither from outside nor behind the firewall',
  topology('nat'),
  async (lab, recording) => {
    const engine = await Engine.start(lab, definitions('nat'));
    const to = (nic: string) => ({ to: lab.engine.mac(nic) });
    const syn = (destination: string, port: number) =>
      ipv4({ source: U1, destination }, tcp({ source: 40_000, destination: port, flags: 2 }));
    await lab
      .host('router')
      .send('eth0', ethernet({ ...to('i0'), from: lab.host('router').mac('eth0') }, syn(W1D, 5432)));
    await lab.host('fw').send('fw1', ethernet({ ...to('i2'), from: lab.host('fw').mac('fw1') }, syn(W5D, 5432)));
    const frames = await recording.quiet();
    expect(frames.filter(({ way, leg, fields }) => way === 'out' && leg === 'i4' && fields.ip?.protocol === 6)).toEqual(
      [],
    );
    expect(await engine.verdict('DROP_UNDEFINED_PORT')).toBe(2);
  },
);

scenario(
  'S26 both at one port of one real address are refused: an answer could belong to either',
  topology('nat'),
  async (lab) => {
    const engine = await Engine.start(lab, definitions('nat'));
    const { code, stderr } = await engine.hopline('check', lab.engine.file('same.yaml', definitions('nat', 'db')));
    expect(code).toBe(2);
    expect(stderr).toMatch(/one-database/);
    expect(stderr).toMatch(/five-database/);
  },
);
