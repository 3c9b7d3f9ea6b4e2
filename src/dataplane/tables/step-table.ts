import { Limit } from '../../terms/constants.ts';
import { SLOT } from '../codec/field-words.ts';
import { fingerprint, firstBucket, firstHome, hashKey, secondBucket, secondHome } from '../codec/hash.ts';
import type { SlotStore } from './slot-store.ts';

const SIZE = Limit.STEP_BUCKET;

/**
 * The `steps` table: key -> slot in 64-byte buckets, two choices, nothing ever moves. An entry is two words, fingerprint
 * and slot; its number is its place. The slot's word is written before the fingerprint, and readers compare the slot's
 * own key, so each of the two stores publishes by itself.
 */
export class StepTable {
  readonly buckets: number;
  readonly #words: Int32Array;
  readonly #slots: SlotStore;

  constructor(memory: ArrayBuffer, buckets: number, slots: SlotStore) {
    this.buckets = buckets;
    this.#words = new Int32Array(memory, 0, buckets * SIZE * 2);
    this.#slots = slots;
  }

  get places(): number {
    return this.buckets * SIZE;
  }

  /** The slot at a place; 0 where it is empty. */
  slotAt(place: number): number {
    return this.#words[2 * place] === 0 ? 0 : this.#words[2 * place + 1]!;
  }

  /** Place of the key that begins at word `at`, and has this hash; -1 where it is not in the table. */
  find(image: Uint32Array, at: number, hash = hashKey(image, at)): number {
    const first = this.#search(firstBucket(hash, this.buckets), hash, image, at);
    return first >= 0 ? first : this.#search(secondBucket(hash, this.buckets), hash, image, at);
  }

  /** The slot that packets ask for beforehand: the best one to take for a key of this hash. */
  likelySlot(hash: number): number {
    const home = firstBucket(hash, this.buckets) * SIZE + firstHome(hash);
    return Math.floor((home * slotsPerPlace(this.#slots.max, this.buckets)) / 2 ** 32);
  }

  /**
   * Publishes a written slot under its own key, which is not in the table yet.
   * @returns the place, -1 where both buckets are full.
   */
  insert(slot: number, hash = hashKey(this.#slots.words, slot * SLOT.WORDS)): number {
    const place = this.#empty(hash);
    if (place < 0) return -1;
    this.#words[2 * place + 1] = slot;
    Atomics.store(this.#words, 2 * place, fingerprint(hash) | 0);
    return place;
  }

  /** One store: packets take the other slot, which has the same key. */
  replace(place: number, slot: number): void {
    Atomics.store(this.#words, 2 * place + 1, slot);
  }

  /** One store, then the place is all zeros again. */
  remove(place: number): void {
    Atomics.store(this.#words, 2 * place, 0);
    this.#words[2 * place + 1] = 0;
  }

  #search(bucket: number, hash: number, image: Uint32Array, at: number): number {
    const wanted = fingerprint(hash) | 0;
    for (let place = bucket * SIZE; place < (bucket + 1) * SIZE; place++) {
      if (this.#words[2 * place] === wanted && this.#slots.hasKey(this.#words[2 * place + 1]!, image, at)) return place;
    }
    return -1;
  }

  /**
   * An empty place: in the first bucket while that is half empty, as packets ask there first (one cache line instead of
   * two), else in the bucket that has more of them, so that no pair of buckets fills up. In the bucket, the hash's own
   * place or the next one behind it, as packets look there first.
   */
  #empty(hash: number): number {
    const first = firstBucket(hash, this.buckets);
    const second = secondBucket(hash, this.buckets);
    const inFirst = this.#used(first);
    const inSecond = inFirst < SIZE / 2 ? SIZE : this.#used(second);
    if (inFirst === SIZE && inSecond === SIZE) return -1;
    const [bucket, home] = inFirst <= inSecond ? [first, firstHome(hash)] : [second, secondHome(hash)];
    for (let i = home; ; i++) {
      const place = bucket * SIZE + (i % SIZE);
      if (this.#words[2 * place] === 0) return place;
    }
  }

  #used(bucket: number): number {
    let used = 0;
    for (let place = bucket * SIZE; place < (bucket + 1) * SIZE; place++) if (this.#words[2 * place] !== 0) used++;
    return used;
  }
}

/** Buckets for so many entries: half full at most, a power of two. */
export function stepBuckets(entries: number): number {
  return powerOfTwo(Math.ceil((entries * 2) / SIZE));
}

/** How many slots there are for a place, as a 32-bit fraction. */
export function slotsPerPlace(slots: number, buckets: number): number {
  return Math.floor((slots / (buckets * SIZE)) * 2 ** 32);
}

/** The smallest power of two that is not smaller. */
export function powerOfTwo(number: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(number, 1)));
}
