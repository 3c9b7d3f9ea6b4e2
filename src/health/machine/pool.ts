import type { PoolSpec } from '../../terms/health/spec.ts';
import type { Target } from '../../terms/health/target.ts';
import type { State } from './event.ts';

/** What a pool needs to know of a member. */
export interface Standing {
  readonly state: State;
  readonly answers: boolean;
  /** It has answered for some time: one that came and went may serve where nobody is fit. */
  readonly steady: boolean;
  /** The version of IP that it works for, where it is out because it does not for the other. */
  readonly partly?: 4 | 6;
  readonly reason: string;
}

export interface Decision {
  readonly target: Target;
  /** Whether packets are believed to get through. */
  readonly works: boolean;
  readonly reason: string;
  /** Where packets of one version of IP alone get through: that one. */
  readonly partly?: 4 | 6;
  /** Members that would take over at once. */
  readonly spares: readonly string[];
}

/**
 * Whom a pool should use. It stays where it is as long as that member is fit: only a command, or `failBack`, takes a
 * pool away from a member that works.
 * @param present where its packets go now. @param choice the member a command chose, as long as it has not fallen.
 */
export function decide(
  pool: PoolSpec,
  standingOf: (member: string) => Standing,
  present: Target,
  choice: string | undefined,
): Decision {
  const decision = choose(pool, standingOf, present, choice);
  const { target } = decision;
  const used = 'member' in target ? target.member : undefined;
  const spares = pool.members.filter((member) => member !== used && takesOver(standingOf(member)));
  return { ...decision, spares };
}

type Choice = Omit<Decision, 'spares'>;

function choose(
  pool: PoolSpec,
  standingOf: (member: string) => Standing,
  present: Target,
  choice: string | undefined,
): Choice {
  const active = 'member' in present ? present.member : undefined;
  const fit = pool.members.filter((member) => isFit(standingOf(member)));
  if (choice !== undefined && fit.includes(choice)) return use(choice, `${choice} was chosen by a command`);
  const up = fit.filter((member) => standingOf(member).state === 'up');
  if (active !== undefined && fit.includes(active)) {
    const better = pool.failBack ? up[0] : undefined;
    const goesBack = better !== undefined && pool.members.indexOf(better) < pool.members.indexOf(active);
    return goesBack ? use(better, `${better} is up again and comes before ${active}`) : use(active, `${active} works`);
  }
  const successor = up[0] ?? fit[0];
  if (successor !== undefined) return use(successor, whyLeft(active, standingOf) ?? `${successor} is fit`);
  return nobodyFit(pool, standingOf, active);
}

/** A device for one application: the worse of both, and as proven as the application is. */
export function worse(device: Standing, application: Standing): Standing {
  if (!isFit(device)) return device;
  if (!isFit(application)) return { ...application, answers: application.answers && device.answers };
  return device.state === 'suspect' && application.state === 'up' ? device : application;
}

const isFit = ({ state }: Standing): boolean => state === 'up' || state === 'suspect' || state === 'unknown';

const use = (member: string, reason: string): Choice => ({
  target: { to: 'member', member },
  works: true,
  reason,
});

function nobodyFit(pool: PoolSpec, standingOf: (member: string) => Standing, active: string | undefined): Choice {
  if (active !== undefined && serves(standingOf(active))) {
    return use(active, `${active} is ${standingOf(active).state}, but nobody can take over`);
  }
  const resort =
    pool.members.find((member) => isHeldUp(standingOf(member))) ??
    pool.members.find((member) => isLastResort(standingOf(member)));
  if (resort !== undefined) return use(resort, `nobody is fit, but ${resort} (${standingOf(resort).state}) answers`);
  const half = [active, ...pool.members].find((member) => member !== undefined && standingOf(member).partly);
  const states = pool.members.map((member) => `${member} is ${standingOf(member).state}: ${standingOf(member).reason}`);
  if (half !== undefined) {
    const partly = standingOf(half).partly!;
    const reason = `nobody is fit for both versions of IP, and ${half} is for IPv${partly}: ${states.join('; ')}`;
    return { target: { to: 'member', member: half }, works: false, partly, reason };
  }
  return { target: whenAllDown(pool, active), works: false, reason: `nobody is fit: ${states.join('; ')}` };
}

/** A flapping member is believed only when it has answered for some time: else a pool would flap with it. */
const serves = ({ state, answers, steady }: Standing): boolean =>
  state !== 'maintenance' && (state === 'flapping' ? steady : answers);

/** It answers, and only waits to come back, for a time or to be told: better than nobody. */
const isHeldUp = ({ state, answers }: Standing): boolean => state === 'held-up' && answers;

const isLastResort = ({ state, steady }: Standing): boolean => state !== 'maintenance' && steady;

const takesOver = (standing: Standing): boolean => isFit(standing) || isHeldUp(standing) || isLastResort(standing);

function whenAllDown({ allDown, members }: PoolSpec, active: string | undefined): Target {
  if (typeof allDown === 'object') return { to: 'next', pool: allDown.next };
  return allDown === 'keep' ? { to: 'member', member: active ?? members[0]! } : { to: allDown };
}

function whyLeft(active: string | undefined, standingOf: (member: string) => Standing): string | undefined {
  if (active === undefined) return undefined;
  const { state, reason } = standingOf(active);
  return `${active} is ${state}: ${reason}`;
}
