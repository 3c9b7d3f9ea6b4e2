import { Limit } from '../../terms/constants.ts';
import { ORIGIN } from '../codec/field-words.ts';
import { firstBucket, hashWords, secondBucket } from '../codec/hash.ts';
import { CapacityError } from './capacity.ts';
import { type SenderImage, senderKey } from './sender.ts';

const SIZE = Limit.ORIGIN_BUCKET;
const HASHED_WORDS = 3;

/**
 * The `origins` table: senders that have no room in their interface's entry. A place that was emptied is not used
 * again before {@link release}: a program might take the new sender's leg for the old one's.
 */
export class OriginTable {
  readonly #words: Uint32Array;
  /** The same, for stores of 64 bits. */
  readonly #longs: BigUint64Array;
  readonly #buckets: number;
  readonly #places = new Map<string, number>();
  readonly #resting = new Set<number>();

  constructor(memory: ArrayBuffer, buckets: number) {
    this.#words = new Uint32Array(memory, 0, buckets * SIZE * ORIGIN.WORDS);
    this.#longs = new BigUint64Array(memory, 0, (buckets * SIZE * ORIGIN.WORDS) / 2);
    this.#buckets = buckets;
    for (let place = 0; place < buckets * SIZE; place++) {
      if (this.#longs[this.#long(place)] !== 0n) this.#places.set(senderKey(this.#image(place)), place);
    }
  }

  get used(): number {
    return this.#places.size;
  }

  /** Every sender in the table. */
  *read(): Generator<SenderImage> {
    for (const place of this.#places.values()) yield this.#image(place).slice();
  }

  /** Stores made to have the sender as given: 0 where it stands so already. @throws CapacityError where there is no room. */
  put(image: SenderImage): number {
    const key = senderKey(image);
    const place = this.#places.get(key);
    if (place === undefined) return this.#insert(key, image);
    const words = this.#image(place);
    if (words[ORIGIN.LEG] === image[ORIGIN.LEG] && words[ORIGIN.LOOKUPS] === image[ORIGIN.LOOKUPS]) return 0;
    Atomics.store(this.#longs, this.#long(place) + 1, long(image, ORIGIN.LEG));
    return 1;
  }

  /** Takes out every sender that is not wanted; returns how many. */
  keep(wanted: ReadonlySet<string>): number {
    let removed = 0;
    for (const [key, place] of this.#places) {
      if (wanted.has(key)) continue;
      Atomics.store(this.#longs, this.#long(place), 0n);
      this.#places.delete(key);
      this.#resting.add(place);
      removed++;
    }
    return removed;
  }

  /** After a grace period: emptied places may be used again. */
  release(): void {
    for (const place of this.#resting) this.#image(place).fill(0);
    this.#resting.clear();
  }

  #insert(key: string, image: SenderImage): number {
    const place = this.#free(hashOf(image));
    if (place === undefined) throw new CapacityError('origins', this.#places.size + 1, this.#places.size);
    this.#image(place).set(image.subarray(ORIGIN.LEG), ORIGIN.LEG);
    Atomics.store(this.#longs, this.#long(place), long(image, ORIGIN.MAC_INTERFACE));
    this.#places.set(key, place);
    return 1;
  }

  #free(hash: number): number | undefined {
    for (const bucket of [firstBucket(hash, this.#buckets), secondBucket(hash, this.#buckets)]) {
      for (let place = bucket * SIZE; place < (bucket + 1) * SIZE; place++) {
        if (this.#longs[this.#long(place)] === 0n && !this.#resting.has(place)) return place;
      }
    }
    return undefined;
  }

  #long(place: number): number {
    return (place * ORIGIN.WORDS) / 2;
  }

  #image(place: number): Uint32Array {
    return this.#words.subarray(place * ORIGIN.WORDS, (place + 1) * ORIGIN.WORDS);
  }
}

const long = (image: SenderImage, at: number): bigint => (BigInt(image[at + 1]!) << 32n) | BigInt(image[at]!);

/** Over MAC, interface and tags. */
function hashOf(image: SenderImage): number {
  const words = Uint32Array.of(image[0]!, image[1]!, image[ORIGIN.VLANS]!);
  return hashWords(words, 0, HASHED_WORDS);
}
