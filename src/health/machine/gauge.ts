import type { Measure, MeasureSpec } from '../../terms/health/spec.ts';
import { afterBad, afterGood, type Run, type Sign, type Verdict } from './run.ts';

const UNITS: Record<Measure, string> = {
  latency: ' ms',
  loss: ' %',
  bandwidth: ' bit/s',
  connections: ' connections',
  packets: ' packets/s',
  users: ' users',
};

/** A threshold of one device: measurements in, verdict out. Between `back` and `over` it believes what it did. */
export class Gauge implements Sign {
  readonly spec: MeasureSpec;
  verdict: Verdict = 'unknown';
  /** It was reported and is not yet taken back. */
  toldSlow = false;
  #run: Run = 0;
  #value = 0;

  constructor(spec: MeasureSpec) {
    this.spec = spec;
  }

  get weight(): number {
    return this.spec.weight;
  }

  /** @returns whether the verdict changed. */
  observe(value: number): boolean {
    const { over, back, fall, rise } = this.spec;
    this.#value = value;
    if (value > over) this.#run = afterBad(this.#run);
    else if (value <= back) this.#run = afterGood(this.#run);
    const before = this.verdict;
    if (this.#run <= -fall) this.verdict = 'failing';
    else if (this.#run >= (before === 'failing' ? rise : 1)) this.verdict = 'passing';
    return before !== this.verdict;
  }

  words(): string {
    const { name, measure, over, back } = this.spec;
    const bound = this.verdict === 'failing' ? `more than ${over}` : `back under ${back}`;
    return `${name} ${round(this.#value)}${UNITS[measure]} (${bound})`;
  }
}

const round = (value: number): number => (Math.abs(value) < 100 ? Number(value.toFixed(1)) : Math.round(value));
