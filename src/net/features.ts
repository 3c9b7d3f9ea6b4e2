import { runProgram } from './ip.ts';
import type { IpAddressRow } from './nics.ts';

/** What of a NIC decides whether XDP sees whole frames and whether redirected frames arrive. */
export interface NicFeatures {
  readonly nic: string;
  readonly driver: string;
  /** Offloads that are on, by ethtool's names. */
  readonly on: ReadonlySet<string>;
  /** Offloads that cannot be changed. */
  readonly fixed: ReadonlySet<string>;
  /** For a veth: its other end, where it is in this network namespace. */
  readonly peer?: { readonly nic: string; readonly gro: boolean; readonly xdp: boolean };
}

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

async function readOffloads(nic: string): Promise<Pick<NicFeatures, 'on' | 'fixed'>> {
  const [offloads] = JSON.parse(await runProgram('ethtool', ['--json', '-k', nic])) as [
    Record<string, Offload | string>,
  ];
  const named = Object.entries(offloads).filter((entry): entry is [string, Offload] => typeof entry[1] === 'object');
  return {
    on: new Set(named.filter(([, { active }]) => active === true).map(([name]) => name)),
    fixed: new Set(named.filter(([, { fixed }]) => fixed === true).map(([name]) => name)),
  };
}

async function readPeer(nic: string, rows: readonly IpAddressRow[]): Promise<NicFeatures['peer']> {
  const own = rows.find((row) => row.ifname === nic);
  if (own?.link_index === undefined || own.link_netnsid !== undefined) return undefined;
  const peer = rows.find((row) => row.ifindex === own.link_index);
  if (peer === undefined) return undefined;
  const { on } = await readOffloads(peer.ifname);
  return { nic: peer.ifname, gro: on.has('generic-receive-offload'), xdp: 'xdp' in peer };
}
