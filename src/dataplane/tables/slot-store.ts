import { IMAGE_WORDS, KEY_WORDS } from '../../plan/types.ts';
import { type Count, countOfHalves, plus } from '../../terms/count.ts';
import { SLOT, SLOT_COUNTS } from '../codec/field-words.ts';

/** What a slot is doing. */
export const SlotState = {
  FREE: 0,
  /** Something points at it. */
  LIVE: 1,
  /** Not asked for any more; serves packets that are inside devices until the drain time is over. */
  LEAVING: 2,
  /** Nothing points at it; a program may still hold it, and its counts are not folded. */
  RESTING: 3,
} as const;

/**
 * The `slots` table: one copy of each slot per CPU, at index cpu * max + slot. Slots are written while nothing points
 * at them and never changed afterwards. Free ones are all zeros.
 */
export class SlotStore {
  readonly cpus: number;
  /** Slots per CPU; slot 0 is never used. */
  readonly max: number;
  readonly state: Uint8Array;
  readonly #words: Uint32Array;
  /** The same memory: a 64-bit counter is read at once, as the bits of a double. */
  readonly #counts: Float64Array;
  readonly #bits = new Float64Array(1);
  readonly #halves = new Uint32Array(this.#bits.buffer);
  #cursor = 1;
  #free: number;

  constructor(memory: ArrayBuffer, cpus: number, max: number) {
    this.cpus = cpus;
    this.max = max;
    this.#words = new Uint32Array(memory, 0, cpus * max * SLOT.WORDS);
    this.#counts = new Float64Array(memory, 0, cpus * max * SLOT_COUNTS.WORDS);
    this.state = new Uint8Array(max);
    this.#free = max - 1;
  }

  /** How many slots {@link allocate} can still give. */
  get free(): number {
    return this.#free;
  }

  get used(): number {
    return this.max - 1 - this.#free;
  }

  /** Words of the first CPU's copies: slot s begins at s * SLOT.WORDS. */
  get words(): Uint32Array {
    return this.#words;
  }

  /**
   * A free slot, now RESTING: the one that is wished for, or any.
   * @throws RangeError when there is none: ask `free` before.
   */
  allocate(wish = 0): number {
    if (this.#free === 0) throw new RangeError(`allocate slot: all ${this.max - 1} are in use`);
    if (wish > 0 && this.state[wish] === SlotState.FREE) {
      this.mark(wish, SlotState.RESTING);
      return wish;
    }
    while (this.state[this.#cursor] !== SlotState.FREE)
      this.#cursor = this.#cursor + 1 < this.max ? this.#cursor + 1 : 1;
    this.mark(this.#cursor, SlotState.RESTING);
    return this.#cursor;
  }

  mark(slot: number, state: number): void {
    const before = this.state[slot];
    if (before === SlotState.FREE && state !== SlotState.FREE) this.#free--;
    if (before !== SlotState.FREE && state === SlotState.FREE) this.#free++;
    this.state[slot] = state;
  }

  /** Writes the image that begins at word `at` into every CPU's copy of a slot nothing points at. */
  write(slot: number, image: Uint32Array, at: number): void {
    const { max, cpus } = this;
    const words = this.#words;
    for (let cpu = 0; cpu < cpus; cpu++) {
      const to = (cpu * max + slot) * SLOT.WORDS;
      for (let word = 0; word < IMAGE_WORDS; word++) words[to + word] = image[at + word]!;
    }
  }

  /** Zeroes every copy, counters too, and gives the slot free. */
  clear(slot: number): void {
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const at = (cpu * this.max + slot) * SLOT.WORDS;
      this.#words.fill(0, at, at + SLOT.WORDS);
    }
    this.mark(slot, SlotState.FREE);
  }

  /** Takes note of what a restarted controller finds: anything that is not zero is not free. */
  findUnknown(): number[] {
    const unknown: number[] = [];
    for (let slot = 1; slot < this.max; slot++) {
      if (this.state[slot] === SlotState.FREE && !this.#isZero(slot)) {
        this.mark(slot, SlotState.RESTING);
        unknown.push(slot);
      }
    }
    return unknown;
  }

  hasKey(slot: number, image: Uint32Array, at: number): boolean {
    return this.#equal(slot, image, at, KEY_WORDS);
  }

  hasImage(slot: number, image: Uint32Array, at: number): boolean {
    return this.#equal(slot, image, at, IMAGE_WORDS);
  }

  /** Sum over the CPUs. */
  packets(slot: number): Count {
    return this.#sum(slot, SLOT_COUNTS.PACKETS);
  }

  /** Sum over the CPUs. */
  bytes(slot: number): Count {
    return this.#sum(slot, SLOT_COUNTS.BYTES);
  }

  #sum(slot: number, counter: number): Count {
    let sum: Count = 0;
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      this.#bits[0] = this.#counts[(cpu * this.max + slot) * SLOT_COUNTS.WORDS + counter]!;
      sum = plus(sum, countOfHalves(this.#halves[0]!, this.#halves[1]!));
    }
    return sum;
  }

  #equal(slot: number, image: Uint32Array, at: number, count: number): boolean {
    const mine = slot * SLOT.WORDS;
    for (let word = count - 1; word >= 0; word--) if (this.#words[mine + word] !== image[at + word]) return false;
    return true;
  }

  #isZero(slot: number): boolean {
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const at = (cpu * this.max + slot) * SLOT.WORDS;
      for (let word = 0; word < SLOT.WORDS; word++) if (this.#words[at + word] !== 0) return false;
    }
    return true;
  }
}
