import type { ProbeFrame } from '../../dataplane/probe/prober-types.ts';
import type { Direction } from '../../terms/health/spec.ts';
import type { FrameIds } from './ids.ts';

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

/** A probe is in one of both, with all of its frames. */
export interface Composed {
  readonly probes: readonly ComposedProbe[];
  readonly unsendable: readonly Unsendable[];
}

/** What frames are made with, beside what is in force. */
export interface Materials {
  /** `Prober.cookie`. */
  readonly cookie: number;
  readonly ids: FrameIds;
  /** Where handshakes come from. */
  readonly sources: { readonly v4: string; readonly v6: string };
  /** Capture files that probes name: their frames, or why they cannot be read. */
  readonly files: ReadonlyMap<string, readonly Uint8Array[] | string>;
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
}
