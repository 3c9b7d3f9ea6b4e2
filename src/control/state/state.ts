import type { Model } from '../../model/types.ts';
import type { NetworkSnapshot } from '../../net/snapshot.ts';
import type { Plan } from '../../plan/compile.ts';
import type { Choices } from './store.ts';

/** What is in force: replaced as a whole when a change succeeded, never edited. */
export interface State {
  /** The definitions as they are written. */
  readonly written: Model;
  /** With what commands chose: what is compiled. */
  readonly model: Model;
  readonly choices: Choices;
  readonly network: NetworkSnapshot;
  /** Absent while only looked at: a command that reads compiles nothing. */
  readonly plan: Plan | undefined;
}

/** Definitions that define nothing: what is in force before the first apply. */
export const NOTHING: Model = { interfaces: new Map(), devices: new Map(), pools: new Map(), services: new Map() };
