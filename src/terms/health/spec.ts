/**
 * What the definitions say about health, after defaults (defaults.ts): plain values, made by the model. All times are
 * milliseconds. docs/design/health.md has the definitions they come from.
 */
import type { Question } from './question.ts';

/** `forward`: in at the outside leg, out of the inside one. `return`: the other way. */
export type Direction = 'forward' | 'return';

export interface ProbeSpec {
  /** Unique in its device: "through", "handshake tcp/443". */
  readonly name: string;
  /** The application whose health this is ("tcp/443"); the whole device's when left out. */
  readonly application?: string;
  readonly question: Question;
  /** Of a device that is asked in both versions of IP: the one this is asked in. */
  readonly family?: 4 | 6;
  readonly interval: number;
  /** Interval while in doubt and while it comes back. */
  readonly fast: number;
  /** Interval that back-off ends at while it is down. */
  readonly slow: number;
  /** An answer after this is late, no answer until then is a loss. */
  readonly limit: number;
  /** Failures in a row until it is failing. */
  readonly fall: number;
  /** Answers in a row until it is passing again. */
  readonly rise: number;
  /** 0: only reported. */
  readonly weight: number;
  /** What is nothing but looked at by the controller itself: nobody is told of it. */
  readonly trial?: boolean;
}

/** `latency` (ms) and `loss` (percent) are taken from the probe `of`; the others are told by hints. */
export type Measure = 'latency' | 'loss' | 'bandwidth' | 'connections' | 'packets' | 'users';

/** A threshold: above `over` for `fall` measurements in a row is failing, below `back` for `rise` is passing again. */
export interface MeasureSpec {
  readonly name: string;
  readonly application?: string;
  readonly measure: Measure;
  readonly of?: string;
  readonly over: number;
  readonly back: number;
  readonly fall: number;
  readonly rise: number;
  readonly weight: number;
}

/** `when-told`: by a command only. Otherwise after answering that long without a break. */
export type ComesBack = 'when-told' | { readonly after: number };

/** So many falls `within` a time are flapping: out until `quiet` has passed without a failure. */
export interface FlapSpec {
  readonly falls: number;
  readonly within: number;
  readonly quiet: number;
}

/** How a device, or a device for one application, is judged. */
export interface Policy {
  /** `all`: every probe with a weight must pass. A number: the weights of those that pass must reach it. */
  readonly need: 'all' | number;
  readonly comesBack: ComesBack;
  readonly flaps: FlapSpec;
}

export interface DeviceSpec extends Policy {
  readonly name: string;
  /** What its failure can have in common with others' (its NICs): those count as one where many fail at once. */
  readonly shares: string;
  readonly probes: readonly ProbeSpec[];
  readonly measures: readonly MeasureSpec[];
  /** Traffic that raises the alarm: frames in with none out, SYNs of one connection in a row. */
  readonly alarm: { readonly frames: number; readonly syns: number };
  /** How long a draining device may still have packets inside after the last pool left it. */
  readonly drain: number;
}

/** `keep`: the member stays though it is down (nobody does better, and it is there again at once when it answers). */
export type AllDown = 'keep' | 'bypass' | 'drop' | { readonly next: string };

/**
 * One pool word. A pool of the definitions has one for each (application, all-down policy) its steps differ in, so
 * that each fail-over stays one store.
 */
export interface PoolSpec {
  /** Unique: "firewalls", "firewalls tcp/25 bypass". */
  readonly name: string;
  /** The pool of the definitions, which commands name. */
  readonly pool: string;
  readonly application?: string;
  /** In order: the primary first. */
  readonly members: readonly string[];
  /** Who works when nothing is remembered. */
  readonly active: string;
  /** Back to an earlier member as soon as it is up. */
  readonly failBack: boolean;
  readonly allDown: AllDown;
}

export interface GuardSpec {
  /** A tick or a judgement later than this means the controller was stalled. */
  readonly late: number;
  /** Falls closer than this are "at once". */
  readonly window: number;
  /** At least so many unrelated ones, and more than this share of all, at once: confirm before believing. */
  readonly least: number;
  readonly share: number;
}

export interface HealthSpec {
  readonly devices: readonly DeviceSpec[];
  readonly pools: readonly PoolSpec[];
  readonly guard: GuardSpec;
}
