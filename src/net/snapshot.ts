import type { NetworkState } from '../plan/network.ts';
import { ipJson } from './ip.ts';
import { fixedNeighbours, type IpNeighbourRow, parseNeighbours } from './neighbours.ts';
import { type IpAddressRow, parseNics, parseVlanDevices, type VlanDevice } from './nics.ts';

/** The network as the kernel has it now, and where its VLANs can be asked. */
export interface NetworkSnapshot extends NetworkState {
  readonly vlanDevices: readonly VlanDevice[];
  /** Neighbours written by hand, as `device address`: they are left alone. */
  readonly fixed?: ReadonlySet<string>;
}

/** Reads NICs, addresses and neighbours of this network namespace. About 5 ms. */
export async function readNetwork(): Promise<NetworkSnapshot> {
  const [addresses, neighbours] = await Promise.all([
    ipJson<IpAddressRow>('address', 'show'),
    ipJson<IpNeighbourRow>('neighbour', 'show'),
  ]);
  const vlanDevices = parseVlanDevices(addresses);
  return {
    nics: parseNics(addresses),
    neighbours: parseNeighbours(neighbours, vlanDevices),
    vlanDevices,
    fixed: fixedNeighbours(neighbours),
  };
}
