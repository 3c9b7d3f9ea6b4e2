/** What the machine is told: all of it plain values, times in milliseconds of one monotonic clock. */
import type { Direction, Measure } from '../../terms/health/spec.ts';

/**
 * How one probe ended.
 * - `answered`: as expected and in time.
 * - `lost`: nothing until its limit.
 * - `late`: the answer to one already called lost.
 * - `refused`: it said no (RST, unreachable).
 * - `wrong`: not what was expected (content, status, a frame that should have been stopped); `detail` says what.
 */
export type Outcome = 'answered' | 'lost' | 'late' | 'refused' | 'wrong';

export interface ProbeResult {
  readonly device: string;
  readonly probe: string;
  /** Through probes only: each round has one result for either. */
  readonly direction?: Direction;
  /** Rises by one with every probe of this name; a result that was judged before is ignored. */
  readonly sequence: number;
  readonly sentAt: number;
  readonly outcome: Outcome;
  /** From sent to answered; 0 where nothing came. */
  readonly took: number;
  readonly detail?: string;
}

export type Hint =
  /** Frames of services that went in and came out in this direction, counted between two looks. */
  | {
      readonly kind: 'frames';
      readonly device: string;
      readonly direction: Direction;
      readonly into: number;
      readonly outOf: number;
      readonly since: number;
      readonly until: number;
    }
  /** SYNs in a row of one connection with nothing else following. */
  | { readonly kind: 'syns'; readonly device: string; readonly application?: string; readonly repeated: number }
  /** The NIC one of its legs is on. `own`: the engine's NIC itself is down or gone, not the cable or what is behind it. */
  | {
      readonly kind: 'link';
      readonly device: string;
      readonly leg: string;
      readonly up: boolean;
      readonly own?: boolean;
    }
  | {
      readonly kind: 'measure';
      readonly device: string;
      readonly application?: string;
      readonly measure: Measure;
      readonly value: number;
    };

export type Command =
  /** Leave as soon as another can take over; `maintenance` follows when nothing is inside any more. */
  | { readonly kind: 'drain'; readonly device: string }
  /** Leave now. */
  | { readonly kind: 'maintenance'; readonly device: string }
  | { readonly kind: 'restore'; readonly device: string }
  /** `by` takes what `device` does in every pool of both, and `device` drains. */
  | { readonly kind: 'replace'; readonly device: string; readonly by: string }
  /** `pool` as in the definitions. */
  | { readonly kind: 'use'; readonly pool: string; readonly member: string };

/** One call of the machine. `due`: when this tick should have been, left out where it is no tick. */
export interface Input {
  readonly now: number;
  readonly due?: number;
  readonly results?: readonly ProbeResult[];
  readonly hints?: readonly Hint[];
  readonly commands?: readonly Command[];
}
