/** How long a fail-over takes, on the wire; 100 trials each. */
import type { WatchingController } from '../test/timed/failover/controller.ts';
import { type Spread, spread, type Trial } from '../test/timed/failover/figures.ts';
import { InlineBed } from '../test/timed/failover/inline-bed.ts';
import { ServerBed } from '../test/timed/failover/server-bed.ts';
import { type Measure, rounded, type Tried } from './results.ts';

const TRIALS = 100;
const RATE = 5000;
/** Milliseconds from verdict to last store that were promised. */
const STORE = 1;

interface TrialBed {
  readonly controller: WatchingController;
  start(): Promise<void>;
  under<Result>(rate: number, work: () => Promise<Result>): Promise<Result>;
  trials(count: number, interval: number): Promise<readonly Trial[]>;
  close(): Promise<void>;
}

interface Way {
  readonly what: string;
  readonly interval: number;
  readonly promised: number;
  /** Name of a case for the time of the stores, where it is reported. */
  readonly store?: string;
  readonly bed: () => TrialBed;
}

const WAYS: readonly Way[] = [
  { what: 'inline-silent', interval: 50, promised: 200, bed: () => new InlineBed() },
  { what: 'inline-silent,10ms', interval: 10, promised: 50, bed: () => new InlineBed({ health: '{interval: 10ms}' }) },
  {
    what: 'inline-silent,services=10000',
    interval: 50,
    promised: 200,
    store: 'failover/store,services=10000',
    bed: () => new InlineBed({ services: 10_000 }),
  },
  { what: 'server-killed', interval: 50, promised: 250, bed: () => new ServerBed(50) },
];

const figures = (values: readonly number[]): Spread => {
  const { p50, p99, max } = spread(values);
  return { p50: rounded(p50), p99: rounded(p99), max: rounded(max) };
};

async function measure({ interval, promised, store, bed: make }: Way, name: string): Promise<Tried[]> {
  const bed = make();
  try {
    await bed.start();
    const known = (await bed.controller.events()).length;
    const trials = await bed.under(RATE, () => bed.trials(TRIALS, interval));
    const times = figures(trials.map(({ milliseconds }) => milliseconds));
    const { p50, max } = spread(trials.map(({ lost }) => lost));
    const result: Tried = { name, unit: 'ms', trials: trials.length, ...times, lost: { p50, max }, promised };
    if (store === undefined) return [result];
    const moves = (await bed.controller.eventsAfter(known)).filter(({ what }) => what === 'move');
    const stores = figures(moves.map(({ took = Number.NaN }) => took / 1000));
    return [result, { name: store, unit: 'ms', trials: moves.length, ...stores, promised: STORE }];
  } finally {
    await bed.close();
  }
}

export const failoverCases: readonly Measure[] = WAYS.map((way) => {
  const name = `failover/${way.what}`;
  return { names: way.store === undefined ? [name] : [name, way.store], run: () => measure(way, name) };
});
