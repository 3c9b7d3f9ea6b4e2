/** Figure 14: the database server of two services fails; its mirror takes over, and the application does not notice. */
import { expect } from 'vitest';
import {
  aliasServer,
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  fillDatabase,
  isProbe,
  listener,
  loopbackServer,
  namesOf,
  routingFirewall,
  scenario,
  startApplication,
  startPostgres,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const W5 = '198.51.100.50';
const W1D = '198.51.100.110';
const W5D = '198.51.100.150';
const A4 = '10.0.3.11';
const DB1 = '10.0.4.11';
const DB2 = '10.0.4.12';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
  i2: {}
  i3: {}
  i4: {}
devices:
  f5:   {kind: inline, function: firewall, health: off, legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}}
  ids1: {kind: tap, function: ids, health: off, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  a4:   {kind: server, mode: loopback, address: ${A4}, health: off, legs: {only: {interface: i3}}}
  db1:  {kind: server, mode: alias, address: ${DB1}, legs: {only: {interface: i4, mac: "02:00:00:00:06:01"}}}
  db2:  {kind: server, mode: alias, address: ${DB2}, legs: {only: {interface: i4, mac: "02:00:00:00:07:01"}}}
pools:
  databases: {members: [db1, db2], health: {interval: 200ms}}
services:
  one:           {address: ${W1}, port: 80, sequence: [{copy: [ids1]}, f5, a4]}
  five:          {address: ${W5}, port: 80, sequence: [f5, a4]}
  one-database:  {address: ${W1D}, port: 5432, from: a4, sequence: [{copy: [ids1]}, databases]}
  five-database: {address: ${W5D}, port: 5432, from: a4, sequence: [databases]}
`;

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

const four = (service: string, copied: boolean, server: string): string => `
| d1 | A4 → engine       | i3 | –  | A4 | ${service} | d 5432 | APP_M | E3_M  |${
  copied
    ? `
| d2 | engine → IDS      | –  | i1 | A4 | ${service} | d 5432 | E1_M  | IDS_M |`
    : ''
}
| d3 | engine → database | –  | i4 | A4 | ${service} | d 5432 | E4_M | ${server}_M |
| d4 | database → engine | i4 | –  | ${service} | A4 | s 5432 | ${server}_M | E4_M |${
  copied
    ? `
| d5 | engine → IDS      | –  | i1 | ${service} | A4 | s 5432 | E1_M  | IDS_M |`
    : ''
}
| d6 | engine → A4       | –  | i3 | ${service} | A4 | s 5432 | E3_M  | APP_M |`;

const table = (server: string): string => `
| #  | from → to | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-----------|----|-----|--------|--------|------|---------|---------|${[
  eight('W1', true),
  eight('W5', false),
  four('W1D', true, server),
  four('W5D', false, server),
].join('')}`;

const database = (address: string) =>
  aliasServer({ on: 'i4', addresses: [`${address}/24`], gateways: ['10.0.4.2'], owns: [W1D, W5D] });

scenario(
  'S26 the database behind two service addresses fails over to its mirror, and the application goes on',
  {
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
      db1: database(DB1),
      db2: database(DB2),
    },
  },
  async (lab, recording) => {
    await Promise.all(
      ['db1', 'db2'].map(async (name) => {
        await startPostgres(lab.host(name), name);
        await fillDatabase(lab.host(name), 42);
      }),
    );
    const application = await startApplication(lab.host('app'), { [W1]: W1D, [W5]: W5D });
    const watching = watch(await Engine.start(lab, definitions));
    const [names, ignore] = [namesOf(lab, { U1, W1, W5, W1D, W5D, A4 }), isProbe(lab)];
    const client = lab.host('client');
    await Promise.all(['db1', 'db2'].map((name) => watching.state(name, 'up', 'tcp/5432')));
    const ask = async (server: string): Promise<void> => {
      expect(await fetchHttp(client, `${W1}:80`, '--max-time', '12')).toBe(`by ${W1D}: ${server} has 42`);
      expect(await fetchHttp(client, `${W5}:80`, '--max-time', '12')).toBe(`by ${W5D}: ${server} has 42`);
    };
    await ask('db1');
    expectLegs(await recording.quiet(ignore), table('DB1'), names, { ignore });

    await cutSilently(lab.host('db1'), 'eth0');
    await watching.until(0, (told) => told.some(({ what }) => what === 'move'));
    const before = (await recording.quiet(ignore)).length;
    await ask('db2');
    expectLegs((await recording.quiet(ignore)).slice(before), table('DB2'), names, { ignore });
    expect(await watching.events()).toMatchObject([
      { what: 'state', device: 'db1', application: 'tcp/5432', to: 'down' },
      { what: 'move', pool: 'databases tcp/5432', from: 'db1', to: 'db2' },
    ]);
    expect(application.running).toBe(true);
    expect(application.log.match(/connected to/g)).toHaveLength(4);
  },
);
