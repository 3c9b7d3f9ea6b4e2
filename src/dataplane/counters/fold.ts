import { BpfError } from '../../libbpf/index.ts';
import type { Count } from '../../terms/count.ts';
import { LAYOUT, SLOT } from '../codec/field-words.ts';
import { CapacityError } from '../tables/capacity.ts';
import type { SlotStore } from '../tables/slot-store.ts';
import { TOTAL_KEY_BYTES, totalKey } from './total-key.ts';

/** What the `totals` table is to the fold: a map of 16-byte keys to two 64-bit counts. */
export interface TotalsMap {
  readonly maxEntries: number;
  lookupInto(key: Uint8Array, value: Uint8Array): boolean;
  update(key: Uint8Array, value: Uint8Array): void;
}

const TOTAL_VALUE_BYTES = 16;

/**
 * Moves the counts of slots that nothing uses any more into `totals`, so that they are counted once whenever the
 * controller is killed. `journal` holds the slot and what its total will be, not what to add: doing it twice is
 * harmless.
 */
export class Fold {
  readonly #slots: SlotStore;
  readonly #totals: TotalsMap;
  /** struct journal: slot, key, packets, bytes. */
  readonly #slot: BigUint64Array;
  readonly #key: Uint8Array;
  readonly #value: BigUint64Array;
  readonly #valueBytes: Uint8Array;
  readonly #layout: Int32Array;

  /** @param journal, layout memory of the maps of these names. */
  constructor(journal: ArrayBuffer, layout: ArrayBuffer, totals: TotalsMap, slots: SlotStore) {
    this.#slots = slots;
    this.#totals = totals;
    this.#slot = new BigUint64Array(journal, 0, 1);
    this.#key = new Uint8Array(journal, 8, TOTAL_KEY_BYTES);
    this.#value = new BigUint64Array(journal, 8 + TOTAL_KEY_BYTES, 2);
    this.#valueBytes = new Uint8Array(journal, 8 + TOTAL_KEY_BYTES, TOTAL_VALUE_BYTES);
    this.#layout = new Int32Array(layout);
  }

  /** Ends what a killed controller was in the middle of. */
  recover(): void {
    const slot = Number(this.#slot[0]);
    if (slot !== 0) for (const _ of this.#finish(slot));
    if ((this.#layout[LAYOUT.FOLDS]! & 1) !== 0) Atomics.add(this.#layout, LAYOUT.FOLDS, 1);
  }

  /**
   * Folds slots that no program holds (after a grace period) and gives them free.
   * @throws CapacityError where `totals` is full; the slots not folded yet keep their counts.
   */
  reclaim(slots: Iterable<number>): void {
    Atomics.add(this.#layout, LAYOUT.FOLDS, 1);
    try {
      for (const slot of slots) {
        if (this.#slots.packets(slot) === 0) this.#slots.clear(slot);
        else for (const _ of this.stores(slot));
      }
    } finally {
      Atomics.add(this.#layout, LAYOUT.FOLDS, 1);
    }
  }

  /** Folds one slot and stops before each store, so that a test can end it there. */
  *stores(slot: number): Generator<string, void> {
    yield 'the journal';
    this.#writeJournal(slot, this.#slots.packets(slot), this.#slots.bytes(slot));
    yield 'the slot of the journal';
    Atomics.store(this.#slot, 0, BigInt(slot));
    yield* this.#finish(slot);
  }

  /** Everything behind the journal can be done again from the start. */
  *#finish(slot: number): Generator<string, void> {
    yield 'the total';
    this.#updateTotal();
    yield 'the slot';
    this.#slots.clear(slot);
    yield 'the end of the journal';
    Atomics.store(this.#slot, 0, 0n);
  }

  #updateTotal(): void {
    try {
      this.#totals.update(this.#key.slice(), this.#valueBytes.slice());
    } catch (error) {
      if (!(error instanceof BpfError) || error.code !== 'E2BIG') throw error;
      Atomics.store(this.#slot, 0, 0n);
      throw new CapacityError('totals', this.#totals.maxEntries + 1, this.#totals.maxEntries);
    }
  }

  #writeJournal(slot: number, packets: Count, bytes: Count): void {
    const key = totalKey(this.#slots.words, slot * SLOT.WORDS);
    const before = new Uint8Array(TOTAL_VALUE_BYTES);
    this.#totals.lookupInto(key, before);
    const counts = new BigUint64Array(before.buffer);
    this.#key.set(key);
    this.#value[0] = counts[0]! + BigInt(packets);
    this.#value[1] = counts[1]! + BigInt(bytes);
  }
}
