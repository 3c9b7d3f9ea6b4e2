/** A number that was given up stays free for so long, ms: answers to its last frames may still be under way. */
const REST = 60_000;

/**
 * Gives every frame its number in the prober's tables: the same as long as the frame is composed, and afterwards not
 * given to another before it rested.
 */
export class FrameIds {
  readonly #most: number;
  readonly #numbers = new Map<string, { readonly id: number; generation: number }>();
  /** Given up, oldest first. */
  readonly #resting: { readonly id: number; readonly freeAt: number }[] = [];
  #next = 1;
  #generation = 0;

  /** @param most numbers are 1 to this. */
  constructor(most: number) {
    this.#most = most;
  }

  /** A new composition begins. */
  begin(): void {
    this.#generation += 1;
  }

  /** The number of a frame, new where it had none; undefined when all are taken. `now`: milliseconds. */
  take(key: string, now: number): number | undefined {
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      known.generation = this.#generation;
      return known.id;
    }
    const rested = this.#resting[0] !== undefined && this.#resting[0].freeAt <= now;
    const id = rested ? this.#resting.shift()!.id : this.#next;
    if (!rested) {
      if (id > this.#most) return undefined;
      this.#next += 1;
    }
    this.#numbers.set(key, { id, generation: this.#generation });
    return id;
  }

  /** The composition is complete: what was not taken in it is given up. */
  end(now: number): void {
    for (const [key, { id, generation }] of this.#numbers) {
      if (generation === this.#generation) continue;
      this.#numbers.delete(key);
      this.#resting.push({ id, freeAt: now + REST });
    }
  }
}
