/** The unit of the package: what systemd thinks of it, and that each power it leaves the controller is needed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program } from '../lab/program.ts';
import { attempt } from '../lab/run.ts';
import { asUnit, readUnit } from './unit.ts';

const text = readFileSync('packaging/debian/hopline.service', 'utf8')
  .replaceAll('@OF@', '')
  .replaceAll('@INSTANCE@', 'unit')
  .replaceAll('@FILE@', 'none');
const unit = readUnit(text);
const folder = mkdtempSync(join(tmpdir(), 'hopline-unit-'));
const pins = `/sys/fs/bpf/hopline-unit-${process.pid}`;
const environment = {
  HOPLINE_INSTANCE: 'unit',
  HOPLINE_RUN_DIR: folder,
  HOPLINE_STATE_DIR: folder,
  HOPLINE_PIN_ROOT: pins,
};

beforeAll(() => mkdirSync(pins, { recursive: true }));
afterAll(async () => {
  await attempt('bin/hopline', ['detach', '--all'], { env: environment });
  rmSync(pins, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** The unit's command as this checkout has it, as a user root that has only these capabilities. */
function start(
  capabilities: readonly string[],
  command = ['bin/hopline', 'run', '--config', join(folder, 'none.yaml')],
) {
  const own = { ...unit, command, all: () => ['0'] };
  const [program, ...args] = asUnit(own, capabilities);
  return new Program('controller', program!, args, environment);
}

test('systemd finds nothing wrong, and little exposed', async () => {
  const file = join(folder, 'hopline.service');
  writeFileSync(file, text.replaceAll('/usr/bin/hopline', '/bin/true'));
  const verified = await attempt('systemd-analyze', ['verify', '--man=no', file]);
  expect(`${verified.stdout}${verified.stderr}`.split('\n').filter((line) => line.includes('hopline'))).toEqual([]);
  const judged = await attempt('systemd-analyze', ['security', '--offline=yes', '--threshold=35', '--no-pager', file]);
  expect(`${judged.code} ${judged.stderr}`, judged.stdout).toMatch(/^0 /);
});

test('it is started again for ever', () => {
  expect([unit.all('Restart'), unit.all('StartLimitIntervalSec')]).toEqual([['always'], ['0']]);
});

test('the controller runs with what the unit leaves it', async () => {
  const controller = start(unit.capabilities);
  await controller.shows(/controller runs/, 60_000);
  expect(controller.log).not.toMatch(/EPERM|EACCES|not raised/);
  await controller.stop();
});

test.each([
  ['CAP_BPF', /RLIMIT_MEMLOCK|operation not permitted/i],
  ['CAP_NET_ADMIN', /operation not permitted/i],
  ['CAP_PERFMON', /the verifier refused it/],
  ['CAP_SYS_NICE', /priority not raised/],
])('it needs %s', async (name, says) => {
  await attempt('bin/hopline', ['detach', '--all'], { env: environment });
  const controller = start(unit.capabilities.filter((each) => each !== name));
  await controller.shows(says, 60_000);
  await controller.stop();
});

test('and CAP_NET_RAW for probes that ping', async () => {
  const range = readFileSync('/proc/sys/net/ipv4/ping_group_range', 'utf8').trim().split(/\s+/).map(Number);
  expect(range[0], 'this network namespace lets groups ping').toBeGreaterThan(range[1]!);
  const pinging = (capabilities: readonly string[]) => start(capabilities, ['fping', '-c1', '127.0.0.1']);
  await pinging(unit.capabilities).shows(/1\/1\/0%/, 20_000);
  await pinging(unit.capabilities.filter((name) => name !== 'CAP_NET_RAW')).shows(/socket|permit/i, 20_000);
});
