import type { Target } from '../../terms/health/target.ts';
import type { State } from './event.ts';
import type { Pools } from './pools.ts';
import type { Roster } from './roster.ts';
import type { Verdict } from './run.ts';
import { nameOf } from './subject.ts';

/** What the machine thinks of everything, and why: for people and for metrics. Ages in milliseconds. */
export interface FleetView {
  readonly devices: readonly {
    readonly device: string;
    readonly application?: string;
    readonly state: State;
    readonly reason: string;
    readonly age: number;
    readonly answers: boolean;
    /** What its traffic raised the alarm for within the last minute. */
    readonly alarm?: string;
    readonly probes: readonly {
      readonly name: string;
      readonly verdict: Verdict;
      readonly words: string;
      /** Averages: milliseconds (null: it never answered), percent. */
      readonly latency: number | null;
      readonly loss: number;
      readonly interval: number;
    }[];
    readonly measures: readonly { readonly name: string; readonly verdict: Verdict; readonly words: string }[];
  }[];
  readonly pools: readonly {
    readonly name: string;
    readonly pool: string;
    readonly application?: string;
    readonly target: Target;
    readonly works: boolean;
    /** Where packets of one version of IP alone get through: that one. */
    readonly partly?: 4 | 6;
    readonly reason: string;
    readonly age: number;
    readonly choice?: string;
    /** Members that would take over at once; undefined where the pool has no others at all. */
    readonly spares?: readonly string[];
  }[];
}

/** Milliseconds that an alarm is shown after it was raised. */
const ALARM_SHOWN = 60_000;

export function viewFleet(roster: Roster, { words }: Pools, now: number): FleetView {
  const known = roster.subjects.filter((subject) => roster.isKnown(subject));
  return {
    devices: known.map((subject) => ({
      ...nameOf(subject),
      state: subject.state,
      reason: subject.words,
      age: now - subject.since,
      answers: subject.standing(now).answers,
      ...(subject.lastAlarm !== undefined &&
        now < subject.lastAlarm.at + ALARM_SHOWN && { alarm: subject.lastAlarm.words }),
      probes: subject.watches.map((watch) => ({
        name: watch.spec.name,
        verdict: watch.verdict,
        words: watch.words(),
        latency: watch.latency ?? null,
        loss: watch.loss,
        interval: watch.pace,
      })),
      measures: subject.gauges.map((gauge) => ({
        name: gauge.spec.name,
        verdict: gauge.verdict,
        words: gauge.words(),
      })),
    })),
    pools: words.map(({ spec, target, works, reason, partly, since, choice, spares }) => ({
      name: spec.name,
      pool: spec.pool,
      ...(spec.application !== undefined && { application: spec.application }),
      target,
      works,
      reason,
      age: now - since,
      ...(choice !== undefined && { choice }),
      ...(partly !== undefined && { partly }),
      ...(spec.members.length > 1 && { spares }),
    })),
  };
}
