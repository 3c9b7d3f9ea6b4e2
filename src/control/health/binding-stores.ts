import type { Writer } from '../../dataplane/types.ts';
import { targetWord } from '../../health/machine/event.ts';
import type { Places } from '../../plan/place-types.ts';
import { type PoolLegs, targetLegs } from '../../plan/targets.ts';
import type { Target } from '../../terms/health/target.ts';

type Words = Pick<Writer, 'pool' | 'setPool'>;

/** Stores pool words: one store moves every service that points at the word. */
export class WordStores {
  #targets = new Map<string, Target>();
  /** Words whose packets go where others' go. */
  readonly #copying = new Set<string>();
  #tables: { readonly engine: Words; readonly places: Places } | undefined;

  /** What is in the tables from now on. Words that moved while it was brought there are stored again. */
  use(engine: Words, places: Places, targets: ReadonlyMap<string, Target>): void {
    this.#tables = { engine, places };
    this.#targets = new Map(targets);
    this.#copying.clear();
    for (const [word, target] of targets) {
      if (target.to !== 'member') this.#copying.add(word);
      this.#store(word);
    }
  }

  /** Nothing is stored any more. */
  stop(): void {
    this.#tables = undefined;
  }

  /** Stores a word, and those that copy others: they may have moved with it. */
  move(word: string, target: Target): void {
    this.#targets.set(word, target);
    this.#store(word);
    if (target.to === 'member') this.#copying.delete(word);
    else this.#copying.add(word);
    for (const other of this.#copying) if (other !== word) this.#store(other);
  }

  /** Words that moved since their targets were these, and the legs they have now. */
  movedSince(targets: ReadonlyMap<string, Target>): ReadonlyMap<string, PoolLegs> {
    const moved = new Map<string, PoolLegs>();
    for (const [word, target] of this.#targets) {
      const before = targets.get(word);
      if (before === undefined || targetWord(before) === targetWord(target)) continue;
      const legs = this.#legsOf(word);
      if (legs !== undefined) moved.set(word, legs);
    }
    return moved;
  }

  #legsOf(word: string): PoolLegs | undefined {
    const target = this.#targets.get(word);
    if (this.#tables === undefined || target === undefined) return undefined;
    return targetLegs(this.#tables.places, word, target, this.#targets);
  }

  #store(word: string): void {
    const place = this.#tables?.places.pools.get(word);
    const legs = this.#legsOf(word);
    if (this.#tables === undefined || place === undefined || legs === undefined) return;
    const { engine } = this.#tables;
    const stored = engine.pool(place.pool);
    const isStored = stored.outside === legs.outside && stored.inside === legs.inside;
    if (!isStored) engine.setPool(place.pool, legs.outside, legs.inside);
  }
}
