/** What another instance has, what a namespace hides, and what a command is told when it cannot be: told in order. */
import { existsSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeviceReport } from '../../src/api-types/health-operations.ts';
import type { ServiceView, StatusView } from '../../src/api-types/operations.ts';
import { namespaceOfOwnMounts } from '../../src/dataplane/pin-root.ts';
import { Lab, listener } from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside } from '../scenarios/common.ts';
import { Hopline, until } from './hopline.ts';

const DEFINITIONS = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
services:
  one: {address: 198.51.100.10, port: 80, sequence: [s1]}
health: off
`;
const OTHERS = `
interfaces:
  i9: {faces: [clients, devices]}
devices:
  s9: {kind: server, mode: loopback, legs: {only: {interface: i9, mac: "02:00:00:00:03:09"}}}
services:
  two: {address: 198.51.100.20, port: 80, sequence: [s9]}
health: off
`;

let lab: Lab;
let hopline: Hopline;
let file: string;
const two = { HOPLINE_INSTANCE: 'two' };

const attempt = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  lab.engine.attempt(hopline.path, args, { env: { ...hopline.env, ...env } });

beforeAll(async () => {
  lab = await Lab.create({
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: listener('i1') },
  });
  await lab.engine.run('ip', ['link', 'add', 'i9', 'type', 'veth', 'peer', 'name', 'x9']);
  await lab.engine.run('ip', ['link', 'set', 'i9', 'up']);
  file = lab.engine.file('one.yaml', DEFINITIONS);
  hopline = new Hopline(lab);
  await hopline.text('apply', file);
  expect(await attempt(two, 'apply', lab.engine.file('two.yaml', OTHERS))).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await attempt(two, 'detach', '--all');
  await lab?.close();
});

test('an apply of NICs that another instance has changes nothing, and names instance and program', async () => {
  const { code, stderr } = await attempt(two, 'apply', file);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /i0: instance cli of Hopline is attached there: program hopline \(id \d+\).*nothing was changed/,
    ),
  ]);
  const services = JSON.parse((await attempt(two, '-o', 'json', 'service', 'list')).stdout) as ServiceView[];
  expect(services.map(({ name, state }) => [name, state])).toEqual([['two', 'up']]);
});

test('a controller started with such a file leaves in force and on the disk what was there, and says so', async () => {
  const controller = lab.engine.start(hopline.path, ['run', '--config', file], { ...hopline.env, ...two });
  await controller.shows(/controller runs/, 60_000);
  const { stdout } = await attempt(two, '-o', 'json', 'status');
  const status = JSON.parse(stdout) as StatusView;
  expect(status.problems).toContainEqual(
    expect.stringMatching(/one\.yaml is not applied.*instance cli of Hopline is attached/),
  );
  expect((await attempt(two, 'status', '--fail-degraded')).code).toBe(1);
  await controller.stop();
  const services = JSON.parse((await attempt(two, '-o', 'json', 'service', 'list')).stdout) as ServiceView[];
  expect(services.map(({ name, state }) => [name, state])).toEqual([['two', 'up']]);
});

test('an apply that attaches to one NIC and not to the next lets go of the first', async () => {
  await lab.engine.run('ip', ['link', 'add', 'i8', 'type', 'veth', 'peer', 'name', 'x8']);
  const both = DEFINITIONS.replaceAll('i1', 'i8')
    .replace('i0:', 'i0:')
    .replace('interfaces:', 'interfaces:\n  i9: {faces: devices}');
  const { code } = await attempt(two, 'apply', lab.engine.file('both.yaml', both));
  expect(code).toBe(1);
  const { stdout } = await attempt(two, '-o', 'json', 'status');
  expect((JSON.parse(stdout) as StatusView).interfaces.map(({ nic }) => nic)).toEqual(['i9']);
});

test('a missing directory for pins is made; who is attached under another root is another program', async () => {
  const root = `${hopline.env.HOPLINE_PIN_ROOT}-made`;
  const elsewhere = { HOPLINE_PIN_ROOT: join(root, 'deep'), HOPLINE_INSTANCE: 'three' };
  const { code, stderr } = await attempt(elsewhere, 'attach', 'i0');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/another XDP program is attached there: program hopline/)]);
  expect(existsSync(join(root, 'deep', 'hopline', 'three'))).toBe(true);
  expect(await attempt(elsewhere, 'detach', '--all')).toMatchObject({ code: 0 });
  for (const part of ['deep/hopline', 'deep', '']) rmdirSync(join(root, part));
  const nowhere = await attempt({ HOPLINE_PIN_ROOT: join(lab.folder, 'none') }, 'attach', 'i0');
  expect([nowhere.code, nowhere.stderr]).toEqual([
    3,
    expect.stringMatching(/it is no BPF file system \(mkdir -p (\S+) && mount -t bpf bpf \1\)/),
  ]);
});

test('ip netns exec, whose pins would go with it, is refused by every command that needs them', async () => {
  const name = basename(lab.engine.netns);
  for (const args of [['attach', 'i0'], ['status'], ['apply', file]]) {
    const { code, stderr } = await lab.engine.attempt('ip', ['netns', 'exec', name, hopline.path, ...args], {
      env: hopline.env,
    });
    expect([args, code, stderr]).toEqual([args, 3, expect.stringContaining(`nsenter --net=/run/netns/${name}`)]);
  }
});

test('its mounts are told from those of a container', () => {
  const mounts = (source: string) => `22 1 0:20 / / rw - ext4 /dev/vda rw\n31 22 0:25 / /sys rw - sysfs ${source} rw\n`;
  expect([mounts('sysfs'), mounts('none'), mounts('blue')].map(namespaceOfOwnMounts)).toEqual([
    undefined,
    undefined,
    'blue',
  ]);
});

test('what cannot be has an exit code: a drain, and another object for the programs', async () => {
  const watched = DEFINITIONS.replace('health: off\n', '');
  const config = lab.engine.file('watched.yaml', watched);
  const controller = await hopline.run('--config', config);
  for (let time = 0; time < 2; time++) {
    const drained = await hopline.attempt('-o', 'json', 'device', 'drain', 's1');
    const report = JSON.parse(drained.stdout) as DeviceReport;
    expect([drained.code, report.events.map(({ what }) => what)]).toEqual([1, expect.arrayContaining(['refused'])]);
  }
  expect((await hopline.attempt('device', 'restore', 's1')).code).toBe(0);
  const object = join(lab.folder, 'object.o');
  writeFileSync(object, 'no object');
  const { code, stderr } = await hopline.attempt('--object', object, 'upgrade');
  expect([code, stderr]).toEqual([1, expect.stringContaining(object)]);
  await until(
    () => hopline.text('upgrade'),
    (said) => said.includes('are those already'),
  );
  await controller.stop();
});
