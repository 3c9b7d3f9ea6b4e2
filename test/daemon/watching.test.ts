/** Devices that die, and people who take them out, with the controller as users run it: one lab, told in order. */

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeReport } from '../../src/api-types/change-report.ts';
import type { DeviceReport } from '../../src/api-types/health-operations.ts';
import type { DeviceView, PoolView, ServiceView, StatusView } from '../../src/api-types/operations.ts';
import type { ToldEvent } from '../../src/health/types.ts';
import { fetchHttp, Lab, startNginx } from '../lab/index.ts';
import type { Program } from '../lab/program.ts';
import { startReceiver, type Told } from '../lab/receiver.ts';
import { W1 } from '../scenarios/common.ts';
import { firewallDevices, firewallLab, W2, W3 } from '../scenarios/firewalls.ts';
import { Hopline, until } from './hopline.ts';

const DEFINITIONS = (hook: string): string => `health: {notify: [{webhook: "${hook}"}]}
${firewallDevices(3)}
pools:
  firewalls: {members: [fw1, fw2]}
services:
  web:   {address: ${W1}, port: 80, sequence: [firewalls, app1]}
  alone: {address: ${W2}, port: 80, sequence: [fw3, app1]}
  third: {address: ${W3}, port: 80, sequence: [fw3, app1]}
`;

let lab: Lab;
let hopline: Hopline;
let controller: Program;
let file: string;
let told: () => readonly Told[];

const fetched = (address = W1) => fetchHttp(lab.host('client'), `${address}:80`);
const pool = () => hopline.json<PoolView>('pool', 'show', 'firewalls');
const device = (name: string) => hopline.json<DeviceView>('device', 'show', name);
const state = async (name: string) => (await device(name)).health[0]?.state;
const service = (name: string) => hopline.json<ServiceView>('service', 'show', name);
const command = (...args: string[]) => hopline.json<DeviceReport>('device', ...args);
const forwards = (name: string, policy: 'accept' | 'drop') =>
  lab.host(name).run('nft', ['add', 'chain', 'inet', 'firewall', 'forward', `{ policy ${policy}; }`]);

/** Frames that went through a firewall, by its own counter. */
async function carried(name: string): Promise<number> {
  const rules = await lab.host(name).run('nft', ['list', 'table', 'inet', 'firewall']);
  return Number(/packets (\d+)/.exec(rules)![1]);
}

async function ended(): Promise<void> {
  await until(
    async () => controller.running,
    (running) => !running,
  );
}

beforeAll(async () => {
  lab = await Lab.create(firewallLab(3));
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  told = await startReceiver(lab.engine, 8099);
  file = lab.engine.file('hopline.yaml', DEFINITIONS('http://127.0.0.1:8099/'));
  hopline = new Hopline(lab);
});

afterAll(() => lab?.close());

test('without a controller nobody watches: commands about health are refused with the cure', async () => {
  await hopline.text('apply', file);
  for (const args of [
    ['device', 'drain', 'fw1'],
    ['device', 'replace', 'fw3', 'fw2'],
    ['pool', 'use', 'firewalls', 'fw2'],
    ['events', '--follow'],
  ]) {
    const { code, stderr } = await hopline.attempt(...args);
    expect([args, code, stderr]).toEqual([args, 5, expect.stringMatching(/no controller runs \(hopline run\)/)]);
  }
  expect(await hopline.json('events')).toEqual([]);
  expect(await fetched()).toBe('from s1\n');
});

test('the controller finds its devices up', async () => {
  const log = join(lab.folder, 'told');
  controller = await hopline.run('--config', file, '--notify-command', `tee -a ${log}`);
  await until(pool, ({ health }) => health.every(({ health: [own] }) => own?.state === 'up'));
  const shown = await hopline.text('pool', 'show', 'firewalls');
  expect(shown).toMatch(/fw1 works/);
  expect(shown).toMatch(/through +passing +\d\.\d\d ms +0\.0 % +50 ms/);
});

test('a firewall that forwards nothing any more is left; traffic goes on, and everybody is told why', async () => {
  await forwards('fw1', 'drop');
  await until(pool, ({ active }) => active === 'fw2');
  expect(await fetched()).toBe('from s1\n');
  const events = await hopline.json<ToldEvent[]>('events', '--device', 'fw1');
  const move = events.find(({ what }) => what === 'move')!;
  expect(move).toMatchObject({ pool: 'firewalls', from: 'fw1', to: 'fw2', trigger: 'probe' });
  expect(move.took).toBeGreaterThan(0);
  expect(move.reason).toMatch(/^fw1 is down: through \(.*\): 3 in a row lost/);
  await until(
    async () => told().map(({ what, device: who, to }) => [what, who, to].join(' ')),
    (lines) => lines.includes('state fw1 down') && lines.includes('move  fw2'),
  );
  expect(controller.log).toMatch(/"level":40.*fw1: up -> down/);
});

test('what names a dead device alone is unavailable, and says so', async () => {
  await forwards('fw3', 'drop');
  await until(
    () => service('alone'),
    ({ state: now }) => now === 'unavailable',
  );
  expect((await service('alone')).reasons).toEqual([expect.stringMatching(/^fw3: nobody is fit: fw3 is down: /)]);
  expect(await service('web')).toMatchObject({ state: 'up', reasons: [] });
  const status = await hopline.json<StatusView>('status');
  expect(status.degraded.map(({ service: name, state: now }) => [name, now])).toEqual([
    ['alone', 'unavailable'],
    ['third', 'unavailable'],
  ]);
  expect(await hopline.text('metrics')).toMatch(/hopline_service_unavailable\{service="alone",.*\} 1\n/);
  await forwards('fw3', 'accept');
  await until(
    () => service('alone'),
    ({ state: now }) => now === 'up',
  );
});

test('a device that waits to be told comes back by restore; the pool stays where it is', async () => {
  await forwards('fw1', 'accept');
  await until(
    () => state('fw1'),
    (now) => now === 'held-up',
  );
  expect(await command('restore', 'fw1')).toMatchObject({ device: 'fw1', state: 'up' });
  expect(await pool()).toMatchObject({ active: 'fw2', instead: 'fw1' });
  expect(await hopline.json<PoolView>('pool', 'use', 'firewalls', 'fw1')).toMatchObject({ active: 'fw1' });
});

test('what was drained, taken out, chosen and told survives SIGKILL', async () => {
  expect(await command('drain', 'fw1')).toMatchObject({ state: 'draining' });
  await until(
    () => state('fw1'),
    (now) => now === 'maintenance',
  );
  expect(await command('maintenance', 'fw3')).toMatchObject({ state: 'maintenance' });
  const before = await hopline.json<ToldEvent[]>('events');
  controller.signal('SIGKILL');
  await ended();
  expect(await fetched()).toBe('from s1\n');
  expect([await state('fw1'), await state('fw3'), (await pool()).active]).toEqual([
    'maintenance',
    'maintenance',
    'fw2',
  ]);
  expect(await hopline.json<ToldEvent[]>('events')).toEqual(before);
  controller = await hopline.run('--config', file);
  expect([await state('fw1'), await state('fw3'), (await pool()).active]).toEqual([
    'maintenance',
    'maintenance',
    'fw2',
  ]);
  expect(await fetched()).toBe('from s1\n');
  const after = await hopline.json<ToldEvent[]>('events');
  expect(after.slice(0, before.length)).toEqual(before);
  for (const name of ['fw1', 'fw3']) await command('restore', name);
});

test('an apply does not turn pools back', async () => {
  await hopline.text('apply', lab.engine.file('again.yaml', `${DEFINITIONS('http://127.0.0.1:8099/')}\n# again\n`));
  expect((await pool()).active).toBe('fw2');
  const before = await carried('fw2');
  await fetched();
  expect(await carried('fw2')).toBeGreaterThan(before + 4);
});

test('an active member that the file names anew is to work', async () => {
  const named = DEFINITIONS('http://127.0.0.1:8099/').replace(
    'members: [fw1, fw2]',
    'members: [fw1, fw2], active: fw2',
  );
  await hopline.text('apply', lab.engine.file('named.yaml', named));
  await hopline.text('pool', 'use', 'firewalls', 'fw1');
  await hopline.text('apply', file);
  expect(await pool()).toMatchObject({ active: 'fw1' });
  await hopline.text('apply', lab.engine.file('named.yaml', named));
  expect(await pool()).toMatchObject({ active: 'fw2' });
  await hopline.text('apply', file);
  expect(await pool()).toMatchObject({ active: 'fw1' });
});

test('replace: one report for all services of a device, kept over a restart, undone by restore', async () => {
  const { change, state: drains } = await command('replace', 'fw3', 'fw2');
  expect([drains, change?.services.changed]).toEqual(['draining', ['alone', 'third']]);
  expect(change?.steps).toMatchObject({ created: 4, removed: 4 });
  await until(
    () => state('fw3'),
    (now) => now === 'maintenance',
  );
  controller.signal('SIGKILL');
  await ended();
  controller = await hopline.run('--config', file);
  expect(await device('fw3')).toMatchObject({ replacedBy: 'fw2', services: [] });
  const before = await carried('fw2');
  expect([await fetched(W2), await fetched(W3)]).toEqual(['from s1\n', 'from s1\n']);
  expect(await carried('fw2')).toBeGreaterThan(before + 10);
  const restored = await command('restore', 'fw3');
  expect([restored.state, restored.change?.services.changed]).toEqual([
    expect.stringMatching(/up|unknown/),
    ['alone', 'third'],
  ]);
  expect(await device('fw3')).not.toHaveProperty('replacedBy');
  expect(await fetched(W2)).toBe('from s1\n');
});

test('replace in a pool of both is a store: nothing is written anew', async () => {
  await until(
    () => state('fw2'),
    (now) => now === 'up',
  );
  await hopline.text('pool', 'use', 'firewalls', 'fw1');
  const { change, events } = await command('replace', 'fw1', 'fw2');
  expect(change).toMatchObject({ services: { changed: ['web'] }, steps: { created: 0, replaced: 0, removed: 0 } });
  expect(events.find(({ what }) => what === 'move')).toMatchObject({ from: 'fw1', to: 'fw2', trigger: 'command' });
  expect(await fetched()).toBe('from s1\n');
  await command('restore', 'fw1');
});

test('what cannot stand in is refused, and changes nothing', async () => {
  const { code, stderr } = await hopline.attempt('device', 'replace', 'fw1', 'app1');
  expect([code, stderr]).toEqual([2, expect.stringContaining('mixes fw1 (inline) and app1 (server)')]);
  expect((await hopline.attempt('device', 'drain', 'fw9')).code).toBe(1);
  expect(await device('fw1')).not.toHaveProperty('replacedBy');
});

test('regenerate makes good what was taken out of the tables by hand, and touches nothing else', async () => {
  const again = await hopline.json<ChangeReport>('service', 'regenerate', 'third');
  expect([again.services.changed, again.steps]).toEqual([[], { created: 0, replaced: 0, removed: 0 }]);
  const [bucket] = await hopline.json<{ key: number; value: { steps: object[] } }[]>('map', 'dump', 'steps');
  const empty = bucket!.value.steps.map(() => ({ fingerprint: 0, slot: 0 }));
  await hopline.text('map', 'set', 'steps', String(bucket!.key), JSON.stringify({ steps: empty }));
  const { steps } = await hopline.json<ChangeReport>('service', 'regenerate');
  expect(steps.created).toBeGreaterThan(0);
  expect(await fetched(W3)).toBe('from s1\n');
});

test('events are followed as they come', async () => {
  const events = lab.engine.start(hopline.path, ['-o', 'json', 'events', '--follow', '--device', 'fw2'], hopline.env);
  // Whether it has happened before the other one asks, or after: it is told.
  await hopline.text('device', 'maintenance', 'fw2');
  await events.shows(/"device":"fw2".*"to":"maintenance"/, 20_000);
  await hopline.text('device', 'restore', 'fw2');
  await events.shows(/"device":"fw2","from":"maintenance"/, 20_000);
  await events.stop();
});

test('metrics say it, and promtool finds nothing to say against their names', async () => {
  const metrics = await hopline.text('metrics');
  expect(metrics).toContain('hopline_device_up{device="fw2",kind="inline"} 1\n');
  expect(metrics).toContain('hopline_pool_available{pool="firewalls"} 1\n');
  expect(metrics).toMatch(/hopline_failovers_total\{pool="firewalls",trigger="command"\} [1-9]/);
  expect(metrics).toMatch(/hopline_failover_duration_seconds_count [1-9]/);
  expect(metrics).toMatch(/hopline_notifications_total\{way="webhook",result="delivered"\} [1-9]/);
  const own = metrics.replaceAll(/^(# (HELP|TYPE) )?(nodejs|process)_.*\n/gm, '');
  expect(await lab.engine.run('sh', ['-c', `promtool check metrics < ${lab.engine.file('metrics.txt', own)}`])).toBe(
    '',
  );
});
