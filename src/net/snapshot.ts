import type { NetworkState } from '../plan/network.ts';
import { IpSession } from './ip-session.ts';
import { fixedNeighbours, parseNeighbours } from './neighbours.ts';
import { parseNics, parseVlanDevices, type VlanDevice } from './nics.ts';

/** The network as the kernel has it now, and where its VLANs can be asked. */
export interface NetworkSnapshot extends NetworkState {
  readonly vlanDevices: readonly VlanDevice[];
  /** Neighbours written by hand, as `device address`: they are left alone. */
  readonly fixed?: ReadonlySet<string>;
}

const session = new IpSession();

/** Reads NICs, addresses and neighbours of this network namespace. About 1 ms, 10 the first time. */
export async function readNetwork(): Promise<NetworkSnapshot> {
  const { addresses, neighbours } = await session.read();
  const vlanDevices = parseVlanDevices(addresses);
  return {
    nics: parseNics(addresses),
    neighbours: parseNeighbours(neighbours, vlanDevices),
    vlanDevices,
    fixed: fixedNeighbours(neighbours),
  };
}
