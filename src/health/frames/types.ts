import type { ProbeFrame } from '../../dataplane/prober-types.ts';
import type { Direction } from '../machine/spec.ts';

/** One frame of the prober and whose probe it belongs to. */
export interface ComposedProbe {
  readonly device: string;
  readonly probe: string;
  /** Of through and negative probes. */
  readonly direction?: Direction;
  readonly frame: ProbeFrame;
}

/** A probe that cannot be sent as things are, and what to do about it. */
export interface Unsendable {
  readonly device: string;
  readonly probe: string;
  readonly why: string;
}

export interface Composed {
  readonly probes: readonly ComposedProbe[];
  readonly unsendable: readonly Unsendable[];
}
