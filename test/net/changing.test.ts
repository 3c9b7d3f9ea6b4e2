/** NICs come and go while the kernel lists them: it says that the list may lack some, and Hopline asks again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ipJson } from '../../src/net/ip.ts';
import type { IpAddressRow } from '../../src/net/nics.ts';
import { readNetwork } from '../../src/net/snapshot.ts';

/** Enough NICs that the kernel lists them in several parts. */
const STAYING = Array.from({ length: 40 }, (_, number) => `chg-s${number}`);
/** One reading of fifty is interrupted. */
const READINGS = 300;

let changing: ChildProcess;

/** Until it is killed. */
const CHANGES =
  'while :; do ip link add chg-a type veth peer name chg-b; ip link set chg-a up; ip link del chg-a; done';

beforeAll(async () => {
  const add = STAYING.map((nic) => `ip link add ${nic} type veth`).join(' && ');
  changing = spawn('sh', ['-c', `${add} && echo ready && ${CHANGES}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(changing.stdout!, 'data');
});

afterAll(async () => {
  changing.kill();
  await once(changing, 'exit');
  const remove = [...STAYING, 'chg-a'].map((nic) => `ip link del ${nic}`).join('; ');
  await once(spawn('sh', ['-c', remove], { stdio: 'ignore' }), 'exit');
});

test('the network is read while NICs come and go, whole each time', async () => {
  for (let reading = 0; reading < READINGS; reading++) {
    const { nics } = await readNetwork();
    expect(STAYING.filter((nic) => !nics.has(nic))).toEqual([]);
  }
});

test('and by `ip` alone', async () => {
  for (let reading = 0; reading < READINGS / 3; reading++) {
    const names = new Set((await ipJson<IpAddressRow>('address', 'show')).map(({ ifname }) => ifname));
    expect(STAYING.filter((nic) => !names.has(nic))).toEqual([]);
  }
});
