/** A database fails over behind its service address, in every way a database dies; what used it connects again, no more. */
import { expect } from 'vitest';
import {
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  fillDatabase,
  isProbe,
  loopbackServer,
  namesOf,
  natServer,
  scenario,
  startApplication,
  startPostgres,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, W1 } from './common.ts';

const W1D = '198.51.100.110';
const A4 = '10.0.3.11';
const DB1 = '10.0.4.11';
const DB2 = '10.0.4.12';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i3: {}
  i4: {}
devices:
  a4:  {kind: server, mode: loopback, address: ${A4}, health: off, legs: {only: {interface: i3}}}
  db1: {kind: server, mode: nat, address: ${DB1}, legs: {only: {interface: i4}}}
  db2: {kind: server, mode: nat, address: ${DB2}, legs: {only: {interface: i4}}}
pools:
  databases:
    members: [db1, db2]
    health:
      probes:
        - handshake: {port: 5432}
          interval: 200ms
        - postgres: {user: postgres, query: "select count(*) from kept", answer: "^42$"}
          interval: 500ms
          limit: 300ms
      flaps: {falls: 100}
      comes_back: {after: 500ms}
services:
  web:      {address: ${W1}, port: 80, sequence: [a4]}
  database: {address: ${W1D}, port: 5432, from: a4, sequence: [databases]}
`;

/** Figure 14C: W1D stands for whoever works. */
const table = (server: string, address: string): string => `
| #  | from → to         | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-------------------|----|-----|--------|--------|------|---------|---------|
| d1 | A4 → engine       | i3 | –  | A4 | W1D | d 5432 | APP_M | E3_M |
| d3 | engine → database | –  | i4 | A4 | ${address} | d 5432 | E4_M | ${server}_M |
| d4 | database → engine | i4 | –  | ${address} | A4 | s 5432 | ${server}_M | E4_M |
| d6 | engine → A4       | –  | i3 | W1D | A4 | s 5432 | E3_M | APP_M |`;

const database = (address: string) => natServer({ on: 'i4', addresses: [`${address}/24`], gateways: ['10.0.4.2'] });

scenario(
  'S49 a database behind its service address is killed, hangs, and is cut off; its mirror takes over each time',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i3: ENGINE_ADDRESSES.i3, i4: ['10.0.4.2/24'] },
    hosts: {
      ...outside,
      app: loopbackServer({ on: 'i3', addresses: [`${A4}/24`], gateways: ['10.0.3.2'], owns: [W1] }),
      db1: database(DB1),
      db2: database(DB2),
    },
  },
  async (lab, recording) => {
    const postgres = await Promise.all(['db1', 'db2'].map((name) => startPostgres(lab.host(name), name)));
    await Promise.all(['db1', 'db2'].map((name) => fillDatabase(lab.host(name), 42)));
    const application = await startApplication(lab.host('app'), { [W1]: W1D });
    const watching = watch(await Engine.start(lab, definitions));
    const probes = isProbe(lab);
    const names = namesOf(lab, { W1D, A4, DB1, DB2 });
    // The client's own way to the application is not the matter here.
    const ignore = (frame: Parameters<typeof probes>[0]): boolean =>
      probes(frame) || ![W1D, A4].some((end) => [frame.fields.ip?.source, frame.fields.ip?.destination].includes(end));
    await Promise.all(['db1', 'db2'].map((name) => watching.state(name, 'up', 'tcp/5432')));
    const ask = async (server: 'db1' | 'db2'): Promise<void> => {
      const before = (await recording.quiet(ignore)).length;
      expect(await fetchHttp(lab.host('client'), `${W1}:80`, '--max-time', '12')).toBe(`by ${W1D}: ${server} has 42`);
      const frames = (await recording.quiet(ignore)).slice(before);
      expectLegs(frames, table(server.toUpperCase(), server === 'db1' ? 'DB1' : 'DB2'), names, { ignore });
    };
    const moved = async (from: string, to: string): Promise<void> => {
      const last = (
        await watching.until(0, (told) => told.findLast(({ what }) => what === 'move')?.to === to)
      ).findLast(({ what }) => what === 'move');
      expect(last).toMatchObject({ pool: 'databases tcp/5432', from, to });
    };
    await ask('db1');
    // It accepts, and never answers.
    postgres[0]?.signal('SIGSTOP');
    await moved('db1', 'db2');
    await ask('db2');
    postgres[0]?.signal('SIGCONT');
    await watching.state('db1', 'up', 'tcp/5432');
    postgres[1]?.signal('SIGKILL');
    await moved('db2', 'db1');
    await ask('db1');
    expect(await watching.events()).toContainEqual(
      expect.objectContaining({ what: 'state', device: 'db2', to: 'down', reason: expect.stringMatching(/refused/) }),
    );
    await cutSilently(lab.host('db1'), 'eth0');
    await watching.until(0, (told) => told.some(({ what }) => what === 'unavailable'));
    expect(application.running).toBe(true);
  },
);
