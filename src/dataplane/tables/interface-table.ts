import type { InterfacePlan } from '../../plan/types.ts';
import { Limit } from '../../terms/constants.ts';
import { INTERFACE, ORIGIN } from '../codec/field-words.ts';
import type { SenderImage } from './sender.ts';

/**
 * The tables `interface_index` and `interfaces`. An entry is never edited: a fresh one is written and the index points
 * at it by one store. Its old place is not used again before {@link release}.
 */
export class InterfaceTable {
  readonly #index: BigUint64Array;
  readonly #words: Uint32Array;
  readonly #resting = new Set<number>();

  constructor(index: ArrayBuffer, interfaces: ArrayBuffer) {
    this.#index = new BigUint64Array(index, 0, Limit.INTERFACE_INDEX);
    this.#words = new Uint32Array(interfaces, 0, 2 * Limit.MAX_INTERFACES * INTERFACE.WORDS);
  }

  /** @throws RangeError where two NICs would need one place, or a number is beyond the table. */
  check(plans: readonly InterfacePlan[]): void {
    const taken = new Map<number, InterfacePlan>();
    for (const plan of plans) {
      if (plan.number >= Limit.MAX_INTERFACES) {
        throw new RangeError(
          `publish interface ${plan.nic}: an engine attaches to ${Limit.MAX_INTERFACES} NICs at most`,
        );
      }
      const other = taken.get(plan.ifindex % Limit.INTERFACE_INDEX);
      if (other) {
        throw new RangeError(
          `publish interface ${plan.nic}: its ifindex ${plan.ifindex} meets that of ${other.nic}, ${other.ifindex} (create one of the NICs again)`,
        );
      }
      taken.set(plan.ifindex % Limit.INTERFACE_INDEX, plan);
    }
  }

  /** The entry of a NIC; undefined where there is none. */
  entry(ifindex: number): Uint32Array | undefined {
    const place = Number(this.#index[ifindex % Limit.INTERFACE_INDEX]);
    const words = this.#entry(place);
    return place !== 0 && words[INTERFACE.IFINDEX] === ifindex ? words : undefined;
  }

  /** Entries in use. */
  *read(): Generator<Uint32Array> {
    for (const place of this.#index) if (place !== 0n) yield this.#entry(Number(place));
  }

  /** Stores made to have the entry as given; undefined where no place is free before {@link release}. */
  put(image: Uint32Array): number | undefined {
    const ifindex = image[INTERFACE.IFINDEX]!;
    if (this.entry(ifindex)?.every((word, i) => word === image[i])) return 0;
    const place = this.#free();
    if (place === undefined) return undefined;
    this.#entry(place).set(image);
    this.#point(ifindex % Limit.INTERFACE_INDEX, place);
    return 1;
  }

  /** Takes out every NIC that is not wanted; returns how many. */
  keep(wanted: ReadonlySet<number>): number {
    let removed = 0;
    for (let at = 0; at < this.#index.length; at++) {
      const place = Number(this.#index[at]);
      if (place === 0 || wanted.has(this.#entry(place)[INTERFACE.IFINDEX]!)) continue;
      this.#point(at, 0);
      removed++;
    }
    return removed;
  }

  /** After a grace period: places nothing points at may be used again. */
  release(): void {
    for (const place of this.#resting) this.#entry(place).fill(0);
    this.#resting.clear();
  }

  get used(): number {
    return [...this.read()].length;
  }

  #point(at: number, place: number): void {
    const before = Number(Atomics.exchange(this.#index, at, BigInt(place)));
    if (before !== 0) this.#resting.add(before);
  }

  #free(): number | undefined {
    const used = new Set(Array.from(this.#index, Number));
    for (let place = 1; place < 2 * Limit.MAX_INTERFACES; place++) {
      if (!used.has(place) && !this.#resting.has(place)) return place;
    }
    return undefined;
  }

  #entry(place: number): Uint32Array {
    return this.#words.subarray(place * INTERFACE.WORDS, (place + 1) * INTERFACE.WORDS);
  }
}

/** The senders an entry holds itself. */
export function sendersOf(entry: Uint32Array): SenderImage[] {
  return Array.from({ length: entry[INTERFACE.ORIGIN_COUNT]! }, (_, i) => {
    const at = INTERFACE.ORIGINS + i * ORIGIN.WORDS;
    return entry.slice(at, at + ORIGIN.WORDS);
  });
}
