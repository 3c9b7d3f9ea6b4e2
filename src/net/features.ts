import { ipJson, runProgram } from './ip.ts';
import type { IpAddressRow } from './nics.ts';

/** What of a NIC decides whether XDP sees whole frames and whether redirected frames arrive. */
export interface NicFeatures {
  readonly nic: string;
  readonly driver: string;
  /** Offloads that are on, by ethtool's names. */
  readonly on: ReadonlySet<string>;
  /** Offloads that cannot be changed. */
  readonly fixed: ReadonlySet<string>;
  /** For a veth: its other end, where it is in this network namespace or in one that `ip netns` has a name for. */
  readonly peer?: {
    readonly nic: string;
    /** Name of the other network namespace. */
    readonly namespace?: string;
    readonly gro: boolean;
    readonly xdp: boolean;
    /** Its offloads that hand VLAN tags over beside the frame, by ethtool's names. */
    readonly tags: readonly string[];
  };
}

const TAGGING = ['tx-vlan-offload', 'tx-vlan-stag-hw-insert'];

interface Offload {
  readonly active?: boolean | null;
  readonly fixed?: boolean | null;
}

/** Reads drivers and offloads by ethtool; `rows` is `ip -j -d address show`. */
export async function readFeatures(nic: string, rows: readonly IpAddressRow[]): Promise<NicFeatures> {
  const [driver, offloads] = await Promise.all([readDriver(nic), readOffloads(nic)]);
  const peer = driver === 'veth' ? await readPeer(nic, rows) : undefined;
  return { nic, driver, ...offloads, ...(peer === undefined ? {} : { peer }) };
}

async function readDriver(nic: string): Promise<string> {
  const text = await runProgram('ethtool', ['-i', nic]);
  return /^driver: (.*)$/m.exec(text)?.[1] ?? 'unknown';
}

async function readOffloads(nic: string, namespace?: string): Promise<Pick<NicFeatures, 'on' | 'fixed'>> {
  const [offloads] = JSON.parse(await runIn(namespace, 'ethtool', ['--json', '-k', nic])) as [
    Record<string, Offload | string>,
  ];
  const named = Object.entries(offloads).filter((entry): entry is [string, Offload] => typeof entry[1] === 'object');
  return {
    on: new Set(named.filter(([, { active }]) => active === true).map(([name]) => name)),
    fixed: new Set(named.filter(([, { fixed }]) => fixed === true).map(([name]) => name)),
  };
}

function runIn(namespace: string | undefined, program: string, args: readonly string[]): Promise<string> {
  if (namespace === undefined) return runProgram(program, args);
  return runProgram('nsenter', [`--net=/run/netns/${namespace}`, program, ...args]);
}

async function readPeer(nic: string, rows: readonly IpAddressRow[]): Promise<NicFeatures['peer']> {
  const own = rows.find((row) => row.ifname === nic);
  if (own === undefined) return undefined;
  const namespace = own.link_netnsid === undefined ? undefined : await namespaceOf(own.link_netnsid);
  if (own.link_netnsid !== undefined && namespace === undefined) return undefined;
  const there = namespace === undefined ? rows : await rowsIn(namespace);
  // iproute2 gives the name of one that it sees itself, else the number.
  const peer = there.find((row) => (own.link === undefined ? row.ifindex === own.link_index : row.ifname === own.link));
  if (peer === undefined) return undefined;
  const { on } = await readOffloads(peer.ifname, namespace);
  return {
    nic: peer.ifname,
    ...(namespace !== undefined && { namespace }),
    gro: on.has('generic-receive-offload'),
    xdp: 'xdp' in peer,
    tags: TAGGING.filter((offload) => on.has(offload)),
  };
}

/** The name `ip netns` has for it, where it has one. */
async function namespaceOf(number: number): Promise<string | undefined> {
  const named = await ipJson<{ readonly nsid: number; readonly name?: string }>('netns', 'list-id');
  return named.find(({ nsid }) => nsid === number)?.name;
}

async function rowsIn(namespace: string): Promise<readonly IpAddressRow[]> {
  return JSON.parse((await runIn(namespace, 'ip', ['-j', '-d', 'address', 'show'])) || '[]') as IpAddressRow[];
}
