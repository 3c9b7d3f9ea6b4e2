/** The controller as users run it, with real traffic: one lab, told in order. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountersView, PoolView, ServiceView, StatusView } from '../../src/api-types/operations.ts';
import { fetchHttp, Lab, loopbackServer, startNginx } from '../lab/index.ts';
import type { Program } from '../lab/program.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, W1 } from '../scenarios/common.ts';
import { Hopline, until } from './hopline.ts';

const DEFINITIONS = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i9: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, address: 10.0.1.11}}}
  s2: {kind: server, mode: loopback, legs: {only: {interface: i1, address: 10.0.1.12}}}
  spare: {kind: server, mode: loopback, legs: {only: {interface: i9, mac: "02:00:00:00:09:09"}}}
pools:
  webs: {members: [s1, s2]}
services:
  web: {customer: acme, address: ${W1}, port: 80, sequence: [webs]}
health: off
`;

const server = (address: string) =>
  loopbackServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'], owns: [W1] });

let lab: Lab;
let hopline: Hopline;
let controller: Program;
let file: string;

const fetched = () => fetchHttp(lab.host('client'), `${W1}:80`);
const packets = async () => (await hopline.json<ServiceView>('service', 'show', 'web')).forward.packets;
const works = (name: string) => `from ${name}\n`;

beforeAll(async () => {
  lab = await Lab.create({
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: server('10.0.1.11'), s2: server('10.0.1.12') },
  });
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  await startNginx(lab.host('s2'), { 80: 'from s2' });
  await lab.engine.run('ip', ['link', 'add', 'i9', 'type', 'veth', 'peer', 'name', 'x9']);
  await lab.engine.run('ip', ['link', 'set', 'i9', 'up']);
  file = lab.engine.file('hopline.yaml', DEFINITIONS);
  hopline = new Hopline(lab);
});

afterAll(() => lab?.close());

test('a service works after one command, without a controller', async () => {
  await hopline.text('apply', file);
  expect(await fetched()).toBe(works('s1'));
  const status = await hopline.json<StatusView>('status');
  expect(status).toMatchObject({ services: 1, degraded: [] });
  expect(status).not.toHaveProperty('controller');
});

test('a service that was deleted is gone when the command ends, without a controller', async () => {
  const ports = async () => {
    const slots = await hopline.json<{ value: { port: number } }[]>('map', 'dump', 'slots');
    return slots.map(({ value }) => value.port);
  };
  const another = DEFINITIONS.replace('services:', `services:\n  second: {address: ${W1}, port: 81, sequence: [webs]}`);
  await hopline.text('apply', lab.engine.file('second.yaml', another));
  expect(await ports()).toContain(81);
  await hopline.text('apply', file);
  expect(await ports()).not.toContain(81);
  expect(await ports()).toContain(80);
});

test('the controller takes up what is there, and counters go on', async () => {
  const before = await packets();
  controller = await hopline.run('--config', file, '--metrics', '127.0.0.1:9750');
  expect(before).toBeGreaterThan(0);
  expect(await packets()).toBe(before);
  expect(await fetched()).toBe(works('s1'));
  expect(await packets()).toBeGreaterThan(before);
});

test('a device that is gone keeps what it carried, and the next one begins with nothing', async () => {
  const carriers = async () => {
    const { services } = await hopline.json<CountersView>('counters');
    return new Set(services.filter(({ packets: count }) => count > 0).map(({ from }) => from));
  };
  const before = await carriers();
  const [used, gone] = ['members: [s1, s2]', /^ {2}s1: /m];
  const without = DEFINITIONS.replace(used, 'members: [s2]').replace(/^ {2}s1: .*\n/m, '');
  const another = DEFINITIONS.replace(used, 'members: [s2, new1]').replace(gone, '  new1: ');
  await hopline.text('apply', lab.engine.file('without.yaml', without));
  await wait(2000); // longer than steps serve on
  await hopline.text('apply', lab.engine.file('another.yaml', another));
  expect(before).toContain('s1.only');
  expect(await carriers()).toEqual(before);
  await hopline.text('apply', file);
  expect([await carriers(), await fetched()]).toEqual([before, works('s1')]);
});

test('Prometheus scrapes it, and promtool finds nothing to say against the names', async () => {
  const scrape = `scrape_configs: [{job_name: hopline, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:9750"]}]}]`;
  const config = lab.engine.file('prometheus.yml', scrape);
  const storage = `--storage.tsdb.path=${lab.folder}/prometheus`;
  const prometheus = lab.engine.start('prometheus', [
    `--config.file=${config}`,
    storage,
    '--web.listen-address=127.0.0.1:9090',
  ]);
  await prometheus.shows(/Server is ready/, 20_000);
  const query = `hopline_service_packets_total{service="web",address="${W1}",port="80",protocol="tcp",customer="acme",direction="forward"}`;
  const counted = await packets();
  const found = await until(
    () => lab.engine.run('curl', ['-sG', 'http://127.0.0.1:9090/api/v1/query', '--data-urlencode', `query=${query}`]),
    (text) => text.includes('"value"'),
  );
  expect(JSON.parse(found).data.result).toMatchObject([{ value: [expect.any(Number), String(counted)] }]);
  const metrics = lab.engine.file(
    'metrics.txt',
    (await hopline.text('metrics')).replaceAll(/^(# (HELP|TYPE) )?(nodejs|process)_.*\n/gm, ''),
  );
  expect(await lab.engine.run('sh', ['-c', `promtool check metrics < ${metrics}`])).toBe('');
  await prometheus.stop();
});

test('another member works at once, and the choice outlives SIGKILL', async () => {
  expect(await hopline.json<PoolView>('pool', 'use', 'webs', 's2')).toMatchObject({ active: 's2', instead: 's1' });
  expect(await fetched()).toBe(works('s2'));
  const before = await packets();
  controller.signal('SIGKILL');
  await until(
    async () => controller.running,
    (running) => !running,
  );
  expect(await fetched()).toBe(works('s2'));
  const counted = await packets();
  expect(counted).toBeGreaterThan(before);
  controller = await hopline.run('--config', file);
  expect([await packets(), await fetched()]).toEqual([counted, works('s2')]);
});

test('a second controller is refused with exit code 4, and disturbs nobody', async () => {
  const { code, stderr } = await hopline.attempt('run', '--config', file);
  expect([code, stderr]).toEqual([4, expect.stringContaining('holds it')]);
  expect(await fetched()).toBe(works('s2'));
});

test('wrong definitions are refused with exit code 2, place and cure, and change no entry', async () => {
  const dump = async () => [
    await hopline.text('map', 'dump', 'steps'),
    await hopline.text('map', 'dump', 'names'),
    await hopline.text('map', 'dump', 'pools'),
  ];
  const before = await dump();
  const wrong = lab.engine.file('wrong.yaml', DEFINITIONS.replace('port: 80', 'port: 80000'));
  const { code, stderr } = await hopline.attempt('apply', wrong);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/wrong\.yaml:\d+:\d+: services\.web\.port: 80000 is not a port[\s\S]*try: /),
  ]);
  expect(await dump()).toEqual(before);
});

test('one service is set and deleted beside the others, and stays over a restart', async () => {
  const definition = lab.engine.file('second.yaml', '{address: 198.51.100.20, port: 80, sequence: [webs]}');
  expect(await hopline.text('service', 'set', 'second', definition)).toContain('+ service second');
  controller.signal('SIGTERM');
  await until(
    async () => controller.running,
    (running) => !running,
  );
  controller = await hopline.run('--config', file);
  expect((await hopline.json<ServiceView[]>('service', 'list')).map(({ name }) => name)).toEqual(['web', 'second']);
  expect(await hopline.text('service', 'delete', 'second')).toContain('- service second');
  expect((await hopline.attempt('service', 'delete', 'second')).code).toBe(1);
});

test('a server that comes back with another MAC is followed', async () => {
  const other = '02:00:00:00:77:77';
  await lab
    .host('s2')
    .run('sh', [
      '-c',
      `ip link set eth0 down; ip link set eth0 address ${other}; ip link set eth0 up; ip route add default via 10.0.1.2 || true`,
    ]);
  await until(
    () => hopline.text('device', 'show', 's2'),
    (text) => text.includes(other),
  );
  await until(
    () => fetched().catch(String),
    (text) => text === works('s2'),
  );
});

test('a NIC that vanishes degrades nobody else, and is attached to again when it is back', async () => {
  const use = lab.engine.file('spare.yaml', '{address: 198.51.100.30, port: 80, sequence: [spare]}');
  await hopline.text('service', 'set', 'spare', use);
  const degraded = async () => (await hopline.json<StatusView>('status')).degraded.map(({ service }) => service);
  await lab.engine.run('ip', ['link', 'delete', 'i9']);
  await until(degraded, (names) => names.join() === 'spare');
  expect(await fetched()).toBe(works('s2'));
  await lab.engine.run('ip', ['link', 'add', 'i9', 'type', 'veth', 'peer', 'name', 'x9']);
  await lab.engine.run('ip', ['link', 'set', 'i9', 'up']);
  await until(degraded, (names) => names.length === 0);
});

test('counters say what every hop handed on, to whom, and why frames were dropped', async () => {
  await fetchHttp(lab.host('client'), `${W1}:81`).catch(() => 'refused, as it should be');
  const { services, verdicts } = await hopline.json<CountersView>('counters');
  expect(services).toContainEqual(
    expect.objectContaining({ service: 'web', hop: 0, direction: 'forward', from: 'i0', to: 'webs tcp/80' }),
  );
  expect(verdicts).toContainEqual(expect.objectContaining({ interface: 'i0', reason: 'DROP_UNDEFINED_PORT' }));
});

test('rollback goes back to the definitions before, and forth again', async () => {
  const next = lab.engine.file('next.yaml', DEFINITIONS.replace('members: [s1, s2]', 'members: [s1]'));
  await hopline.text('apply', next);
  expect(await fetched()).toBe(works('s1'));
  await hopline.text('rollback');
  expect((await hopline.json<PoolView[]>('pool', 'list'))[0]!.members).toEqual(['s1', 's2']);
  await hopline.text('rollback');
  expect((await hopline.json<PoolView[]>('pool', 'list'))[0]!.members).toEqual(['s1']);
});

test('detach --all ends it, leaves nothing pinned, and the controller can begin again', async () => {
  expect(await hopline.text('detach', '--all')).toContain('i0: detached');
  expect((await hopline.json<StatusView>('status')).loaded).toBe(false);
  await hopline.text('apply', file);
  await until(
    () => fetched().catch(String),
    (text) => text === works('s1'),
  );
});
