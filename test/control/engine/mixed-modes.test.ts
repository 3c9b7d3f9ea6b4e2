import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mixedModes } from '../../../src/control/engine/attachments.ts';
import { readNetwork } from '../../../src/net/snapshot.ts';

const sh = (command: string): string => execFileSync('sh', ['-ec', command], { encoding: 'utf8' });

beforeAll(() =>
  sh(`ip link add mixbr type bridge
      ip link add mix0 type veth peer name mix1
      ethtool -K mix0 gro on; ethtool -K mix1 gro on
      for nic in mixbr mix0 mix1; do ip link set $nic up; done`),
);
afterAll(() => sh('ip link del mixbr; ip link del mix0'));

test.each([
  ['a bridge device beside a NIC whose driver hands frames over', { mixbr: 'generic', mix0: 'native' }, 'mixbr'],
  ['all in generic mode', { mixbr: 'generic', mix0: 'generic' }, undefined],
  ['a driver that sends for others, in generic mode', { mix1: 'generic', mix0: 'native' }, undefined],
])('%s', async (_, modes, lost) => {
  const { nics } = await readNetwork();
  const attached = new Map(Object.entries(modes).map(([name, mode]) => [nics.get(name)!.ifindex, mode]));
  expect(mixedModes(attached, nics)).toEqual(
    lost === undefined
      ? []
      : [expect.stringMatching(new RegExp(`^NIC ${lost}: .*lost.*hopline attach --mode generic mix0\\)$`))],
  );
});
