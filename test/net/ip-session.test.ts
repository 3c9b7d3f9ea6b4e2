import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { IpSession } from '../../src/net/ip-session.ts';

/** The `ip` that this process keeps. */
function helpers(): readonly number[] {
  const rows = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split(
    '\n',
  );
  return rows.filter((row) => row.includes('ip -j -d -batch')).map((row) => Number.parseInt(row, 10));
}

test('an ip that somebody ended between two readings is started again', async () => {
  const session = new IpSession();
  expect((await session.read()).addresses.map(({ ifname }) => ifname)).toContain('lo');
  const [helper] = helpers();
  process.kill(helper!, 'SIGHUP');
  await expect.poll(helpers).toEqual([]);
  expect((await session.read()).addresses.map(({ ifname }) => ifname)).toContain('lo');
});

test('so is one that is ended while it is asked', async () => {
  const session = new IpSession();
  await session.read();
  process.kill(helpers().at(-1)!, 'SIGSTOP');
  const reading = session.read();
  process.kill(helpers().at(-1)!, 'SIGKILL');
  expect((await reading).addresses.map(({ ifname }) => ifname)).toContain('lo');
});
