import { type AddressWords, formatAddress } from '../terms/address.ts';
import { Lookup } from '../terms/constants.ts';
import type { DevicePlace } from './place-types.ts';
import type { Registry } from './registry.ts';

export interface CopysetUse {
  readonly copyset: number;
  readonly name: string;
  readonly taps: readonly DevicePlace[];
  /** Numbers of the NICs the original may leave by. */
  readonly mains: Set<number>;
}

/**
 * What the steps of all services need of the fabric: lookups of origins, copy sets, rewrite addresses. It only grows
 * (a lookup too many costs a little, one too few loses packets); a full compile starts an empty one.
 */
export class Uses {
  readonly copysets = new Map<string, CopysetUse>();
  /** Numbers of rewrite addresses, by their text. */
  readonly rewrites = new Map<string, number>();
  readonly #registry: Registry;
  #lookups = new Uint16Array(64);

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The origin has steps of this direction and exactness. */
  lookup(leg: number, direction: number, exactness: number): void {
    if (leg >= this.#lookups.length) {
      const larger = new Uint16Array(Math.max(leg + 1, this.#lookups.length * 2));
      larger.set(this.#lookups);
      this.#lookups = larger;
    }
    this.#lookups[leg]! |= 1 << (Lookup.LOOKUP_DIRECTIONS * exactness + direction - 1);
  }

  /** `lookups` of an origin. */
  lookupsOf(leg: number): number {
    return this.#lookups[leg] ?? 0;
  }

  /** The copy set of these taps, shared by everybody who copies to the same ones. */
  copyset(taps: readonly DevicePlace[], mains: readonly number[]): number {
    const distinct = [...new Set(taps)].sort((a, b) => a.outside - b.outside);
    const name = distinct.map(({ device }) => device.name).join('+');
    let use = this.copysets.get(name);
    if (use === undefined) {
      use = { copyset: this.#registry.number('copyset', name), name, taps: distinct, mains: new Set() };
      this.copysets.set(name, use);
    }
    for (const main of mains) use.mains.add(main);
    return use.copyset;
  }

  /** Number of an address that packets are rewritten to. */
  rewrite(address: AddressWords): number {
    const text = formatAddress(address);
    let number = this.rewrites.get(text);
    if (number === undefined) {
      number = this.#registry.number('rewrite', text);
      this.rewrites.set(text, number);
    }
    return number;
  }
}
