/** How long a fail-over takes, on the wire; 100 trials each. */
import type { WatchingController } from '../test/timed/failover/controller.ts';
import { type Spread, spread, type Trial } from '../test/timed/failover/figures.ts';
import { InlineBed } from '../test/timed/failover/inline-bed.ts';
import { ServerBed } from '../test/timed/failover/server-bed.ts';
import { type Measure, rounded, type Tried } from './results.ts';

const TRIALS = 100;
const RATE = 5000;
/** Percent that the host may take: p99 of a hundred trials is what became of the second worst, and steal comes in bursts. */
const DISTURBED = 2;
/** Milliseconds from verdict to last store that were promised. */
const STORE = 1;

/** Name of the cases of how long stores take. */
const STORES = 'failover/store,services=10000';

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
  readonly bed: () => TrialBed;
}

const WAYS: readonly Way[] = [
  { what: 'inline-silent', interval: 50, promised: 200, bed: () => new InlineBed() },
  { what: 'inline-silent,10ms', interval: 10, promised: 50, bed: () => new InlineBed({ health: '{interval: 10ms}' }) },
  { what: 'server-killed', interval: 50, promised: 250, bed: () => new ServerBed(50) },
];

const figures = (values: readonly number[]): Spread => {
  const { p50, p99, max } = spread(values);
  return { p50: rounded(p50), p99: rounded(p99), max: rounded(max) };
};

async function measure(
  name: string,
  { interval, promised }: Pick<Way, 'interval' | 'promised'>,
  bed: TrialBed,
): Promise<Tried> {
  const trials = await bed.under(RATE, () => bed.trials(TRIALS, interval));
  const times = figures(trials.map(({ milliseconds }) => milliseconds));
  const each = trials.map(({ lost }) => lost);
  const { p50, max } = spread(each);
  return { name, unit: 'ms', trials: trials.length, ...times, lost: { p50, max, each }, promised };
}

async function onBed<Bed extends TrialBed, Result>(bed: Bed, work: (bed: Bed) => Promise<Result>): Promise<Result> {
  try {
    await bed.start();
    return await work(bed);
  } finally {
    await bed.close();
  }
}

/** How long the stores of all moves took that `work` makes. */
async function stores(name: string, { controller }: TrialBed, work: () => Promise<unknown>): Promise<Tried> {
  const known = (await controller.events()).length;
  await work();
  const moves = (await controller.eventsAfter(known)).filter(
    ({ what, trigger }) => what === 'move' && trigger === 'probe',
  );
  const times = figures(moves.map(({ took = Number.NaN }) => took / 1000));
  return { name, unit: 'ms', trials: moves.length, ...times };
}

const MANY = 'failover/inline-silent,services=10000';
const manyServices: Measure = {
  names: [MANY, STORES, `${STORES},busy`],
  disturbed: DISTURBED,
  run: () =>
    onBed(new InlineBed({ services: 10_000 }), async (bed) => {
      const quiet = await stores(STORES, bed, () => bed.deaths(TRIALS));
      let wire: Tried | undefined;
      const busy = await stores(`${STORES},busy`, bed, async () => {
        wire = await measure(MANY, { interval: 50, promised: 200 }, bed);
      });
      return [wire!, { ...quiet, promised: STORE }, busy];
    }),
};

export const failoverCases: readonly Measure[] = [
  ...WAYS.map((way) => {
    const name = `failover/${way.what}`;
    return {
      names: [name],
      disturbed: DISTURBED,
      run: () => onBed(way.bed(), async (bed) => [await measure(name, way, bed)]),
    };
  }),
  manyServices,
];
