/** Where what definitions name is in the tables: the numbers of NICs, legs, devices and pools. */
import type { Device, Interface } from '../model/types.ts';
import type { AddressWords } from '../terms/address.ts';
import type { Word } from './words.ts';

/** Numbers of a device's legs, and of the NICs they are on. */
export interface DevicePlace {
  readonly device: Device;
  readonly outside: number;
  readonly inside: number;
  readonly outsideNic: number;
  readonly insideNic: number;
  /** Its own address. */
  readonly own: AddressWords | undefined;
}

/** Numbers of an interface: its segment, and the gateways behind it by family. */
export interface SegmentPlace {
  readonly segment: Interface;
  readonly leg: number;
  readonly nic: number;
  /** Legs of the gateways; the segment's own for the first one. */
  readonly gateway4: number | undefined;
  readonly gateway6: number | undefined;
}

/** Where everything that definitions name is in the tables. */
export interface Places {
  readonly segments: ReadonlyMap<string, SegmentPlace>;
  readonly devices: ReadonlyMap<string, DevicePlace>;
  /** By name of the word; docs/design/plan.md, "Pool words". */
  readonly pools: ReadonlyMap<string, PoolPlace>;
  /** Numbers of the NICs, by name. */
  readonly nics: ReadonlyMap<string, number>;
  /** The segment, gateway or device's leg of this name. */
  legs(name: string): { readonly leg: number; readonly nic: number } | undefined;
}

/** A pool word in the tables. */
export interface PoolPlace {
  readonly pool: number;
  readonly word: Word;
  /** Who works when nobody says otherwise. */
  readonly active: string;
  /** Everybody its packets may go to: its members, and those of the words it leads to. */
  readonly members: readonly DevicePlace[];
}
