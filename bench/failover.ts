/**
 * How long a fail-over takes, on the wire; 100 trials each. One during which the host took CPU time is made again, whatever
 * it came to: p99 of a hundred is the second worst, and would tell of the host.
 */
import type { WatchingController } from '../test/timed/failover/controller.ts';
import { type Disturbed, type Spread, spread, type Trial } from '../test/timed/failover/figures.ts';
import { InlineBed } from '../test/timed/failover/inline-bed.ts';
import { ServerBed } from '../test/timed/failover/server-bed.ts';
import { type Measure, rounded, type Tried } from './results.ts';

const TRIALS = 100;
/** However many were disturbed. */
const MOST = 300;
const RATE = 5000;
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

/** Trials until enough were not disturbed, or too many were. */
async function untilQuiet<Each extends Disturbed>(make: (count: number) => Promise<readonly Each[]>): Promise<Each[]> {
  const all: Each[] = [];
  for (let missing = TRIALS; missing > 0 && all.length < MOST; missing = TRIALS - all.filter(isQuiet).length) {
    all.push(...(await make(Math.min(missing, MOST - all.length))));
  }
  return all;
}

const isQuiet = ({ stolen }: Disturbed): boolean => stolen === 0;

/** @param values one of each trial. */
function triedOf(name: string, all: readonly Disturbed[], values: readonly number[]): Tried {
  const quiet = values.filter((_, i) => isQuiet(all[i]!));
  const disturbed = { trials: values.length - quiet.length, p99: rounded(spread(values).p99) };
  return { name, unit: 'ms', trials: quiet.length, ...figures(quiet), disturbed };
}

/** @returns what came of it, and every trial. */
async function measure(
  name: string,
  { interval, promised }: Pick<Way, 'interval' | 'promised'>,
  bed: TrialBed,
): Promise<readonly [Tried, readonly Trial[]]> {
  const all = await bed.under(RATE, () => untilQuiet((count) => bed.trials(count, interval)));
  const values = all.map(({ milliseconds }) => milliseconds);
  const each = all.filter(isQuiet).map(({ lost }) => lost);
  const { p50, max } = spread(each);
  return [{ ...triedOf(name, all, values), lost: { p50, max, each }, promised }, all];
}

async function onBed<Bed extends TrialBed, Result>(bed: Bed, work: (bed: Bed) => Promise<Result>): Promise<Result> {
  try {
    await bed.start();
    return await work(bed);
  } finally {
    await bed.close();
  }
}

/** How long the stores of all moves took that `work` makes, one in each trial. */
async function stores(
  name: string,
  { controller }: TrialBed,
  work: () => Promise<readonly Disturbed[]>,
): Promise<Tried> {
  const known = (await controller.events()).length;
  const all = await work();
  const moves = (await controller.eventsAfter(known)).filter(
    ({ what, trigger }) => what === 'move' && trigger === 'probe',
  );
  if (moves.length !== all.length) throw new Error(`${name}: ${moves.length} moves in ${all.length} trials`);
  return triedOf(
    name,
    all,
    moves.map(({ took = Number.NaN }) => took / 1000),
  );
}

const MANY = 'failover/inline-silent,services=10000';
const manyServices: Measure = {
  names: [MANY, STORES, `${STORES},busy`],
  run: () =>
    onBed(new InlineBed({ services: 10_000 }), async (bed) => {
      const quiet = await stores(STORES, bed, () => untilQuiet((count) => bed.deaths(count)));
      let wire: Tried | undefined;
      const busy = await stores(`${STORES},busy`, bed, async () => {
        const [tried, all] = await measure(MANY, { interval: 50, promised: 200 }, bed);
        wire = tried;
        return all;
      });
      return [wire!, { ...quiet, promised: STORE }, busy];
    }),
};

export const failoverCases: readonly Measure[] = [
  ...WAYS.map((way) => {
    const name = `failover/${way.what}`;
    return { names: [name], run: () => onBed(way.bed(), async (bed) => [(await measure(name, way, bed))[0]]) };
  }),
  manyServices,
];
