import { type AddressWords, formatAddress } from '../terms/address.ts';
import { Lookup } from '../terms/constants.ts';
import type { DevicePlace } from './place-types.ts';
import type { Registry } from './registry.ts';
import type { Word } from './words.ts';

export interface CopysetUse {
  readonly copyset: number;
  readonly name: string;
  readonly taps: readonly DevicePlace[];
  /** Numbers of the NICs the original may leave by, with how many need each. */
  readonly mains: Map<number, number>;
  needs: number;
}

interface RewriteUse {
  readonly rewrite: number;
  needs: number;
}

/** Room for the bits of one origin. */
const BITS = 1 << Math.ceil(Math.log2(Lookup.LOOKUP_BITS));

/**
 * What the steps of services need of the fabric: lookups of origins, copy sets, rewrite addresses and pool words, with how many
 * times each: what went with its last service is in the tables no longer than that.
 */
export class Uses {
  readonly #registry: Registry;
  readonly #copysets = new Map<string, CopysetUse>();
  readonly #rewrites = new Map<string, RewriteUse>();
  readonly #words = new Map<string, number>();
  /** For every origin, how many need each of its bits. */
  #lookups = new Uint32Array(16 * BITS);

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The copy sets that somebody needs. */
  get copysets(): readonly CopysetUse[] {
    return [...this.#copysets.values()].filter(({ needs }) => needs > 0);
  }

  /** The addresses that somebody's packets are rewritten to, with their numbers. */
  get rewrites(): readonly { readonly rewrite: number; readonly address: string }[] {
    const found: { rewrite: number; address: string }[] = [];
    for (const [address, { rewrite, needs }] of this.#rewrites) if (needs > 0) found.push({ rewrite, address });
    return found;
  }

  /** Whether a step leads to this pool word, or to one that leads there. */
  hasWord(name: string): boolean {
    return (this.#words.get(name) ?? 0) > 0;
  }

  /** A step leads to this pool word. */
  word(word: Word): void {
    for (let each: Word | undefined = word; each !== undefined; each = each.next) raise(this.#words, each.name, 1);
  }

  /** The origin has steps of this direction and exactness. */
  lookup(leg: number, direction: number, exactness: number): void {
    this.#reserve(leg);
    this.#lookups[leg * BITS + Lookup.LOOKUP_DIRECTIONS * exactness + direction - 1]!++;
  }

  /** `lookups` of an origin. */
  lookupsOf(leg: number): number {
    let lookups = 0;
    for (let bit = 0; bit < BITS; bit++) if ((this.#lookups[leg * BITS + bit] ?? 0) > 0) lookups |= 1 << bit;
    return lookups;
  }

  /** The copy set of these taps, shared by everybody who copies to the same ones. */
  copyset(taps: readonly DevicePlace[], mains: readonly number[]): number {
    const distinct = [...new Set(taps)].sort((a, b) => a.outside - b.outside);
    const name = distinct.map(({ device }) => device.name).join('+');
    const use = this.#copysetOf(name, distinct);
    use.needs++;
    for (const main of mains) raise(use.mains, main, 1);
    return use.copyset;
  }

  /** Number of an address that packets are rewritten to. */
  rewrite(address: AddressWords): number {
    const use = this.#rewriteOf(formatAddress(address));
    use.needs++;
    return use.rewrite;
  }

  /** Takes what these need, and gives back what those needed. What nobody needs stays known until {@link prune}. */
  exchange(gone: Uses, come: Uses): void {
    this.#add(come, 1);
    this.#add(gone, -1);
  }

  /** Forgets what nobody needs. */
  prune(): void {
    for (const [name, { needs, mains }] of this.#copysets) {
      if (needs === 0) this.#copysets.delete(name);
      for (const [main, times] of mains) if (times === 0) mains.delete(main);
    }
    for (const [address, { needs }] of this.#rewrites) if (needs === 0) this.#rewrites.delete(address);
    for (const [name, needs] of this.#words) if (needs === 0) this.#words.delete(name);
  }

  #add(other: Uses, by: 1 | -1): void {
    for (const [name, { taps, mains, needs }] of other.#copysets) {
      const use = this.#copysetOf(name, taps);
      use.needs += by * needs;
      for (const [main, times] of mains) raise(use.mains, main, by * times);
    }
    for (const [address, { needs }] of other.#rewrites) this.#rewriteOf(address).needs += by * needs;
    for (const [name, needs] of other.#words) raise(this.#words, name, by * needs);
    this.#reserve(other.#lookups.length / BITS - 1);
    for (const [at, needs] of other.#lookups.entries()) if (needs > 0) this.#lookups[at]! += by * needs;
  }

  #copysetOf(name: string, taps: readonly DevicePlace[]): CopysetUse {
    const known = this.#copysets.get(name);
    if (known !== undefined) return known;
    const use = { copyset: this.#registry.number('copyset', name), name, taps, mains: new Map(), needs: 0 };
    this.#copysets.set(name, use);
    return use;
  }

  #rewriteOf(address: string): RewriteUse {
    const known = this.#rewrites.get(address);
    if (known !== undefined) return known;
    const use = { rewrite: this.#registry.number('rewrite', address), needs: 0 };
    this.#rewrites.set(address, use);
    return use;
  }

  #reserve(leg: number): void {
    if (leg * BITS < this.#lookups.length) return;
    const larger = new Uint32Array(Math.max((leg + 1) * BITS, this.#lookups.length * 2));
    larger.set(this.#lookups);
    this.#lookups = larger;
  }
}

function raise<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
