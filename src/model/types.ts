/**
 * The definitions after defaults, as the rest of Hopline reads them: every reference is a name that exists, every
 * short form is written out. Made by `readDefinitions`, never by hand.
 */

import type { Protocol } from '../terms/protocols.ts';
import type { AllDown, DeviceHealth, FileHealth } from './health-types.ts';

export type { Protocol };

/** Ports in host order, both included. `any`: the whole protocol. */
export type Ports = 'any' | readonly { readonly from: number; readonly to: number }[];

/** A segment: a NIC, or one VLAN (or stack of two) on it. */
export interface Interface {
  readonly name: string;
  readonly nic: string;
  /** Tags of the frames here, outer first; empty for untagged. */
  readonly vlans: readonly number[];
  /** Whether unknown MACs here are clients (the outside world). */
  readonly clients: boolean;
  /** Whether devices may be here. */
  readonly devices: boolean;
  /** Router behind which the clients are, by family. */
  readonly gateways: readonly { readonly address: string; readonly mac?: string }[];
}

export interface Leg {
  readonly interface: string;
  /** Tags here, where they differ from the interface's own. */
  readonly vlans: readonly number[];
  /** Given, or (undefined) learnt by ARP or ND for `address`; never given for a bridging device. */
  readonly mac?: string;
  /** Address its MAC is learnt by. */
  readonly address?: string;
}

export type DeviceKind = 'inline' | 'tap' | 'server' | 'proxy' | 'gateway';
export type DeviceMode = 'loopback' | 'alias' | 'nat';
/**
 * How far finding out a mode came, where definitions say `auto`. `sought`: tried, and `loopback` meanwhile; `found`;
 * `checked`: tried again, and as it was found meanwhile.
 */
export type AutoMode = 'sought' | 'found' | 'checked';

export interface Device {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly forwards: 'route' | 'bridge';
  readonly function?: string;
  readonly vendor?: string;
  /** Servers, proxies and inline devices that end a tunnel; others have none. */
  readonly mode?: DeviceMode;
  /** Only where the mode is to be found out. */
  readonly auto?: AutoMode;
  /** Its own address: what `nat` rewrites to, and what its MAC is learnt by where a leg says nothing else. */
  readonly address?: string;
  /** One-legged devices have the same leg twice. */
  readonly outside: Leg;
  readonly inside: Leg;
  readonly oneLegged: boolean;
  /** Whose MACs its answers may come from too (a balancer's servers). */
  readonly answeredBy: readonly string[];
  /** As its pools, the file and its kind have it where nothing is said. */
  readonly health?: DeviceHealth;
}

export interface Pool {
  readonly name: string;
  /** In order: the first that may work does, unless `active` says otherwise. */
  readonly members: readonly string[];
  readonly use: 'primary';
  readonly active: string;
  /** Back to an earlier member as soon as it is up; false when left out. */
  readonly failBack?: boolean;
  /** `keep` when left out. */
  readonly allDown?: AllDown;
  /** Of members that say nothing themselves. */
  readonly health?: DeviceHealth;
}

export interface Reveals {
  readonly address?: string;
  readonly protocol?: Protocol;
  readonly ports?: Ports;
}

/** One element of a sequence. */
export type Step =
  | {
      readonly kind: 'through';
      /** A device or a pool (also one derived from `alternate`). */
      readonly target: string;
      readonly isPool: boolean;
      /** Port at this device instead of the service's: the last step only. */
      readonly port?: number;
      readonly reveals?: Reveals;
      /** Address an outward service has behind this device. */
      readonly translatesSource?: string;
      /** Where packets go when nobody works here; as the pool says when left out. */
      readonly allDown?: AllDown;
    }
  | {
      readonly kind: 'copy';
      readonly to: readonly string[];
      readonly answers: 'server' | 'firewall' | 'drop';
    };

export type Party = { readonly kind: 'interface' | 'device'; readonly name: string };

export interface Service {
  readonly name: string;
  readonly customer?: string;
  readonly addresses: readonly string[];
  readonly protocol: Protocol;
  readonly ports: Ports;
  /** The address is the one that opens. */
  readonly outward: boolean;
  /** Who may open it; for an outward service: the devices whose address it is. */
  readonly from: readonly Party[];
  /** Where the last leg of the way back goes (outward: where the way out ends); undefined: the default of docs/design/plan.md. */
  readonly exit?: Party | { readonly kind: 'route' };
  readonly sequence: readonly Step[];
  /** The way back where it is not the same in reverse. */
  readonly return?: readonly Step[];
}

/** By name; in the order of the file. */
export interface Model {
  readonly interfaces: ReadonlyMap<string, Interface>;
  readonly devices: ReadonlyMap<string, Device>;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly services: ReadonlyMap<string, Service>;
  /** Defaults when left out. */
  readonly health?: FileHealth;
}
