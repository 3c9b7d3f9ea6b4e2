import type { SuffixedSample } from './exposition.ts';

/** Counts of values by upper bounds, as Prometheus' histograms are. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds rising; what is above the last one is counted in `+Inf` alone. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0).concat(0);
  }

  add(value: number): void {
    const place = this.#bounds.findIndex((bound) => value <= bound);
    this.#counts[place < 0 ? this.#bounds.length : place]! += 1;
    this.#sum += value;
  }

  samples(): readonly SuffixedSample[] {
    let below = 0;
    const buckets = this.#counts.map((count, place) => {
      below += count;
      return ['_bucket', `le="${this.#bounds[place] ?? '+Inf'}"`, below] as const;
    });
    return [...buckets, ['_sum', '', this.#sum], ['_count', '', below]];
  }
}
