import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFeatures } from '../../src/net/features.ts';
import { ipJson } from '../../src/net/ip.ts';
import type { IpAddressRow } from '../../src/net/nics.ts';
import { nicWarnings } from '../../src/net/warnings.ts';

const NIC = 'feat0';
const FAR = 'feat1';
const NAMESPACE = `hopline-feat${process.pid}`;
const sh = (command: string): string => execFileSync('sh', ['-c', command], { encoding: 'utf8' });

beforeEach(() => sh(`ip netns add ${NAMESPACE}`));
afterEach(() => sh(`ip link del ${NIC}; ip netns del ${NAMESPACE}`));

async function cures(): Promise<string[]> {
  const features = await readFeatures(NIC, await ipJson<IpAddressRow>('address', 'show'));
  return nicWarnings(features).map(({ cure }) => cure.replace('where tags are used: ', ''));
}

test.each([
  ['in this namespace', '', ''],
  ['in one that has a name', `netns ${NAMESPACE}`, `nsenter --net=/run/netns/${NAMESPACE} `],
])('the other end of a veth %s: what is told is cured by the commands that are told', async (_, where, there) => {
  sh(`ip link add ${NIC} type veth peer name ${FAR} ${where}`);
  const told = await cures();
  expect(told).toEqual([
    `${there}ethtool -K ${FAR} gro on tx off`,
    `${there}ethtool -K ${FAR} txvlan off tx-vlan-stag-hw-insert off`,
  ]);
  for (const command of told) sh(command);
  expect(await cures()).toEqual([]);
});
