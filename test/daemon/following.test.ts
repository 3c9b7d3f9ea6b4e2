/** Who owns the definitions: the file that the controller follows, and commands beside it. Told in order. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServiceView, StatusView } from '../../src/api-types/operations.ts';
import type { ToldEvent } from '../../src/health/types.ts';
import { Lab, listener } from '../lab/index.ts';
import type { Program } from '../lab/program.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside } from '../scenarios/common.ts';
import { Hopline, until } from './hopline.ts';

const definitions = (...services: readonly string[]): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
services:
${services.map((name, place) => `  ${name}: {address: 198.51.100.${10 + place}, port: 80, sequence: [s1]}`).join('\n')}
health: off
`;

let lab: Lab;
let hopline: Hopline;
let controller: Program;
let folder: string;
let file: string;

const services = async () => (await hopline.json<ServiceView[]>('service', 'list')).map(({ name }) => name).sort();
const status = () => hopline.json<StatusView>('status');
const rejections = async () =>
  (await hopline.json<ToldEvent[]>('events')).filter(({ what }) => what === 'rejected').map(({ reason }) => reason);
const untilServices = (...names: readonly string[]) =>
  until(services, (now) => JSON.stringify(now) === JSON.stringify(names), 60_000);

async function restart(...options: readonly string[]): Promise<void> {
  await controller.stop();
  controller = await hopline.run('--config', file, ...options);
}

beforeAll(async () => {
  lab = await Lab.create({
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: listener('i1') },
  });
  folder = join(lab.folder, 'etc');
  mkdirSync(folder);
  file = join(folder, 'a.yaml');
  writeFileSync(file, definitions('a'));
  hopline = new Hopline(lab);
  controller = await hopline.run('--config', file);
});
afterAll(() => lab?.close());

test('the file is in force after the first start', async () => {
  expect(await services()).toEqual(['a']);
  expect((await status()).attention).toEqual([]);
});

test('what a command applies beside the file is warned of at once, and in status', async () => {
  const other = lab.engine.file('b.yaml', definitions('a', 'b'));
  expect(await hopline.text('apply', other)).toMatch(
    /warning: the definitions in force were applied by a command .*a\.yaml/,
  );
  expect((await status()).attention).toEqual([expect.stringContaining('a restart keeps them')]);
  expect((await hopline.attempt('status', '--fail-degraded')).code).toBe(1);
});

test('a restart undoes neither it nor a single service', async () => {
  const third = lab.engine.file('c.yaml', '{address: 198.51.100.30, port: 80, sequence: [s1]}');
  expect(await hopline.text('service', 'set', 'c', third)).toContain('warning: the definitions in force');
  await restart();
  expect(await services()).toEqual(['a', 'b', 'c']);
  expect((await status()).attention).toEqual([expect.stringContaining('a restart keeps them')]);
});

test('SIGHUP brings the file into force', async () => {
  controller.signal('SIGHUP');
  await untilServices('a');
  expect((await status()).attention).toEqual([]);
});

test('the same text applied by a command is the file', async () => {
  await hopline.text('apply', lab.engine.file('b.yaml', definitions('b')));
  expect(await hopline.text('apply', file)).not.toContain('warning');
  expect((await status()).attention).toEqual([]);
});

test('a single service set beside the file is warned of likewise, and what was put back is told of too', async () => {
  const one = lab.engine.file('one.yaml', '{address: 198.51.100.31, port: 80, sequence: [s1]}');
  expect(await hopline.text('service', 'set', 'x', one)).toContain('warning: services were set or deleted by commands');
  expect((await status()).attention).toEqual([expect.stringContaining('services were set or deleted by commands')]);
  expect(await hopline.text('service', 'delete', 'x')).toContain('warning: ');
  expect(await hopline.text('rollback')).toContain('warning: the definitions in force were applied by a command');
  expect(await hopline.text('apply', file)).not.toContain('warning');
});

test('a file that was changed while no controller ran is in force at the start', async () => {
  await controller.stop();
  writeFileSync(file, definitions('a', 'd'));
  controller = await hopline.run('--config', file);
  expect(await services()).toEqual(['a', 'd']);
});

test('a file that cannot be applied is an event, a metric and a line of status, until it can', async () => {
  writeFileSync(file, definitions('a').replace('[s1]', '[s2]'));
  controller.signal('SIGHUP');
  const { problems } = await until(status, (now) => now.problems.length > 0);
  expect(problems).toEqual([
    expect.stringMatching(/a\.yaml is not applied, and what was in force stays: .*a\.yaml:\d+.*s2/),
  ]);
  expect(await hopline.text('status')).not.toContain('all well');
  expect((await hopline.attempt('status', '--fail-degraded')).code).toBe(1);
  expect(await hopline.text('metrics')).toMatch(/^hopline_definitions_rejected 1$/m);
  expect(await rejections()).toEqual(problems);
  expect(await services()).toEqual(['a', 'd']);

  await restart();
  expect((await status()).problems).toEqual(problems);
  expect(await services()).toEqual(['a', 'd']);

  writeFileSync(file, definitions('a', 'd'));
  controller.signal('SIGHUP');
  await until(status, (now) => now.problems.length === 0);
  expect(await hopline.text('metrics')).toMatch(/^hopline_definitions_rejected 0$/m);
});

test('a file that is not there at the start is told', async () => {
  rmSync(file);
  await restart();
  expect((await status()).problems).toEqual([expect.stringContaining('there is no such file')]);
  expect(await services()).toEqual(['a', 'd']);
  writeFileSync(file, definitions('a', 'd'));
});

test('--watch follows a file that is written, renamed over, deleted and made again', async () => {
  await restart('--watch');
  writeFileSync(file, definitions('a', 'e'));
  await untilServices('a', 'e');
  await hopline.text('apply', lab.engine.file('b.yaml', definitions('b')));
  // Touched, and given back what it said: no later command is undone by that.
  writeFileSync(file, definitions('a', 'e'));
  rmSync(file);
  await until(status, ({ problems }) => problems.some((each) => each.includes('it is gone')), 60_000);
  writeFileSync(file, definitions('a', 'e'));
  await until(status, ({ problems }) => problems.length === 0, 60_000);
  expect(await services()).toEqual(['b']);
  writeFileSync(join(folder, 'new'), definitions('a', 'f'));
  renameSync(join(folder, 'new'), file);
  await untilServices('a', 'f');
  rmSync(file);
  await until(status, ({ problems }) => problems.some((each) => each.includes('it is gone')), 60_000);
  expect(await services()).toEqual(['a', 'f']);
  writeFileSync(file, definitions('a', 'g'));
  await untilServices('a', 'g');
  expect((await status()).problems).toEqual([]);
});

test('--watch follows links that are swapped above the file, as Kubernetes does', async () => {
  await controller.stop();
  const mounted = join(lab.folder, 'mounted');
  const version = (name: string, text: string): void => {
    mkdirSync(join(mounted, name), { recursive: true });
    writeFileSync(join(mounted, name, 'a.yaml'), text);
    symlinkSync(name, join(mounted, 'data.new'));
    renameSync(join(mounted, 'data.new'), join(mounted, '..data'));
  };
  version('..1', definitions('a', 'h'));
  symlinkSync('..data/a.yaml', join(mounted, 'a.yaml'));
  file = join(mounted, 'a.yaml');
  controller = await hopline.run('--config', file, '--watch');
  await untilServices('a', 'h');
  version('..2', definitions('a', 'i'));
  rmSync(join(mounted, '..1'), { recursive: true });
  await untilServices('a', 'i');
});

test('--watch follows a file whose directory is deleted and made again', async () => {
  const directory = join(lab.folder, 'mounted');
  rmSync(directory, { recursive: true });
  await until(status, ({ problems }) => problems.length > 0, 60_000);
  mkdirSync(directory);
  writeFileSync(file, definitions('a', 'j'));
  await untilServices('a', 'j');
});
