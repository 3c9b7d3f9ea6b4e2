import { KEY_WORDS } from '../../plan/types.ts';

/** Ports in host order, both included. */
export interface Ports {
  readonly from: number;
  readonly to: number;
}

/** What the `ranges` table is: a trie of 28-byte keys to slots. */
export interface RangesMap {
  readonly maxEntries: number;
  update(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): boolean;
  entries(): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
}

const KEY_BYTES = 28;
const PORT_OFFSET = 26;
/** Bits of struct range_key from `origin` to `direction`. */
const FIXED_BITS = 176;
const PORT_BITS = 16;

interface Owner {
  readonly slot: number;
  readonly key: Uint8Array;
}

/** What {@link RangeTable.put} took the place of. */
export interface Displaced {
  /** Each prefix, and the slot it named before; 0: none. */
  readonly owners: readonly Owner[];
  /** The slot that served the same range before; 0: none. */
  readonly slot: number;
}

/**
 * The `ranges` table: a range of ports as the few prefixes that make it up, each naming the range's slot. What stands
 * in the kernel is kept here too, by prefix, so that a range that shares a prefix with its successor leaves it alone.
 */
export class RangeTable {
  readonly #map: RangesMap;
  readonly #owners = new Map<string, Owner>();
  readonly #slots = new Map<string, number>();
  readonly #ports = new Map<number, Ports>();

  /** Reads what is there already. */
  constructor(map: RangesMap) {
    this.#map = map;
    for (const [key, value] of map.entries()) {
      const slot = new DataView(value.buffer, value.byteOffset).getUint32(0, true);
      this.#owners.set(text(key), { slot, key });
    }
  }

  /** Prefixes in the table. */
  get used(): number {
    return this.#owners.size;
  }

  get free(): number {
    return this.#map.maxEntries - this.#owners.size;
  }

  /** The ports of a slot that serves a range. */
  ports(slot: number): Ports | undefined {
    return this.#ports.get(slot);
  }

  /** Slots that serve ranges. */
  get slots(): Iterable<number> {
    return this.#ports.keys();
  }

  /**
   * After a restart: which slot serves which range, for {@link find}.
   * @param words of the slots, `slotWords` each.
   */
  index(words: Uint32Array, slotWords: number): void {
    const owned = new Map<number, number>();
    for (const { slot, key } of this.#owners.values()) {
      owned.set(slot, (owned.get(slot) ?? 0) + 1);
      const view = new DataView(key.buffer, key.byteOffset);
      const from = view.getUint16(PORT_OFFSET);
      const to = from + 2 ** (FIXED_BITS + PORT_BITS - view.getUint32(0, true)) - 1;
      const known = this.#ports.get(slot) ?? { from, to };
      this.#ports.set(slot, { from: Math.min(from, known.from), to: Math.max(to, known.to) });
    }
    for (const [slot, ports] of this.#ports) {
      // One that lost prefixes to its successor is only there to be removed.
      if (owned.get(slot) === prefixCount(ports)) this.#slots.set(identity(words, slot * slotWords, ports), slot);
    }
  }

  /** Slot of the range step whose key begins at word `at`; 0 where there is none. */
  find(image: Uint32Array, at: number, ports: Ports): number {
    return this.#slots.get(identity(image, at, ports)) ?? 0;
  }

  /** Publishes a slot for a range, one call for each prefix. */
  put(image: Uint32Array, at: number, ports: Ports, slot: number): Displaced {
    const value = new Uint8Array(Uint32Array.of(slot).buffer);
    const name = identity(image, at, ports);
    const displaced = { owners: [] as Owner[], slot: this.#slots.get(name) ?? 0 };
    try {
      for (const key of prefixes(image, at, ports)) {
        this.#map.update(key, value);
        displaced.owners.push({ slot: this.#owners.get(text(key))?.slot ?? 0, key });
        this.#owners.set(text(key), { slot, key });
      }
    } catch (error) {
      this.takeBack(image, at, ports, slot, displaced);
      throw error;
    }
    if (displaced.slot !== 0) this.#ports.delete(displaced.slot);
    this.#slots.set(name, slot);
    this.#ports.set(slot, ports);
    return displaced;
  }

  /** Undoes {@link put}: every prefix names what it named before, also one that it shared with another range. */
  takeBack(image: Uint32Array, at: number, ports: Ports, slot: number, displaced: Displaced): void {
    for (const owner of displaced.owners) {
      if (owner.slot === 0) {
        this.#map.delete(owner.key);
        this.#owners.delete(text(owner.key));
      } else {
        this.#map.update(owner.key, new Uint8Array(Uint32Array.of(owner.slot).buffer));
        this.#owners.set(text(owner.key), owner);
      }
    }
    const name = identity(image, at, ports);
    this.#ports.delete(slot);
    if (displaced.slot === 0) this.#slots.delete(name);
    else {
      this.#slots.set(name, displaced.slot);
      this.#ports.set(displaced.slot, ports);
    }
  }

  /** Takes those prefixes away that are still the slot's own; returns the calls it took. */
  remove(image: Uint32Array, at: number, ports: Ports, slot: number): number {
    let calls = 0;
    for (const key of prefixes(image, at, ports)) {
      const name = text(key);
      if (this.#owners.get(name)?.slot !== slot) continue;
      this.#map.delete(key);
      this.#owners.delete(name);
      calls++;
    }
    const name = identity(image, at, ports);
    if (this.#slots.get(name) === slot) this.#slots.delete(name);
    this.#ports.delete(slot);
    return calls;
  }
}

/** How many entries a range takes. */
export function prefixCount(ports: Ports): number {
  let count = 0;
  for (const _ of blocks(ports)) count++;
  return count;
}

/** The largest aligned blocks of ports that make up a range. */
function* blocks({ from, to }: Ports): Generator<readonly [port: number, bits: number]> {
  for (let port = from; port <= to; ) {
    let size = 1;
    while (port % (size * 2) === 0 && port + size * 2 - 1 <= to) size *= 2;
    yield [port, PORT_BITS - Math.log2(size)];
    port += size;
  }
}

/** Keys of `ranges` for the step whose key begins at word `at`. */
function prefixes(image: Uint32Array, at: number, ports: Ports): Uint8Array[] {
  return [...blocks(ports)].map(([port, bits]) => {
    const key = new Uint8Array(KEY_BYTES);
    const view = new DataView(key.buffer);
    view.setUint32(0, FIXED_BITS + bits, true);
    view.setUint32(4, image[at + 4]!, true);
    for (let word = 0; word < 4; word++) view.setUint32(8 + 4 * word, image[at + word]!, true);
    const last = image[at + KEY_WORDS - 1]!;
    view.setUint8(24, (last >>> 16) & 0xff);
    view.setUint8(25, last >>> 24);
    view.setUint16(PORT_OFFSET, port);
    return key;
  });
}

const text = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

function identity(image: Uint32Array, at: number, ports: Ports): string {
  return `${image.subarray(at, at + KEY_WORDS).join()}:${ports.from}-${ports.to}`;
}
