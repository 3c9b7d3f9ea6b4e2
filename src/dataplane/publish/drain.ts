/** Removed steps that still serve packets inside devices, in the order in which their time is over. */
export class Drain {
  /** By slot: the batch it left with. A slot that was taken back and leaves again belongs to the later one. */
  readonly #batchOf = new Map<number, number>();
  readonly #jobs = new Map<number, { timer: NodeJS.Timeout; done: Promise<void>; cancel: () => void }>();
  #last = 0;
  #busySince = 0;

  /** Calls `finish` with the batch's slots after so many milliseconds; the promise of it is part of {@link settled}. */
  add(slots: readonly number[], milliseconds: number, finish: (slots: number[]) => Promise<void>): void {
    const batch = ++this.#last;
    if (this.#jobs.size === 0) this.#busySince = performance.now();
    for (const slot of slots) this.#batchOf.set(slot, batch);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      const mine = slots.filter((slot) => this.#batchOf.get(slot) === batch);
      for (const slot of mine) this.#batchOf.delete(slot);
      finish(mine).then(resolve, reject);
    }, milliseconds);
    const done = promise.finally(() => this.#jobs.delete(batch));
    // Whoever settles hears of it; nobody may.
    done.catch(() => undefined);
    this.#jobs.set(batch, { timer, done, cancel: resolve });
  }

  /** Slots waiting. */
  get waiting(): number {
    return this.#batchOf.size;
  }

  slots(): Iterable<number> {
    return this.#batchOf.keys();
  }

  get isEmpty(): boolean {
    return this.#jobs.size === 0;
  }

  /** For how many milliseconds there has always been a job. */
  get busy(): number {
    return this.#jobs.size === 0 ? 0 : performance.now() - this.#busySince;
  }

  /** Resolves when no job is left; rejects with what went wrong in one. */
  async settled(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.all(Array.from(this.#jobs.values(), ({ done }) => done));
  }

  /** Ends every wait without finishing: what serves goes on serving. */
  cancel(): void {
    for (const { timer, cancel } of this.#jobs.values()) {
      clearTimeout(timer);
      cancel();
    }
  }
}
