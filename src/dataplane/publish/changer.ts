import { setImmediate } from 'node:timers/promises';
import type { Fabric, Steps } from '../../plan/types.ts';
import { CapacityError } from '../tables/capacity.ts';
import { FabricTables } from '../tables/fabric-tables.ts';
import { SlotState } from '../tables/slot-store.ts';
import type { TableSet } from '../tables/table-set.ts';
import { emptyTally, type Tally } from '../tables/tally.ts';
import type { ChangeReport, Logger } from '../types.ts';
import { Drain } from './drain.ts';
import type { Published, Work } from './publisher.ts';

export interface ChangerOptions {
  readonly drainMs: number;
  readonly drainAllMs: number;
  readonly logger: Logger | undefined;
  /** Resolves when no program holds what it read before. */
  readonly grace: () => Promise<void>;
  /** Runs work when no other change is under way. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Larger tables, in turn already; {@link Changer.use} is called before it resolves. */
  readonly makeRoom: (error: CapacityError) => Promise<void>;
}

/** What tables are to hold. */
export interface Change {
  readonly fabric: Fabric;
  readonly after: Steps;
  /** As in Writer.change; undefined: all steps in the tables. */
  readonly before: Steps | undefined;
  /** Pools stored since the change was asked for: they keep what they have. */
  readonly stored: ReadonlySet<number>;
}

/**
 * Changes tables in the order of docs/design/plan.md: what steps need, new steps, replaced ones from the last hop to
 * the first, then pools that turn to another member; after the drain time the removed ones and what they needed; after a grace period the counts are folded.
 */
export class Changer {
  set: TableSet;
  fabric: FabricTables;
  readonly #options: ChangerOptions;
  readonly #drain = new Drain();
  /** The latest that was published, and the latest that was narrowed to. */
  #wide: Fabric | undefined;
  #narrow: Fabric | undefined;
  /** Batches of removed steps whose time is not over, or that wait for their turn to go. */
  #unfinished = 0;

  constructor(set: TableSet, options: ChangerOptions) {
    this.#options = options;
    this.set = set;
    this.fabric = new FabricTables(set, options.grace);
  }

  /** Slots that serve until their drain time is over. */
  get leaving(): number {
    return this.#drain.waiting;
  }

  /** Ends a fold that was under way when a controller was killed, and folds the slots it had left over. */
  async recover(): Promise<void> {
    this.set.fold.recover();
    const unknown = this.set.slots.findUnknown();
    if (unknown.length === 0) return;
    this.set.publisher.resting = unknown;
    await this.#fold();
  }

  /** Other tables with the same content and the same numbers of slots; the old ones' counts are folded. */
  use(set: TableSet): void {
    this.set = set;
    this.fabric = new FabricTables(set, this.#options.grace, this.fabric);
    for (const slot of this.#drain.slots()) set.slots.mark(slot, SlotState.LEAVING);
  }

  /** @throws CapacityError where a table is too small; whatever it throws, packets find what they found before. */
  async apply({ fabric, after, before, stored }: Change): Promise<Omit<ChangeReport, 'grown' | 'milliseconds'>> {
    this.fabric.check(fabric);
    const work = await this.#prepare(after);
    const tally = emptyTally();
    const published = await this.#publish(fabric, work, tally, { before, stored });
    this.#wide = fabric;
    await this.fabric.turn(fabric, stored, tally);
    this.#finishLater(published.leaving);
    return {
      created: published.created,
      replaced: published.replaced,
      removed: published.leaving.length,
      kept: published.kept,
      fabric: tally.fabric,
      stores: published.stores + tally.stores,
      syscalls: published.syscalls + tally.syscalls,
    };
  }

  /** Whether the tables hold what was published last and nothing else: nothing is on its way out. */
  get isAtRest(): boolean {
    return this.#drain.isEmpty && this.set.publisher.resting.length === 0;
  }

  /** What others wrote into the tables is known again. */
  readAgain(): void {
    this.fabric = new FabricTables(this.set, this.#options.grace, this.fabric);
    this.#narrow = undefined;
  }

  /** Resolves when everything removed is gone and folded. */
  settle(): Promise<void> {
    return this.#drain.settled();
  }

  /**
   * Before a change takes its turn: lets changes that follow each other without end wait once in a while, so that what
   * they removed goes. What goes wrong with it is in the log, and not this change's fault.
   */
  async catchUp(): Promise<void> {
    if (this.#drain.busy > this.#options.drainAllMs) await this.settle().catch(() => undefined);
  }

  /** What is draining stays as it is. */
  cancel(): void {
    this.#drain.cancel();
  }

  /** Where slots are short, those of the last changes are folded first. */
  async #prepare(after: Steps): Promise<Work> {
    try {
      return this.set.publisher.prepare(after);
    } catch (error) {
      if (!(error instanceof CapacityError) || this.set.publisher.resting.length === 0) throw error;
      await this.#fold();
      return this.set.publisher.prepare(after);
    }
  }

  async #publish(
    fabric: Fabric,
    work: Work,
    tally: Tally,
    { before, stored }: Pick<Change, 'before' | 'stored'>,
  ): Promise<Published> {
    const { publisher } = this.set;
    let isPrepared = true;
    let hasWidened = false;
    try {
      await this.fabric.connect(fabric, tally);
      hasWidened = true;
      await this.fabric.widen(fabric, stored, tally);
      isPrepared = false;
      return publisher.commit(work, before);
    } catch (error) {
      if (isPrepared) publisher.abandon(work);
      if (hasWidened && this.#wide) await this.fabric.widen(this.#wide, stored, tally);
      this.#narrow = undefined;
      this.#finishLater([]);
      throw error;
    }
  }

  #finishLater(leaving: readonly number[]): void {
    const isDone = leaving.length === 0 && this.set.publisher.resting.length === 0 && this.#narrow === this.#wide;
    if (isDone) return;
    this.#unfinished++;
    this.#drain.add(leaving, leaving.length > 0 ? this.#options.drainMs : 0, (slots) =>
      this.#options.inTurn(() => this.#finish(slots)),
    );
  }

  async #finish(slots: readonly number[]): Promise<void> {
    // What another batch still uses stays until that one is over. Told apart here, in turn: of several that end together one is the last.
    const isLast = --this.#unfinished === 0;
    try {
      const { publisher } = this.set;
      await inParts(publisher.removalOrder(slots), (part) => publisher.unpublish(part));
      await this.#fold();
      const wanted = this.#wide;
      if (!isLast || wanted === undefined || wanted === this.#narrow) return;
      await this.fabric.narrow(wanted, emptyTally());
      this.#narrow = wanted;
    } catch (error) {
      const { slots: store } = this.set;
      for (const slot of slots) if (store.state[slot] === SlotState.LEAVING) store.mark(slot, SlotState.LIVE);
      this.#options.logger?.warn({ err: error }, 'removing old steps failed: the next full sync tries again');
      throw error;
    }
  }

  /** After a grace period nobody counts in the resting slots any more. */
  async #fold(): Promise<void> {
    const { publisher, fold } = this.set;
    const resting = Uint32Array.from(publisher.resting);
    publisher.resting = [];
    if (resting.length === 0) return;
    await this.#options.grace();
    try {
      await inParts(resting, (part) => fold.reclaim(part));
    } catch (error) {
      const left = resting.filter((slot) => this.set.slots.state[slot] === SlotState.RESTING);
      publisher.resting = [...left, ...publisher.resting];
      if (!(error instanceof CapacityError)) throw error;
      await this.#options.makeRoom(error);
    }
  }
}

/** So many at a time, that nobody waits long for the event loop. */
const PART = 20_000;

async function inParts(slots: Uint32Array, work: (part: Uint32Array) => void): Promise<void> {
  for (let from = 0; from < slots.length; from += PART) {
    if (from > 0) await setImmediate();
    work(slots.subarray(from, from + PART));
  }
}
