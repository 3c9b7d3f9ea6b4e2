/** What changed, when and by whom, and back again: the history, differences, the export. Told in order. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeReport } from '../../src/api-types/change-report.ts';
import type { DeviceView, HistoryEntry, PoolView, ServiceView } from '../../src/api-types/operations.ts';
import type { ToldEvent } from '../../src/health/types.ts';
import { Lab, listener } from '../lab/index.ts';
import type { Program } from '../lab/program.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside } from '../scenarios/common.ts';
import { Hopline } from './hopline.ts';

const definitions = (port: number, note = ''): string => `
# written by hand${note}
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
  s2: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:02"}}}
  s3: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:03"}}}
pools:
  webs: {members: [s1, s2]}
services:
  shop: {address: 198.51.100.10, port: ${port}, sequence: [webs]}
  mail: {address: 198.51.100.11, port: 25, sequence: [s1]}
health: {interval: 60s}
`;

let lab: Lab;
let hopline: Hopline;
let controller: Program;
const me = userInfo().username;

const ports = async () =>
  (await hopline.json<ServiceView[]>('service', 'list')).map(({ name, ports: port }) => `${name} ${port}`);
const history = () => hopline.json<HistoryEntry[]>('history');
const file = (name: string, text: string) => lab.engine.file(name, text);

beforeAll(async () => {
  lab = await Lab.create({
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: listener('i1') },
  });
  hopline = new Hopline(lab);
  controller = await hopline.run('--config', file('a.yaml', definitions(80)));
});
afterAll(() => lab?.close());

test('diff and a dry run tell what changes inside a service, as text and as JSON', async () => {
  const next = file('b.yaml', definitions(8080, ', later'));
  const fields = [{ field: 'port', before: '80', after: '8080' }];
  for (const command of [
    ['diff', next],
    ['apply', '--dry-run', next],
  ]) {
    const { differences } = await hopline.json<ChangeReport>(...command);
    expect(differences).toEqual([
      expect.objectContaining({ kind: 'service', name: 'shop', change: 'changed', fields }),
    ]);
    expect(await hopline.text(...command)).toMatch(
      /~ service shop\n(?: {6}\w+ +.*\n)+ {4}- port +80\n {4}\+ port +8080\n/,
    );
  }
  expect(await ports()).toEqual(['shop 80', 'mail 25']);
});

test('what was applied is an event with the difference, and an entry with who and when', async () => {
  const next = file('b.yaml', definitions(8080, ', later'));
  await hopline.text('apply', next);
  const set = file('c.yaml', '{address: 198.51.100.12, port: 53, protocol: udp, sequence: [s2]}');
  await hopline.text('service', 'set', 'dns', set);
  const told = (await hopline.json<ToldEvent[]>('events')).filter(({ what }) => what === 'applied');
  expect(told.map(({ reason }) => reason)).toContainEqual(`apply ${next} by ${me}: service shop: port 80 -> 8080`);
  expect(told.at(-1)!.differences).toEqual([expect.objectContaining({ name: 'dns', change: 'added' })]);
  const entries = await history();
  expect(entries.map(({ number, by, how }) => [number, by, how])).toEqual([
    [1, 'controller', expect.stringMatching(/^apply .*a\.yaml$/)],
    [2, me, `apply ${next}`],
    [3, me, 'service set dns'],
  ]);
  expect(entries[1]!.services).toEqual({ added: 0, changed: 1, removed: 0 });
  expect(Date.parse(entries[2]!.time)).toBeGreaterThanOrEqual(Date.parse(entries[1]!.time));
  expect(await hopline.text('history')).toMatch(/^ +2 .* ~1 +service shop: port 80 -> 8080$/m);
});

test('history show has the definitions of then, whole', async () => {
  expect(await hopline.text('history', 'show', '1')).toBe(definitions(80));
  expect(await hopline.text('history', 'show', '2')).toBe(definitions(8080, ', later'));
  expect(await hopline.text('history', 'show', '3')).toContain('198.51.100.12');
  expect(await hopline.attempt('history', 'show', '99')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no such entry'),
  });
});

test('rollback goes back one change, forth again, and to any entry; all of it is history, over restarts', async () => {
  await hopline.text('rollback');
  expect(await ports()).toEqual(['shop 8080', 'mail 25']);
  await hopline.text('rollback');
  expect(await ports()).toEqual(['shop 8080', 'mail 25', 'dns 53']);
  await controller.stop();
  controller = await hopline.run('--config', file('a.yaml', definitions(80)));
  await hopline.text('rollback', '1');
  expect(await ports()).toEqual(['shop 80', 'mail 25']);
  expect((await history()).map(({ how }) => how).slice(3)).toEqual(['rollback 2', 'rollback 3', 'rollback 1']);
  expect(await hopline.attempt('rollback', '99')).toMatchObject({ code: 1 });
  expect(await ports()).toEqual(['shop 80', 'mail 25']);
});

test('an export of what was written is what was written', async () => {
  const exported = await hopline.text('export');
  expect(exported).toMatch(/^# What is in force on instance cli /);
  expect(exported.endsWith(definitions(80))).toBe(true);
});

test('an export has the choices of commands, and applies to the same', async () => {
  await hopline.text('pool', 'use', 'webs', 's2');
  await hopline.text('device', 'replace', 's1', 's3');
  const set = file('d.yaml', '{address: 198.51.100.13, port: 70, sequence: [s1]}');
  await hopline.text('service', 'set', 'old', set);
  const exported = file('exported.yaml', await hopline.text('export'));
  expect(await hopline.text('export')).not.toContain('WARNING');
  await controller.stop();
  await hopline.text('detach', '--all');
  await hopline.attempt('apply', file('empty.yaml', 'interfaces: {i0: {faces: clients}}\n'));
  await hopline.text('apply', exported);
  const pools = await hopline.json<PoolView[]>('pool', 'list');
  expect(pools.map(({ name, members, active }) => [name, members, active])).toEqual([['webs', ['s3', 's2'], 's2']]);
  const devices = await hopline.json<DeviceView[]>('device', 'list');
  expect(devices.find(({ name }) => name === 's3')!.services).toEqual(['shop', 'mail', 'old']);
  expect(await ports()).toEqual(['shop 80', 'mail 25', 'old 70']);
});
