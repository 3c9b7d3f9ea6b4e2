/** What the machine says: plain values for the edge to carry out and to tell. */
import type { Target } from '../../terms/health/target.ts';

/**
 * - `unknown`: nothing heard yet; taken for fit.
 * - `suspect`: something failed, not enough to leave it.
 * - `held-up`: it answers again, but is not back yet.
 */
export type Health = 'unknown' | 'up' | 'suspect' | 'down' | 'held-up' | 'flapping';
export type State = Health | 'draining' | 'maintenance';

export type Trigger = 'probe' | 'traffic' | 'link' | 'measure' | 'command' | 'time' | 'controller';

/** A pool word and where its packets go. `pool`: of the definitions, or the device that is a pool of one. */
export interface WordTarget {
  readonly name: string;
  readonly pool: string;
  readonly target: Target;
}

export type What =
  | 'state'
  | 'move'
  /** Whether packets of a pool are believed to get through. */
  | 'available'
  | 'unavailable'
  /** Whether somebody could take over in a pool that works and has others at all. */
  | 'spare'
  | 'no-spare'
  /** Traffic made it ask at once. */
  | 'alarm'
  /** A probe of weight 0, which is only reported: `to` failing, or passing again. */
  | 'probe'
  /** Slower than it should be, though nothing fails; and no longer. */
  | 'slow'
  | 'fast'
  /** Its probes are lost, but frames still come out. */
  | 'kept'
  /** A command cannot be done yet. */
  | 'refused'
  /** The controller doubts its own eyes. */
  | 'controller'
  /** The definition file that the controller follows could not be brought into force. Told by the controller. */
  | 'rejected'
  /** Definitions came into force that differ from those before. Told by the controller. */
  | 'applied'
  /** An address of the engine's own is gone, or back. Told by the controller. */
  | 'address'
  /** The mode of a device was found out, or cannot be (no `to`). Told by the controller, not by the machine. */
  | 'mode';

/** One line of `hopline events`, one webhook, one record of the journal. */
export interface HealthEvent {
  readonly at: number;
  readonly what: What;
  readonly device?: string;
  readonly application?: string;
  /** The pool word's name. */
  readonly pool?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
  readonly trigger: Trigger;
}

export type Action =
  /** One store: the pool word's new target. Always followed by its event. */
  | {
      readonly kind: 'move';
      readonly pool: string;
      readonly from: Target;
      readonly to: Target;
      readonly reason: string;
    }
  /** Send this probe at once, whenever it would be due. */
  | { readonly kind: 'probe'; readonly device: string; readonly probe: string }
  /** From now on send this probe every `interval`. */
  | { readonly kind: 'pace'; readonly device: string; readonly probe: string; readonly interval: number }
  | { readonly kind: 'tell'; readonly event: HealthEvent };

/** A target in a word, as events have it. */
export function targetWord(target: Target): string {
  if (target.to === 'member') return target.member;
  return target.to === 'next' ? `pool ${target.pool}` : target.to;
}

/** A time as people say it: "120 ms", "4.2 s", "3 min". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Math.round(ms / 60_000)} min`;
}
