export interface QueueOptions {
  /** Work under way at a time; with one the order is kept. */
  readonly parallel: number;
  /** Waiting beyond these are dropped, the newest. */
  readonly room: number;
}

/** Work that is done when it can be, and never waited for: who adds goes on at once. */
export class BoundedQueue<Item> {
  readonly #work: (item: Item) => Promise<void>;
  readonly #options: QueueOptions;
  #waiting: Item[] = [];
  #working = 0;
  #idle: (() => void)[] = [];

  /** @param work must not reject. */
  constructor(options: QueueOptions, work: (item: Item) => Promise<void>) {
    this.#options = options;
    this.#work = work;
  }

  /** False: there is no room, the item is dropped. */
  add(item: Item): boolean {
    if (this.#waiting.length >= this.#options.room) return false;
    this.#waiting.push(item);
    this.#next();
    return true;
  }

  /** Forgets what waits. @returns how many those were. */
  clear(): number {
    const dropped = this.#waiting.length;
    this.#waiting = [];
    return dropped;
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    if (this.#working > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    while (this.#working < this.#options.parallel && this.#waiting.length > 0) {
      this.#working++;
      void this.#work(this.#waiting.shift()!).finally(() => {
        this.#working--;
        this.#next();
        if (this.#working === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }
}
