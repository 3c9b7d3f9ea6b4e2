import type { GuardSpec } from '../../terms/health/spec.ts';

/** Two messages of one guard are at least so far apart. */
const QUIET = 10_000;

/**
 * Tells a starved controller from dead devices. Two signs: it came too late itself; or a large part of everything it
 * watches, with nothing in common, fails at the same moment.
 */
export class Guard {
  /** Losses of probes sent before are not believed. */
  notBefore = Number.NEGATIVE_INFINITY;
  readonly #spec: GuardSpec;
  #recent: { readonly at: number; readonly shares: string }[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(spec: GuardSpec) {
    this.#spec = spec;
  }

  get late(): number {
    return this.#spec.late;
  }

  /** Notes how late a tick came. @returns milliseconds late, where that is worth telling. */
  tick(due: number, now: number): number | undefined {
    if (now - due <= this.#spec.late) return undefined;
    this.notBefore = now;
    if (now < this.#toldAt + QUIET) return undefined;
    this.#toldAt = now;
    return now - due;
  }

  /**
   * Whether falls at this moment are to be confirmed first.
   * @param shares of those that fall now. @param others of those that serve, those that fall now included.
   */
  isMass(shares: readonly string[], others: () => Iterable<string>, now: number): boolean {
    this.#recent = this.#recent.filter(({ at }) => at > now - this.#spec.window);
    const fallen = new Set([...this.#recent.map((fall) => fall.shares), ...shares]);
    if (fallen.size < this.#spec.least) return false;
    return fallen.size > this.#spec.share * new Set([...fallen, ...others()]).size;
  }

  /** Notes a fall that was believed. */
  believed(shares: string, now: number): void {
    this.#recent.push({ at: now, shares });
  }
}
