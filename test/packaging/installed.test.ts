/** The Debian package: installed, carrying the README's first chain, upgraded under traffic, removed. See root.ts for where. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StatusView } from '../../src/api-types/operations.ts';
import { until } from '../daemon/hopline.ts';
import { fetchHttp, Lab, listener, natServer, routingFirewall, startNginx, type Topology } from '../lab/index.ts';
import type { Program } from '../lab/program.ts';
import { ENGINE_ADDRESSES, outside } from '../scenarios/common.ts';
import { Root } from './root.ts';
import { asUnit, readUnit, type Unit } from './unit.ts';

const OLD = '0.0.9';
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills it in.
const FIELDS = '${Status} ${Version}';
const PATIENCE = 60_000;

/** Hosts 01 and 02 are the firewalls, 03 the IDS: their MACs are those of the README. */
function firewall(number: number) {
  return routingFirewall({
    outside: { on: 'i1', addresses: [`10.0.1.${20 + number}/24`] },
    inside: { on: 'i2', addresses: [`10.0.2.${20 + number}/24`] },
    routes: ['default via 10.0.1.2', '10.0.3.0/24 via 10.0.2.2', '198.51.100.0/24 via 10.0.2.2'],
  });
}
const TOPOLOGY: Topology = {
  engine: ENGINE_ADDRESSES,
  hosts: {
    fw1: firewall(1),
    fw2: firewall(2),
    ids: listener('i1'),
    ...outside,
    app: natServer({ on: 'i3', addresses: ['10.0.3.11/24'], gateways: ['10.0.3.2'] }),
  },
};
const SERVICE = '198.51.100.10:443';

const folder = mkdtempSync(join(tmpdir(), 'hopline-packages-'));
const packages = { old: '', current: '' };
let root: Root;
let lab: Lab;
let unit: Unit;
let controller: Program;

const made = (...args: readonly string[]): string =>
  execFileSync(process.execPath, ['packaging/debian.ts', folder, ...args], { encoding: 'utf8' }).trim();

const install = (file: string): Promise<string> =>
  root.run(['apt-get', 'install', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', file]);

const hopline = (...args: readonly string[]): Promise<string> => root.run(['hopline', ...args], lab.engine);
const status = async (): Promise<StatusView> => JSON.parse(await hopline('-o', 'json', 'status')) as StatusView;

/** Starts the unit's command as systemd does, and waits until nothing is wrong. */
async function start(): Promise<void> {
  controller = root.start(asUnit(unit), lab.engine);
  await controller.shows(/controller runs/, PATIENCE);
  await until(status, ({ services, degraded }) => services === 1 && degraded.length === 0, PATIENCE);
}

beforeAll(async () => {
  packages.old = made(OLD, '.output/test/upgrade/hopline.bpf.o');
  packages.current = made();
  [root, lab] = await Promise.all([Root.create(), Lab.create(TOPOLOGY)]);
  if (root.isFresh) await root.run(['apt-get', 'update']);
}, 300_000);
afterAll(async () => {
  await lab?.close();
  await root?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the package of the version before is installed, with what it needs', { timeout: 300_000 }, async () => {
  await install(root.take(packages.old));
  expect(await root.run(['dpkg-query', '-W', '-f', FIELDS, 'hopline'])).toBe(`install ok installed ${OLD}`);
  expect(await root.run(['sh', '-c', 'command -v clang make npm || :'])).toEqual(root.isFresh ? '' : expect.anything());
  expect(await root.run(['getent', 'group', 'hopline', 'hopline-admin'])).toMatch(/^hopline:.*\nhopline-admin:.*\n$/);
  expect(await root.run(['hopline', '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  unit = readUnit(root.read('/usr/lib/systemd/system/hopline.service'));
});

test('the first chain of the README carries traffic, with the powers of the unit', { timeout: 120_000 }, async () => {
  await startNginx(lab.host('app'), { 8443: 'from the server' });
  const [, chain] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))!;
  writeFileSync(root.path('/etc/hopline/hopline.yaml'), chain!);
  // RuntimeDirectory and StateDirectory.
  await root.run(['install', '-d', '-m', '0755', '/run/hopline']);
  await root.run(['install', '-d', '-m', '0700', '/var/lib/hopline']);
  await start();
  const seen = lab.host('ids').start('tcpdump', ['-p', '-n', '-l', '-i', 'eth0', 'tcp', 'port', '443']);
  await seen.shows(/listening on/);
  expect(await fetchHttp(lab.host('client'), SERVICE)).toBe('from the server\n');
  await seen.shows(/ > 198\.51\.100\.10\.443: /);
  const down = async () => (await status()).attention;
  expect(await until(down, (attention) => attention.length === 0, PATIENCE)).toEqual([]);
});

test('members of the group look, others do not', async () => {
  const ask = (group: string) =>
    root.attempt(['setpriv', '--reuid=65534', '--regid=65534', `--groups=${group}`, 'hopline', 'status'], lab.engine);
  expect(await ask('hopline')).toMatchObject({ code: 0, stdout: expect.stringContaining('all well') });
  const refused = await ask('nogroup');
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('members of the group hopline')]);
});

test('the controller is used to the upgrade, and no request is lost', { timeout: 300_000 }, async () => {
  const client = lab.host('client');
  const stop = join(client.folder, 'stop');
  client.file('begun', '');
  const loop = `n=0; lost=0; while [ ! -e ${stop} ]; do n=$((n + 1))
    [ $n = 1 ] && echo begun; curl -sf --max-time 10 http://${SERVICE}/ >/dev/null || { lost=$((lost + 1)); echo lost $n; }
    done; echo sent $n, lost $lost`;
  const requests = client.start('sh', ['-c', loop]);
  await requests.shows(/begun/);
  const before = (await status()).controller!.pid;
  await install(root.take(packages.current));
  // The old controller has the new files around it, until systemd starts the next one.
  await hopline('device', 'drain', 'fw1');
  await hopline('device', 'restore', 'fw1');
  expect(controller.running).toBe(true);
  await controller.stop();
  await start();
  expect((await status()).controller!.pid).not.toBe(before);
  expect(controller.log).toContain('programs replaced by those of this version');
  expect(await fetchHttp(client, SERVICE)).toBe('from the server\n');
  writeFileSync(stop, '');
  const [, sent] = await requests.shows(/sent (\d+), lost 0\n/, PATIENCE);
  expect(Number(sent)).toBeGreaterThan(10);
});

test('it is removed, with all that it left in the kernel', { timeout: 240_000 }, async () => {
  await controller.stop();
  expect(await root.run(['ls', '/sys/fs/bpf/hopline'])).toBe('default\n');
  await root.run(['apt-get', 'remove', '-y', '-o', 'Dpkg::Use-Pty=0', 'hopline'], lab.engine);
  expect(await root.run(['ls', '/sys/fs/bpf'])).not.toContain('hopline');
  expect(await lab.engine.run('ip', ['-d', 'link'])).not.toContain('xdp');
  expect(root.read('/etc/hopline/hopline.yaml')).toContain('shop');
  await root.run(['apt-get', 'purge', '-y', '-o', 'Dpkg::Use-Pty=0', 'hopline'], lab.engine);
  const left = ['find', '/etc', '/usr', '/var', '/run', '-xdev', '-iname', '*hopline*'];
  expect(await root.run(left)).toBe('');
  expect(root.read('/etc/group')).not.toContain('hopline');
});
