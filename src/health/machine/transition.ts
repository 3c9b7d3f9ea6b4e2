import type { Policy } from '../../terms/health/spec.ts';
import { duration, type Health } from './event.ts';

/** Everything the next state depends on. */
export interface Situation {
  readonly health: Health;
  readonly fit: 'fit' | 'unfit' | 'unknown';
  /** Why it is unfit. */
  readonly why: string;
  /** What is in doubt: a probe that failed, traffic that raised the alarm. */
  readonly doubt: string | undefined;
  /** Since when it has been fit without a break. */
  readonly fitSince: number | undefined;
  /** A command said it may come back. */
  readonly told: boolean;
  /** A pool stopped using it, or none did when it fell. */
  readonly left: boolean;
  /** Its fall is the engine's own: a NIC of the engine was down. */
  readonly excused: boolean;
  /** Falls within the flap window, before the present one. */
  readonly falls: number;
}

export interface Turn {
  readonly to: Health;
  readonly reason: string;
}

/** The state machine: what follows from this situation now, or undefined where the state stays. */
export function nextTurn(situation: Situation, policy: Policy, now: number): Turn | undefined {
  if (situation.fit === 'unfit') return fallen(situation, policy);
  switch (situation.health) {
    case 'unknown':
      return situation.fit === 'fit' ? turn('up', situation.why) : undefined;
    case 'up':
      return situation.doubt === undefined ? undefined : turn('suspect', situation.doubt);
    case 'suspect':
      return situation.doubt === undefined ? turn('up', 'it answers') : undefined;
    case 'down':
      return situation.fit === 'fit' ? (back(situation, policy, now) ?? waiting(policy)) : undefined;
    case 'held-up':
      return situation.fit === 'fit' ? back(situation, policy, now) : undefined;
    case 'flapping':
      return calmed(situation, policy, now);
  }
}

/** When time alone may change the state next; Infinity where it cannot. */
export function nextTime({ health, fit, fitSince }: Situation, { comesBack, flaps }: Policy): number {
  if (fit !== 'fit' || fitSince === undefined) return Number.POSITIVE_INFINITY;
  if (health === 'flapping') return fitSince + flaps.quiet;
  return health === 'held-up' && comesBack !== 'when-told' ? fitSince + comesBack.after : Number.POSITIVE_INFINITY;
}

const turn = (to: Health, reason: string): Turn => ({ to, reason });

function fallen({ health, why, falls, excused }: Situation, { flaps }: Policy): Turn | undefined {
  if (health === 'down' || health === 'flapping') return undefined;
  if (excused || falls + 1 < flaps.falls) return turn('down', why);
  const times = `fell ${falls + 1} times within ${duration(flaps.within)}`;
  return turn('flapping', `${times}: out until ${duration(flaps.quiet)} pass without a failure (${why})`);
}

function back({ told, left, fitSince, excused }: Situation, { comesBack }: Policy, now: number): Turn | undefined {
  if (told) return turn('up', 'it answers, and was told to come back');
  if (excused) return turn('up', 'it answers again: a NIC of the engine had been down');
  if (!left) return turn('up', 'it answers again; nothing had taken its place');
  if (comesBack === 'when-told' || fitSince === undefined || now < fitSince + comesBack.after) return undefined;
  return turn('up', comesBack.after === 0 ? 'it answers again' : `it has answered for ${duration(comesBack.after)}`);
}

function waiting({ comesBack }: Policy): Turn {
  if (comesBack === 'when-told') return turn('held-up', 'it answers again and waits to be told (device restore)');
  return turn('held-up', `it answers again; back after ${duration(comesBack.after)} without a failure`);
}

function calmed(situation: Situation, policy: Policy, now: number): Turn | undefined {
  const { fit, fitSince, told, left } = situation;
  if (fit !== 'fit' || fitSince === undefined) return undefined;
  if (told) return turn('up', 'it answers, and was told to come back');
  if (now < fitSince + policy.flaps.quiet) return undefined;
  const calm = `no failure for ${duration(policy.flaps.quiet)}`;
  if (left && policy.comesBack === 'when-told') return turn('held-up', `${calm}; waits to be told (device restore)`);
  return turn('up', calm);
}
