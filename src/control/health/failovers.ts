import type { Trigger } from '../../health/machine/event.ts';
import { Histogram } from '../../metrics/histogram.ts';

/** What a pool can be moved by: each has a series from the start, so that its first move is a rise. */
const TRIGGERS: readonly Trigger[] = ['probe', 'traffic', 'link', 'measure', 'command', 'time', 'controller'];

/** Seconds: a store takes some microseconds, a step of the machine with it some ten. */
const BOUNDS = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1];

/** Moves of pools, counted. */
export class Failovers {
  readonly seconds = new Histogram(BOUNDS);
  #counts = new Map<string, Map<Trigger, number>>();

  /** Words that are no more are counted no more. */
  define(words: readonly string[]): void {
    const before = this.#counts;
    this.#counts = new Map(
      words.map((word) => [word, before.get(word) ?? new Map(TRIGGERS.map((trigger) => [trigger, 0]))]),
    );
  }

  /** @param seconds from the verdict to the last store. */
  add(word: string, trigger: Trigger, seconds: number): void {
    const counts = this.#counts.get(word);
    counts?.set(trigger, (counts.get(trigger) ?? 0) + 1);
    this.seconds.add(seconds);
  }

  rows(): readonly { readonly pool: string; readonly trigger: Trigger; readonly count: number }[] {
    return [...this.#counts].flatMap(([pool, counts]) =>
      [...counts].map(([trigger, count]) => ({ pool, trigger, count })),
    );
  }
}
