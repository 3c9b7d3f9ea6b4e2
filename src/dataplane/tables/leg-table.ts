import type { LegPlan } from '../../plan/types.ts';
import { LegFlag } from '../../terms/constants.ts';
import { type Count, countOf } from '../../terms/count.ts';
import { addressBytes, macBytes, words64 } from '../codec/bytes.ts';
import { encode } from '../codec/codec.ts';
import { LEG } from '../codec/field-words.ts';
import { Leg } from '../codec/layout.ts';
import type { LegCounter } from '../types.ts';
import { checkRoom } from './capacity.ts';
import { type Tally, tallyStores } from './tally.ts';

/**
 * The `legs` table, a copy per CPU. A leg keeps its number while steps point at it, so it is edited in place: what fits
 * into one 64-bit word is one store per CPU.
 */
export class LegTable {
  readonly #words: BigUint64Array;
  /** The same, for the field that shares its word with a counter. */
  readonly #halves: Uint32Array;
  readonly #cpus: number;
  readonly #max: number;
  readonly #grace: () => Promise<void>;

  /** @param grace resolves when no program holds what it read before. */
  constructor(memory: ArrayBuffer, cpus: number, max: number, grace: () => Promise<void>) {
    this.#words = new BigUint64Array(memory, 0, cpus * max * LEG.WORDS);
    this.#halves = new Uint32Array(memory, 0, cpus * max * LEG.WORDS * 2);
    this.#cpus = cpus;
    this.#max = max;
    this.#grace = grace;
  }

  /** @throws CapacityError where a number is beyond the table. */
  check(legs: readonly LegPlan[]): void {
    for (const { leg } of legs) checkRoom('legs', leg, this.#max - 1);
  }

  /** Writes new and changed legs; the others stay. */
  async widen(legs: readonly LegPlan[], tally: Tally): Promise<void> {
    const images = legs.map((plan) => ({ leg: plan.leg, image: legImage(plan) }));
    const parked = images.filter(({ leg, image }) => !this.#isUnused(leg) && this.#changed(leg, image).length > 1);
    for (const { leg } of parked) this.#park(leg);
    if (parked.length > 0) await this.#grace();
    for (const { leg, image } of images) {
      const changed = this.#changed(leg, image);
      if (changed.length === 0) continue;
      for (const word of changed.reverse()) this.#store(leg, word, image[word]!);
      tallyStores(tally, changed.length * this.#cpus);
    }
  }

  /** Empties the numbers nobody has any more. */
  narrow(legs: readonly LegPlan[], tally: Tally): void {
    const wanted = new Set(legs.map(({ leg }) => leg));
    for (let leg = 1; leg < this.#max; leg++) {
      if (wanted.has(leg) || this.#isUnused(leg)) continue;
      for (let word = 0; word < LEG.WORDS; word++) this.#store(leg, word, 0n);
      for (let cpu = 0; cpu < this.#cpus; cpu++) this.#halves[this.#received(cpu, leg)] = 0;
      tallyStores(tally, LEG.WORDS * this.#cpus);
    }
  }

  /** Of legs in use. */
  counters(): LegCounter[] {
    const counters: LegCounter[] = [];
    for (let leg = 1; leg < this.#max; leg++) {
      if (this.#isUnused(leg)) continue;
      counters.push({ leg, packets: this.#sum(leg, LEG.PACKETS), bytes: this.#sum(leg, LEG.BYTES) });
    }
    return counters;
  }

  /** Frames sent to a leg and received from it, by the low 32 bits. */
  frames(leg: number): { sent: number; received: number } {
    let sent = 0;
    let received = 0;
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      sent += this.#halves[((cpu * this.#max + leg) * LEG.WORDS + LEG.PACKETS) * 2]!;
      received += this.#halves[this.#received(cpu, leg)]!;
    }
    return { sent: sent >>> 0, received: received >>> 0 };
  }

  /** How many numbers there are, 0 with them. */
  get max(): number {
    return this.#max;
  }

  /** A copy of another table's legs without their counters. Nothing may be using this one. */
  copyFrom(other: LegTable): void {
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      for (let leg = 0; leg < other.#max; leg++) {
        const from = leg * LEG.WORDS;
        this.#words.set(other.#words.subarray(from, from + LEG.FIELDS), (cpu * this.#max + leg) * LEG.WORDS);
        this.#halves[this.#received(cpu, leg)] = 0;
      }
    }
  }

  /** How many are there though nobody has their number. */
  unneeded(legs: readonly LegPlan[]): number {
    const wanted = new Set(legs.map(({ leg }) => leg));
    let found = 0;
    for (let leg = 1; leg < this.#max; leg++) if (!wanted.has(leg) && !this.#isUnused(leg)) found++;
    return found;
  }

  get used(): number {
    let used = 0;
    for (let leg = 1; leg < this.#max; leg++) if (!this.#isUnused(leg)) used++;
    return used;
  }

  /** No packet may see half of a change that takes several words: for its time, packets for this leg are dropped. */
  #park(leg: number): void {
    const flags = BigInt(LegFlag.LEG_RESOLVED) << 48n;
    this.#store(leg, LEG.MAC_FLAGS, this.#words[leg * LEG.WORDS]! & ~flags);
  }

  /** Words of the image that differ, lowest first. */
  #changed(leg: number, image: BigUint64Array): number[] {
    const changed: number[] = [];
    for (let word = 0; word < LEG.FIELDS; word++) {
      if (this.#field(leg, word) !== image[word]) changed.push(word);
    }
    return changed;
  }

  #store(leg: number, word: number, value: bigint): void {
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      const at = (cpu * this.#max + leg) * LEG.WORDS + word;
      if (word === LEG.IFINDEX_RECEIVED) Atomics.store(this.#halves, 2 * at, Number(value));
      else Atomics.store(this.#words, at, value);
    }
  }

  /** A field of the first copy, without the counter in its word. */
  #field(leg: number, word: number): bigint {
    const at = leg * LEG.WORDS + word;
    return word === LEG.IFINDEX_RECEIVED ? BigInt(this.#halves[2 * at]!) : this.#words[at]!;
  }

  #received(cpu: number, leg: number): number {
    return ((cpu * this.#max + leg) * LEG.WORDS + LEG.IFINDEX_RECEIVED) * 2 + 1;
  }

  #sum(leg: number, word: number): Count {
    let sum = 0n;
    for (let cpu = 0; cpu < this.#cpus; cpu++) sum += this.#words[(cpu * this.#max + leg) * LEG.WORDS + word]!;
    return countOf(sum);
  }

  #isUnused(leg: number): boolean {
    for (let word = 0; word < LEG.FIELDS; word++) if (this.#field(leg, word) !== 0n) return false;
    return true;
  }
}

/** `struct leg` as 64-bit words. */
function legImage(plan: LegPlan): BigUint64Array {
  const flags = (plan.mac ? LegFlag.LEG_RESOLVED : 0) | (plan.nat ? LegFlag.LEG_NAT : 0);
  return words64(
    encode(Leg, {
      mac: macBytes(plan.mac),
      flags,
      sourceMac: macBytes(plan.sourceMac),
      mtu: Math.min(plan.mtu, 0xffff),
      transmit: plan.interfaceNumber,
      vlan: plan.vlans,
      address: addressBytes(plan.nat),
      ifindex: plan.ifindex,
      received: 0,
      packets: 0n,
      bytes: 0n,
    }),
  );
}
