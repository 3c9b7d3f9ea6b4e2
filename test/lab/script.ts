/** A topology as the commands that make it: pure, so that it can be read before it is run. */
import { allHosts, ENGINE, type End, type HostSpec, type LegSpec, SWITCH, type Topology } from './topology.ts';

/** Everything a lab runs to come up. */
export interface Scripts {
  /** Names of the hosts, the switch among them. */
  readonly hosts: readonly string[];
  /** For `ip -batch`: namespaces and the cables between them. */
  readonly links: string;
  /** For `sh` inside the namespace of each host. */
  readonly setups: ReadonlyMap<string, string>;
  /** Where a segment of the engine is seen: the NIC at the other end of the engine's cable. */
  readonly taps: ReadonlyMap<string, End>;
}

interface Cable {
  readonly ends: readonly [End, End];
  readonly segment: string;
}

function plugs(hosts: ReadonlyMap<string, HostSpec>): Map<string, End[]> {
  const segments = new Map<string, End[]>();
  for (const [host, spec] of hosts) {
    for (const [nic, leg] of Object.entries(spec.legs)) {
      segments.set(leg.on, [...(segments.get(leg.on) ?? []), { host, nic }]);
    }
  }
  return segments;
}

/** Two ends: one cable. Any other number: a bridge in the switch, and a cable from each end to it. */
function cablesOf(segment: string, ends: readonly End[]): Cable[] {
  const [first, second] = ends;
  if (ends.length === 2 && first && second) {
    return [{ segment, ends: [first, second] }];
  }
  return ends.map((end, place) => ({ segment, ends: [end, { host: SWITCH, nic: `${segment}p${place}` }] }));
}

function linkLine(netns: (host: string) => string, hosts: ReadonlyMap<string, HostSpec>, cable: Cable): string {
  const [one, other] = cable.ends.map(({ host, nic }) => {
    const leg: LegSpec | undefined = hosts.get(host)?.legs[nic];
    const mac = leg?.mac === undefined ? '' : ` address ${leg.mac}`;
    const mtu = leg?.mtu === undefined ? '' : ` mtu ${leg.mtu}`;
    return `name ${nic} netns ${netns(host)}${mac}${mtu}`;
  });
  return `link add ${one} type veth peer ${other}`;
}

/**
 * `gro on` lets a veth receive redirected frames, `tx off` makes its stack finish checksums before sending. Only a NIC
 * that is up tells its peer that it takes redirected frames from now on. The other two leave VLAN tags in the frame, where
 * the engine sees them: a bridge takes them out, and hands them beside the frame to a NIC that can take them so.
 */
const offloads = (nic: string): string =>
  `ethtool -K ${nic} gro on tx off tx-vlan-hw-insert off tx-vlan-stag-hw-insert off >/dev/null`;

const heredoc = (command: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${command} <<'END'\n${lines.join('\n')}\nEND`;

function sysctlLines(values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values).map(([key, value]) => `echo ${value} >/proc/sys/net/${key}`);
}

const COMMON = [
  'set -e',
  'for conf in /proc/sys/net/ipv6/conf/*; do echo 0 >$conf/accept_dad; echo 0 >$conf/accept_ra; done',
  'for conf in /proc/sys/net/ipv4/conf/*; do echo 0 >$conf/rp_filter; done',
];

function hostSetup(name: string, host: HostSpec): string {
  const nics = Object.entries(host.legs);
  const forwards = host.forwards ? 1 : 0;
  const bridge = host.bridges ? ['link add br0 type bridge forward_delay 0 mcast_snooping 0'] : [];
  const ip = [
    ...bridge,
    'link set lo up',
    ...(host.owns ?? []).map((address) => `address add ${address} dev lo`),
    ...nics.flatMap(([nic, leg]) => (leg.addresses ?? []).map((each) => `address add ${each} dev ${nic} nodad`)),
    ...nics.map(([nic]) => `link set ${nic}${host.bridges ? ' master br0' : ''} up`),
    ...(host.bridges ? ['link set br0 up'] : []),
    ...(host.routes ?? []).map((route) => `route add ${route}`),
    ...(host.neighbours ?? []).map((neighbour) => `neighbour add ${neighbour}`),
    ...(host.ip ?? []),
  ];
  return [
    ...COMMON,
    ...sysctlLines({ 'ipv4/ip_forward': forwards, 'ipv6/conf/all/forwarding': forwards, ...host.sysctls }),
    heredoc('ip -batch -', ip),
    ...(name === ENGINE ? [] : nics.map(([nic]) => offloads(nic))),
    host.nft === undefined ? '' : heredoc('nft -f -', [host.nft]),
  ].join('\n');
}

function switchSetup(cables: readonly Cable[]): string {
  const ports = cables.flatMap(({ ends, segment }) =>
    ends.filter((end) => end.host === SWITCH).map((end) => ({ segment, nic: end.nic })),
  );
  const bridges = new Set(ports.map((port) => port.segment));
  return [
    'set -e',
    'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6',
    heredoc('ip -batch -', [
      ...[...bridges].map((segment) => `link add br-${segment} up type bridge forward_delay 0 mcast_snooping 0`),
      ...ports.map((port) => `link set ${port.nic} master br-${port.segment} up`),
    ]),
    ...ports.map((port) => offloads(port.nic)),
  ].join('\n');
}

/** The commands for a topology whose namespaces are called `prefix-host`. */
export function scriptsFor(topology: Topology, prefix: string): Scripts {
  const netns = (host: string): string => `${prefix}-${host}`;
  const hosts = allHosts(topology);
  const cables = [...plugs(hosts)].flatMap(([segment, ends]) => cablesOf(segment, ends));
  const names = [...hosts.keys(), SWITCH];
  const taps = new Map<string, End>();
  for (const { ends, segment } of cables) {
    const [one, other] = ends;
    if (one.host === ENGINE) {
      taps.set(segment, other);
    }
  }
  return {
    hosts: names,
    links: [
      ...names.map((host) => `netns add ${netns(host)}`),
      ...cables.map((each) => linkLine(netns, hosts, each)),
    ].join('\n'),
    setups: new Map([
      ...[...hosts].map(([name, host]) => [name, hostSetup(name, host)] as const),
      [SWITCH, switchSetup(cables)],
    ]),
    taps,
  };
}
