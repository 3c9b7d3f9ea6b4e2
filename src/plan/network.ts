/** What the plan needs to know of the machine and of the network: a plain value, taken by `src/net`. */
import type { Mac } from './types.ts';

export interface NicState {
  readonly name: string;
  readonly ifindex: number;
  readonly mac: Mac;
  readonly mtu: number;
  readonly up: boolean;
  /** Whether the cable has another end that is up; undefined where nobody looked. */
  readonly carrier?: boolean;
  readonly addresses: readonly {
    readonly address: string;
    readonly prefix: number;
    readonly scope: 'global' | 'link';
    /** One that the kernel made for some time (RFC 8981). */
    readonly temporary?: boolean;
  }[];
}

export interface NetworkState {
  readonly nics: ReadonlyMap<string, NicState>;
  /** MACs learnt by ARP and ND, keyed `nic address` ("i2 10.0.2.5"). */
  readonly neighbours: ReadonlyMap<string, Mac>;
  /** The kernel's VLAN devices: where the engine's addresses in a VLAN are. */
  readonly vlanDevices?: readonly { readonly name: string; readonly parent: string; readonly id: number }[];
}
