import type { NicFeatures } from './features.ts';

/** Something about a NIC that would make packets vanish or look wrong, and the command that cures it. */
export interface NicWarning {
  readonly nic: string;
  /** `problem`: packets are or will be lost. `note`: cannot be seen from here, worth a look. */
  readonly severity: 'problem' | 'note';
  readonly what: string;
  readonly cure: string;
}

const SENTENCES: Readonly<Record<string, readonly [what: string, option: string]>> = {
  'large-receive-offload': [
    'LRO joins packets before XDP sees them: they grow beyond the MTU and are dropped',
    'lro off',
  ],
  'rx-gro-hw': [
    'hardware GRO joins packets before XDP sees them: they grow beyond the MTU and are dropped',
    'rx-gro-hw off',
  ],
  'rx-vlan-offload': ['the NIC takes VLAN tags off before XDP sees them: tagged legs do not match', 'rxvlan off'],
};

const TAG_OPTIONS: Readonly<Record<string, string>> = { 'tx-vlan-offload': 'txvlan' };

/** Drivers that never take the tag away from a frame XDP is to see, whatever the flag says. */
const TAGS_STAY = new Set(['veth', 'virtio_net']);

/** What attaching to this NIC should say. Facts: docs and measurements of veth and virtio, see docs/design. */
export function nicWarnings(features: NicFeatures): readonly NicWarning[] {
  return [...offloadWarnings(features), ...vethWarnings(features), ...virtioWarnings(features)];
}

function offloadWarnings({ nic, driver, on, fixed }: NicFeatures): readonly NicWarning[] {
  return Object.entries(SENTENCES).flatMap(([offload, [what, option]]) => {
    if (!on.has(offload) || (offload === 'rx-vlan-offload' && TAGS_STAY.has(driver))) return [];
    const cure = fixed.has(offload)
      ? 'the driver cannot switch it off: use another NIC'
      : `ethtool -K ${nic} ${option}`;
    return [{ nic, severity: 'problem' as const, what, cure }];
  });
}

function vethWarnings({ nic, driver, peer }: NicFeatures): readonly NicWarning[] {
  if (driver !== 'veth') return [];
  if (peer === undefined) {
    const what =
      'its other end is in another namespace: unless GRO or XDP is on there, frames redirected to it vanish silently; with txvlan on there, tagged legs do not match';
    return [{ nic, severity: 'note', what, cure: 'there: ethtool -K LEG gro on tx off txvlan off' }];
  }
  const there = peer.namespace === undefined ? '' : `nsenter --net=/run/netns/${peer.namespace} `;
  const set = `${there}ethtool -K ${peer.nic}`;
  const warnings: NicWarning[] = [];
  if (!peer.gro && !peer.xdp) {
    const what = `its other end ${peer.nic} has neither GRO nor XDP: frames redirected to ${nic} vanish silently`;
    warnings.push({ nic, severity: 'problem', what, cure: `${set} gro on tx off` });
  }
  if (peer.tags.length > 0) {
    const what = `its other end ${peer.nic} hands VLAN tags over beside the frame, where XDP does not see them: tagged legs do not match`;
    const off = peer.tags.map((offload) => `${TAG_OPTIONS[offload] ?? offload} off`).join(' ');
    warnings.push({ nic, severity: 'note', what, cure: `where tags are used: ${set} ${off}` });
  }
  return warnings;
}

function virtioWarnings({ nic, driver, on }: NicFeatures): readonly NicWarning[] {
  if (driver !== 'virtio_net' || !on.has('rx-checksumming')) return [];
  const what = 'guests of one host send each other half-made checksums; behind a redirect nobody finishes them';
  return [{ nic, severity: 'note', what, cure: `ethtool -K ${nic} rx off, or guest_csum=off at the hypervisor` }];
}
