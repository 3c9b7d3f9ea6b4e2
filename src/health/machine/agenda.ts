import type { Action, HealthEvent, Trigger } from './event.ts';
import type { Subject } from './subject.ts';

/** What one step still has to look at, and what it has to say at its end. */
export class Agenda {
  readonly #dirty = new Map<Subject, Trigger>();
  #moves: Action[] = [];
  #others: Action[] = [];

  /** Something about it may have changed; the first cause counts. */
  look(subject: Subject, trigger: Trigger): void {
    if (!this.#dirty.has(subject)) this.#dirty.set(subject, trigger);
  }

  /** Everything to be looked at, once. */
  takeLooks(): readonly (readonly [Subject, Trigger])[] {
    if (this.#dirty.size === 0) return [];
    const looks = [...this.#dirty];
    this.#dirty.clear();
    return looks;
  }

  act(action: Action): void {
    (action.kind === 'move' ? this.#moves : this.#others).push(action);
  }

  tell(event: HealthEvent): void {
    this.#others.push({ kind: 'tell', event });
  }

  /** The actions of the step, moves first. */
  takeActions(): readonly Action[] {
    if (this.#moves.length === 0 && this.#others.length === 0) return NOTHING;
    const actions = [...this.#moves, ...this.#others];
    this.#moves = [];
    this.#others = [];
    return actions;
  }
}

const NOTHING: readonly Action[] = Object.freeze([]);
