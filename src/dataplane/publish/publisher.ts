import { creationRank, removalRank } from '../../plan/diff.ts';
import { IMAGE_WORDS, type Steps } from '../../plan/types.ts';
import { SLOT } from '../codec/field-words.ts';
import { hashKey } from '../codec/hash.ts';
import { CapacityError, checkRoom } from '../tables/capacity.ts';
import { type Displaced, type Ports, prefixCount, type RangeTable } from '../tables/range-table.ts';
import { SlotState, type SlotStore } from '../tables/slot-store.ts';
import type { StepTable } from '../tables/step-table.ts';
import { byRank } from './rank-order.ts';

/** What publishing did; `leaving` are the slots nobody asks for any more, still serving. */
export interface Published {
  created: number;
  replaced: number;
  kept: number;
  stores: number;
  syscalls: number;
  leaving: number[];
}

/** One thing done, and what was there before (slot 0: nothing). */
interface Done {
  readonly slot: number;
  readonly before: number;
  readonly stateBefore?: number;
  /** Place in `steps`; undefined for a range. */
  readonly place?: number;
  readonly range?: { readonly ports: Ports; readonly displaced: Displaced };
}

/** What one publication has worked out before it stores anything. */
export interface Work {
  readonly steps: Steps;
  /** Slot that has the key now, 0 for none; by place in `steps`. */
  readonly found: Int32Array;
  /** Of the keys; by place in `steps`. */
  readonly hashes: Int32Array;
  /** Places in `steps` that are to be created or replaced, in this order. */
  readonly order: Uint32Array;
  /** By slot: asked for. */
  readonly wanted: Uint8Array;
  readonly retaken: number[];
  readonly undo: Done[];
  readonly result: Published;
}

/**
 * Makes the step tables hold what is asked for. Nothing but creating and replacing happens here; what is not asked for
 * is only named. Slots that were replaced collect in `resting`, to be folded after a grace period.
 */
export class Publisher {
  readonly table: StepTable;
  readonly slots: SlotStore;
  readonly ranges: RangeTable;
  /** Unpublished slots that programs may still hold. */
  resting: number[] = [];
  /** Of the work in hand: a megabyte, and made anew for every change it would keep the garbage collector busy. */
  readonly #wanted: Uint8Array;

  constructor(table: StepTable, slots: SlotStore, ranges: RangeTable) {
    this.table = table;
    this.slots = slots;
    this.ranges = ranges;
    this.#wanted = new Uint8Array(slots.max);
  }

  /**
   * Works out what there is to do; stores nothing that packets see. To be followed by {@link commit} or {@link abandon}.
   * @throws CapacityError
   */
  prepare(steps: Steps): Work {
    const work = this.#compare(steps);
    try {
      this.#checkRoom(work);
    } catch (error) {
      this.abandon(work);
      throw error;
    }
    return work;
  }

  /**
   * Publishes what was prepared.
   * @param before the steps among which some are not asked for any more; undefined: all in the tables.
   * @throws CapacityError, or what the kernel says, with the tables as they were.
   */
  commit(work: Work, before?: Steps): Published {
    try {
      for (const i of work.order) if (work.found[i] === 0) this.#create(work, i);
      for (const i of work.order) if (work.found[i] !== 0) this.#replace(work, i);
    } catch (error) {
      this.abandon(work);
      throw error;
    }
    if (before === undefined) this.#leaveUnwanted(work);
    else this.#leaveSome(work, before);
    return work.result;
  }

  /** Everything as it was before {@link prepare}: the last thing first, so that every moment on the way back was one on the way there. */
  abandon(work: Work): void {
    for (const done of work.undo.reverse()) this.#takeBack(done);
    for (const slot of work.retaken) this.slots.mark(slot, SlotState.LEAVING);
  }

  /** Slots in the order to unpublish them: the first hop first. */
  removalOrder(slots: readonly number[]): Uint32Array {
    const { words } = this.slots;
    return byRank(slots, (slot) => removalRank(words, slot * SLOT.WORDS));
  }

  /** Slots that serve no more; those taken back meanwhile stay. */
  unpublish(slots: Iterable<number>): { stores: number; syscalls: number } {
    const calls = { stores: 0, syscalls: 0 };
    for (const slot of slots) {
      if (this.slots.state[slot] !== SlotState.LEAVING) continue;
      const ports = this.ranges.ports(slot);
      if (ports) calls.syscalls += this.ranges.remove(this.slots.words, slot * SLOT.WORDS, ports, slot);
      else this.table.remove(this.table.find(this.slots.words, slot * SLOT.WORDS));
      if (!ports) calls.stores++;
      this.#rest(slot);
    }
    return calls;
  }

  #compare(steps: Steps): Work {
    const { count, words } = steps;
    const result = { created: 0, replaced: 0, kept: 0, stores: 0, syscalls: 0, leaving: [] };
    const found = new Int32Array(count);
    const hashes = new Int32Array(count);
    const pending = new Uint32Array(count);
    let toDo = 0;
    const wanted = this.#wanted.fill(0);
    const retaken: number[] = [];
    for (let i = 0; i < count; i++) {
      hashes[i] = hashKey(words, i * IMAGE_WORDS);
      const slot = this.#find(steps, i, hashes[i]);
      found[i] = slot;
      if (slot === 0 || !this.slots.hasImage(slot, words, i * IMAGE_WORDS) || this.#hasLost(slot)) {
        pending[toDo++] = i;
        continue;
      }
      result.kept++;
      wanted[slot] = 1;
      if (this.slots.state[slot] !== SlotState.LEAVING) continue;
      this.slots.mark(slot, SlotState.LIVE);
      retaken.push(slot);
    }
    const order = byRank(pending.subarray(0, toDo), (i) => creationRank(words, i * IMAGE_WORDS));
    return { steps, found, hashes, order, wanted, retaken, undo: [], result };
  }

  /** Whether a range that was leaving may have lost prefixes to its successor: it is published anew. */
  #hasLost(slot: number): boolean {
    return this.slots.state[slot] === SlotState.LEAVING && this.ranges.ports(slot) !== undefined;
  }

  #find(steps: Steps, i: number, hash?: number): number {
    const at = i * IMAGE_WORDS;
    const ports = portsOf(steps, i);
    if (ports) return this.ranges.find(steps.words, at, ports);
    const place = this.table.find(steps.words, at, hash);
    return place < 0 ? 0 : this.table.slotAt(place);
  }

  #checkRoom(work: Work): void {
    checkRoom('slots', this.slots.used + work.order.length, this.slots.max - 1);
    if (work.steps.ranges.size === 0) return;
    let prefixes = 0;
    for (const i of work.order) {
      const ports = portsOf(work.steps, i);
      if (ports && work.found[i] === 0) prefixes += prefixCount(ports);
    }
    checkRoom('ranges', this.ranges.used + prefixes, this.ranges.used + this.ranges.free);
  }

  #create(work: Work, i: number): void {
    const { steps, result } = work;
    const at = i * IMAGE_WORDS;
    const hash = work.hashes[i]!;
    const twin = this.#find(steps, i, hash);
    if (twin !== 0) {
      this.#acceptTwin(work, twin, at);
      return;
    }
    const slot = this.#write(work, i);
    const ports = portsOf(steps, i);
    if (ports) {
      const displaced = this.#putRange(work, at, ports, slot);
      work.undo.push({ slot, before: 0, range: { ports, displaced } });
      result.syscalls += displaced.owners.length;
    } else {
      const place = this.table.insert(slot, hash);
      if (place < 0) {
        this.slots.clear(slot);
        throw new CapacityError('slots', this.slots.max, this.slots.max - 1);
      }
      work.undo.push({ slot, before: 0, place });
      result.stores++;
    }
    this.slots.mark(slot, SlotState.LIVE);
    result.created++;
  }

  /** A slot that could not be published may have been seen under some of its ports: it rests like any other. */
  #putRange(work: Work, at: number, ports: Ports, slot: number): Displaced {
    try {
      return this.ranges.put(work.steps.words, at, ports, slot);
    } catch (error) {
      this.#rest(slot);
      throw error;
    }
  }

  /** The same image twice in what is asked for: services share it. */
  #acceptTwin(work: Work, twin: number, at: number): void {
    if (!this.slots.hasImage(twin, work.steps.words, at)) {
      throw new Error(
        `publish steps: two of them have one key, ${work.steps.words.subarray(at, at + IMAGE_WORDS).join(' ')}`,
      );
    }
    work.result.kept++;
  }

  #replace(work: Work, i: number): void {
    const { steps, result } = work;
    const at = i * IMAGE_WORDS;
    const ports = portsOf(steps, i);
    const before = this.#find(steps, i, work.hashes[i]);
    if (before !== work.found[i]) {
      this.#acceptTwin(work, before, at);
      return;
    }
    const slot = this.#write(work, i);
    if (ports) {
      const displaced = this.#putRange(work, at, ports, slot);
      work.undo.push({ slot, before, stateBefore: this.slots.state[before]!, range: { ports, displaced } });
      result.syscalls += displaced.owners.length;
    } else {
      const place = this.table.find(steps.words, at, work.hashes[i]);
      work.undo.push({ slot, before, stateBefore: this.slots.state[before]!, place });
      this.table.replace(place, slot);
      result.stores++;
    }
    this.slots.mark(slot, SlotState.LIVE);
    this.#rest(before);
    result.replaced++;
  }

  #write({ steps, hashes, wanted }: Work, i: number): number {
    const slot = this.slots.allocate(this.table.likelySlot(hashes[i]!));
    this.slots.write(slot, steps.words, i * IMAGE_WORDS);
    wanted[slot] = 1;
    return slot;
  }

  #rest(slot: number): void {
    this.slots.mark(slot, SlotState.RESTING);
    this.resting.push(slot);
  }

  #takeBack({ slot, before, stateBefore, place, range }: Done): void {
    const at = slot * SLOT.WORDS;
    if (range) this.ranges.takeBack(this.slots.words, at, range.ports, slot, range.displaced);
    else if (before !== 0) this.table.replace(place!, before);
    else this.table.remove(place!);
    if (before !== 0) this.#revive(before, stateBefore!);
    this.#rest(slot);
  }

  #revive(slot: number, state: number): void {
    this.slots.mark(slot, state);
    const at = this.resting.lastIndexOf(slot);
    if (at >= 0) this.resting.splice(at, 1);
  }

  #leaveUnwanted(work: Work): void {
    const { table } = this;
    for (let place = 0; place < table.places; place++) {
      const slot = table.slotAt(place);
      if (slot !== 0 && work.wanted[slot] === 0) this.#leave(work, slot);
    }
    for (const slot of this.ranges.slots) if (work.wanted[slot] === 0) this.#leave(work, slot);
  }

  /** A step that another service took over in the meantime has another image: it stays. */
  #leaveSome(work: Work, before: Steps): void {
    for (let i = 0; i < before.count; i++) {
      const slot = this.#find(before, i);
      if (slot === 0 || work.wanted[slot] !== 0) continue;
      if (this.slots.hasImage(slot, before.words, i * IMAGE_WORDS)) this.#leave(work, slot);
    }
  }

  #leave(work: Work, slot: number): void {
    if (this.slots.state[slot] !== SlotState.LIVE) return;
    this.slots.mark(slot, SlotState.LEAVING);
    work.result.leaving.push(slot);
  }
}

function portsOf(steps: Steps, i: number): Ports | undefined {
  return steps.ranges.size === 0 ? undefined : steps.ranges.get(i);
}
