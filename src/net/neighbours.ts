import type { Mac } from '../plan/types.ts';
import type { VlanDevice } from './nics.ts';

/** One row of `ip -j neighbour`. */
export interface IpNeighbourRow {
  readonly dst: string;
  readonly dev: string;
  readonly lladdr?: string;
  readonly state: readonly string[];
  /** Present (null) on entries that the kernel keeps fresh for us. */
  readonly managed?: null;
}

/** A neighbour whose MAC somebody needs. `vlans` as the frames there have them, outer first. */
export interface WantedNeighbour {
  readonly nic: string;
  readonly vlans: readonly number[];
  readonly address: string;
}

/** States in which the kernel itself would send to `lladdr`. */
const USABLE = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP']);

/** Key of `NetworkState.neighbours`. */
export function neighbourKey(nic: string, address: string): string {
  return `${nic} ${address}`;
}

/** MACs by `nic address`. Neighbours of a VLAN device count as its parent's: the engine sees their frames there. */
export function parseNeighbours(
  rows: readonly IpNeighbourRow[],
  vlanDevices: readonly VlanDevice[] = [],
): ReadonlyMap<string, Mac> {
  const parents = new Map(vlanDevices.map((device) => [device.name, device.parent]));
  const neighbours = new Map<string, Mac>();
  for (const row of rows) {
    if (row.lladdr === undefined || !row.state.some((state) => USABLE.has(state))) continue;
    const parent = parents.get(row.dev);
    const key = neighbourKey(parent ?? row.dev, row.dst);
    if (parent === undefined || !neighbours.has(key)) neighbours.set(key, row.lladdr);
  }
  return neighbours;
}

/** Entries that somebody wrote by hand, as `device address`: the kernel must not be told to ask for them. */
export function fixedNeighbours(rows: readonly IpNeighbourRow[]): ReadonlySet<string> {
  return new Set(rows.filter(({ state }) => state.includes('PERMANENT')).map(({ dev, dst }) => `${dev} ${dst}`));
}

/**
 * The device on which the kernel can ask for a neighbour: the NIC itself, or the VLAN device for its one tag.
 * Undefined where there is none (then the definitions have to give the MAC).
 */
export function deviceToAskOn(wanted: WantedNeighbour, vlanDevices: readonly VlanDevice[]): string | undefined {
  if (wanted.vlans.length === 0) return wanted.nic;
  if (wanted.vlans.length > 1) return undefined;
  return vlanDevices.find((device) => device.parent === wanted.nic && device.id === wanted.vlans[0])?.name;
}
