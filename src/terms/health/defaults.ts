import type { ProbeKind, Question } from './question.ts';
import type { DeviceSpec, GuardSpec, MeasureSpec, PoolSpec, ProbeSpec } from './spec.ts';

type Pace = Pick<ProbeSpec, 'interval' | 'slow' | 'fall' | 'rise'> & { readonly longest: number };

const THROUGH: Pace = { interval: 50, slow: 1000, fall: 3, rise: 3, longest: 20 };
const HANDSHAKE: Pace = { interval: 500, slow: 2000, fall: 3, rise: 2, longest: 200 };
const ADDRESS: Pace = { interval: 1000, slow: 5000, fall: 3, rise: 2, longest: 800 };
const COMMAND: Pace = { interval: 5000, slow: 30_000, fall: 3, rise: 2, longest: 4000 };

/** Slowest pace a probe in doubt is repeated at. */
const IN_DOUBT = 200;

/** A probe with everything left out filled in. The limit is 0.8 of the interval, and never more than its kind needs. */
export function probeSpec(question: Question, given: Partial<Omit<ProbeSpec, 'question'>> = {}): ProbeSpec {
  const pace = paceOf(question.kind);
  const interval = given.interval ?? pace.interval;
  const limit = given.limit ?? Math.min(pace.longest, 0.8 * interval);
  return {
    name: question.kind,
    question,
    fast: Math.min(interval, Math.max(IN_DOUBT, 1.25 * limit)),
    slow: Math.max(interval, pace.slow),
    fall: pace.fall,
    rise: pace.rise,
    weight: 1,
    ...given,
    interval,
    limit,
  };
}

function paceOf(kind: ProbeKind): Pace {
  if (kind === 'through' || kind === 'negative') return THROUGH;
  if (kind === 'handshake') return HANDSHAKE;
  return kind === 'command' ? COMMAND : ADDRESS;
}

/** A threshold with everything left out filled in. */
export function measureSpec(given: Pick<MeasureSpec, 'measure' | 'over'> & Partial<MeasureSpec>): MeasureSpec {
  const name = given.of === undefined ? given.measure : `${given.measure} of ${given.of}`;
  return { name, back: 0.8 * given.over, fall: 3, rise: 3, weight: 1, ...given };
}

/** A probe that takes half its limit on average is reported as slow, before anything fails. */
export function slownessOf({ name, application, limit }: ProbeSpec): MeasureSpec {
  const spec = { measure: 'latency', of: name, over: limit / 2, fall: 20, rise: 20, weight: 0 } as const;
  return measureSpec(application === undefined ? spec : { ...spec, application });
}

/** A device with everything left out filled in; `inline` ones come back only when told ([0162]). */
export function deviceSpec(
  name: string,
  kind: 'inline' | 'tap' | 'server' | 'proxy' | 'gateway',
  given: Partial<Omit<DeviceSpec, 'name'>> = {},
): DeviceSpec {
  const probes = given.probes ?? [];
  return {
    name,
    shares: name,
    probes,
    measures: probes.map(slownessOf),
    need: 'all',
    comesBack: kind === 'inline' ? 'when-told' : { after: 30_000 },
    flaps: { falls: 3, within: 60_000, quiet: 60_000 },
    alarm: { frames: 16, syns: 3 },
    drain: 1000,
    ...given,
  };
}

/** A pool with everything left out filled in: the first member works, nobody is gone back to, the last one is kept. */
export function poolSpec(name: string, members: readonly string[], given: Partial<PoolSpec> = {}): PoolSpec {
  return { name, pool: name, members, active: members[0]!, failBack: false, allDown: 'keep', ...given };
}

export const GUARD: GuardSpec = { late: 100, window: 100, least: 3, share: 0.5 };
