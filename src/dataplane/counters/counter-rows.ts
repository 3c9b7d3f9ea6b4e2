import { type Count, plus } from '../../terms/count.ts';
import { SLOT } from '../codec/field-words.ts';
import type { SlotStore } from '../tables/slot-store.ts';
import { powerOfTwo } from '../tables/step-table.ts';
import type { StepCounters } from '../types.ts';
import { TARGET_IS_POOL, writeTotalKey } from './total-key.ts';

const KEY_WORDS = 4;

/** Adds counts up by total_key: open addressing over typed arrays, for as many steps as there may be. */
export class CounterRows {
  rows = 0;
  #keys: Uint32Array;
  readonly #packets: Count[] = [];
  readonly #bytes: Count[] = [];
  /** Row + 1, by hash. */
  #table: Int32Array;
  readonly #key = new Uint32Array(KEY_WORDS);

  /** @param expected rows there is room for at first. */
  constructor(expected = 1024) {
    const rows = powerOfTwo(Math.max(expected, 1));
    this.#keys = new Uint32Array(rows * KEY_WORDS);
    this.#table = new Int32Array(rows * 2);
  }

  /** Every slot that has counted something; `idle`: and those that counted nothing, of services that did. */
  addSlots(slots: SlotStore, service?: number, idle = false): void {
    const { words } = slots;
    const busy = idle ? this.#busyServices(slots) : undefined;
    for (let slot = 1; slot < slots.max; slot++) {
      const at = slot * SLOT.WORDS;
      if (words[at + SLOT.PORT_PROTOCOL_DIRECTION] === 0) continue;
      if (service !== undefined && words[at + SLOT.SERVICE] !== service) continue;
      const packets = slots.packets(slot);
      if (packets === 0 && service === undefined && !busy?.has(words[at + SLOT.SERVICE]!)) continue;
      writeTotalKey(words, at, this.#key);
      this.add(this.#key, packets, slots.bytes(slot));
    }
  }

  /** Those that counted now, or in steps that are gone. */
  #busyServices(slots: SlotStore): ReadonlySet<number> {
    const busy = new Set<number>();
    for (let row = 0; row < this.rows; row++) busy.add(this.#keys[row * KEY_WORDS]!);
    for (let slot = 1; slot < slots.max; slot++) {
      if (slots.packets(slot) !== 0) busy.add(slots.words[slot * SLOT.WORDS + SLOT.SERVICE]!);
    }
    return busy;
  }

  /** @param key four words of struct total_key. */
  add(key: Uint32Array, packets: Count, bytes: Count): void {
    const row = this.#row(key);
    this.#packets[row] = plus(this.#packets[row]!, packets);
    this.#bytes[row] = plus(this.#bytes[row]!, bytes);
  }

  /** The counts as columns. */
  columns(): StepCounters {
    const { rows } = this;
    const column = <T extends { [i: number]: number }>(target: T, word: number, read: (value: number) => number): T => {
      for (let row = 0; row < rows; row++) target[row] = read(this.#keys[row * KEY_WORDS + word]!);
      return target;
    };
    const byte = (shift: number) => (value: number) => (value >>> shift) & 0xff;
    return {
      rows,
      service: column(new Uint32Array(rows), 0, (value) => value),
      hop: column(new Uint8Array(rows), 1, byte(0)),
      direction: column(new Uint8Array(rows), 1, byte(8)),
      origin: column(new Uint32Array(rows), 2, (value) => value),
      target: column(new Uint32Array(rows), 3, (value) => value & ~TARGET_IS_POOL),
      isPool: column(new Uint8Array(rows), 3, (value) => value >>> 31),
      packets: this.#packets,
      bytes: this.#bytes,
    };
  }

  #row(key: Uint32Array): number {
    const mask = this.#table.length - 1;
    const keys = this.#keys;
    let at = home(key, 0) & mask;
    for (let probe = 1; ; probe++) {
      const row = this.#table[at]! - 1;
      if (row < 0) return this.#insert(at, key);
      const mine = row * KEY_WORDS;
      if (
        keys[mine] === key[0] &&
        keys[mine + 1] === key[1] &&
        keys[mine + 2] === key[2] &&
        keys[mine + 3] === key[3]
      ) {
        return row;
      }
      at = next(at, probe, key, 0) & mask;
    }
  }

  #insert(at: number, key: Uint32Array): number {
    const row = this.rows++;
    if (this.rows * KEY_WORDS > this.#keys.length) this.#grow();
    this.#keys.set(key, row * KEY_WORDS);
    this.#packets.push(0);
    this.#bytes.push(0);
    this.#table[at] = row + 1;
    if (this.rows * 2 > this.#table.length) this.#rehash();
    return row;
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
  }

  #rehash(): void {
    this.#table = new Int32Array(this.#table.length * 4);
    const mask = this.#table.length - 1;
    for (let row = 0; row < this.rows; row++) {
      const mine = row * KEY_WORDS;
      let at = home(this.#keys, mine) & mask;
      for (let probe = 1; this.#table[at] !== 0; probe++) at = next(at, probe, this.#keys, mine) & mask;
      this.#table[at] = row + 1;
    }
  }
}

/** The rows of one service, and of services with neighbouring numbers, lie together: that is how slots lie, too. */
function home(words: Uint32Array, at: number): number {
  return (words[at]! << 4) ^ (hash(words, at) & 15);
}

/** The next place, or for a service with very many rows one further away. */
function next(place: number, probe: number, words: Uint32Array, at: number): number {
  return place + (probe < 16 ? 1 : hash(words, at) | 1);
}

function hash(words: Uint32Array, at: number): number {
  let h = Math.imul(words[at + 1]!, 0x85ebca6b) ^ Math.imul(words[at + 2]!, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ words[at + 3]!, 0x27d4eb2f);
  return h ^ (h >>> 16);
}
