import { expect, test } from 'vitest';
import type { NicFeatures } from '../../src/net/features.ts';
import { nicWarnings } from '../../src/net/warnings.ts';

function nic(driver: string, on: readonly string[] = [], more: Partial<NicFeatures> = {}): NicFeatures {
  return { nic: 'eth1', driver, on: new Set(on), fixed: new Set(), ...more };
}

const peer = { nic: 'p', gro: false, xdp: false, tags: [] };

test.each<[string, NicFeatures, readonly string[]]>([
  ['a quiet NIC has no warnings', nic('ixgbe', ['generic-receive-offload']), []],
  ['LRO', nic('ixgbe', ['large-receive-offload']), ['ethtool -K eth1 lro off']],
  ['hardware GRO', nic('ixgbe', ['rx-gro-hw']), ['ethtool -K eth1 rx-gro-hw off']],
  ['VLAN tags taken off', nic('ixgbe', ['rx-vlan-offload']), ['ethtool -K eth1 rxvlan off']],
  ['the flag of a veth means nothing', nic('veth', ['rx-vlan-offload'], { peer: { ...peer, gro: true } }), []],
  ['a veth whose other end has neither GRO nor XDP', nic('veth', [], { peer }), ['ethtool -K p gro on tx off']],
  ['XDP on the other end will do', nic('veth', [], { peer: { ...peer, xdp: true } }), []],
  ['another namespace cannot be looked into', nic('veth'), ['there: ethtool -K LEG gro on tx off txvlan off']],
  [
    'a veth whose other end hands tags over beside the frame',
    nic('veth', [], { peer: { ...peer, gro: true, tags: ['tx-vlan-offload', 'tx-vlan-stag-hw-insert'] } }),
    ['where tags are used: ethtool -K p txvlan off tx-vlan-stag-hw-insert off'],
  ],
  [
    'both, in a namespace that has a name',
    nic('veth', [], { peer: { ...peer, namespace: 'fw', tags: ['tx-vlan-offload'] } }),
    [
      'nsenter --net=/run/netns/fw ethtool -K p gro on tx off',
      'where tags are used: nsenter --net=/run/netns/fw ethtool -K p txvlan off',
    ],
  ],
  [
    'an offload that is fixed',
    nic('odd', ['large-receive-offload'], { fixed: new Set(['large-receive-offload']) }),
    ['the driver cannot switch it off: use another NIC'],
  ],
  [
    'virtio with half-made checksums',
    nic('virtio_net', ['rx-checksumming', 'rx-vlan-offload']),
    ['ethtool -K eth1 rx off, or guest_csum=off at the hypervisor'],
  ],
])('%s', (_, features, cures) => {
  expect(nicWarnings(features).map(({ cure }) => cure)).toEqual(cures);
});
