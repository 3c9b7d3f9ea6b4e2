export interface TickEars {
  /** `due`: when it should have been. `grid`: the last time on the grid of ticks, the same unless some were missed. */
  tick(due: number, grid: number): void;
  /** The time asked for by `callAt` is over. */
  called(): void;
}

/** A timer may be so much early, ms. */
const EARLY = 0.5;

/** One timer for everything: ticks on a grid that does not drift, and one time in between. All of performance.now(). */
export class Ticks {
  readonly #ears: TickEars;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #length = Number.POSITIVE_INFINITY;
  #due = Number.POSITIVE_INFINITY;
  #callAt = Number.POSITIVE_INFINITY;

  constructor(ears: TickEars) {
    this.#ears = ears;
  }

  /** Begins, or goes on with ticks that are `length` ms apart. */
  start(length: number): void {
    if (length === this.#length) return;
    this.#length = length;
    this.#due = Math.min(this.#due, performance.now() + length);
    this.#arm();
  }

  /** Calls once at a time; takes the place of the time asked for before. Infinity: not at all. */
  callAt(time: number): void {
    this.#callAt = time;
    this.#arm();
  }

  stop(): void {
    this.#length = this.#due = this.#callAt = this.#armedFor = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    const at = Math.min(this.#due, this.#callAt);
    if (at >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = at;
    this.#timer = setTimeout(this.#wake, Math.max(1, Math.ceil(at - performance.now())));
  }

  readonly #wake = (): void => {
    const now = performance.now();
    this.#armedFor = Number.POSITIVE_INFINITY;
    try {
      if (now >= this.#callAt) {
        this.#callAt = Number.POSITIVE_INFINITY;
        this.#ears.called();
      }
      if (now >= this.#due - EARLY) {
        const due = this.#due;
        const grid = due + Math.floor((now + EARLY - due) / this.#length) * this.#length;
        this.#due = grid + this.#length;
        this.#ears.tick(due, grid);
      }
    } finally {
      if (this.#length !== Number.POSITIVE_INFINITY) this.#arm();
    }
  };
}
