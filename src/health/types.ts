/** What the daemon sees of watching; done by the watcher (src/health/watcher), driven by the machine. */

import type { Model } from '../model/types.ts';
import type { NetworkState } from '../plan/network.ts';
import type { Places } from '../plan/place-types.ts';
import type { Fabric } from '../plan/types.ts';
import type { Difference } from '../terms/difference.ts';
import type { Direction } from '../terms/health/spec.ts';
import type { Target } from '../terms/health/target.ts';
import type { SentFrame } from './frames/describe.ts';
import type { HealthEvent, WordTarget } from './machine/event.ts';
import type { Memory } from './machine/memory.ts';
import type { Command } from './machine/report.ts';
import type { FleetView } from './machine/view.ts';

/** What is in force, as the watcher needs it. */
export interface Watched {
  readonly model: Model;
  readonly places: Places;
  readonly fabric: Fabric;
  readonly network: NetworkState;
}

/** An event with the time of day. */
export interface ToldEvent extends Omit<HealthEvent, 'at'> {
  /** ISO 8601, milliseconds, UTC. */
  readonly time: string;
  /** Of a move: microseconds from when the machine was told to its last store. Put in by whoever stores. */
  readonly took?: number;
  /** Of `applied`: the first of them. */
  readonly differences?: readonly Difference[];
}

/** What the watcher does to the world. */
export interface WatcherEdges {
  /**
   * One store; called in the turn of the event loop in which the machine decided. `word`: a name of `HealthSpec.pools`.
   * `since`: `performance.now()` just before the machine was told what made it decide.
   */
  move(word: string, target: Target, since: number): void;
  /** After the moves of the same step. */
  tell(event: ToldEvent): void;
  /** Something that has to survive a restart changed: call `remember` soon. */
  changed(): void;
  /** The application ("tcp/443") a slot works for, where it is known: SYNs that nobody answers are then its own. */
  applicationOf?(slot: number): string | undefined;
  /** Frames and bytes handed to a leg since the tables were made: for limits on packets and bandwidth. */
  legLoad?(leg: number): { readonly packets: number; readonly bytes: number } | undefined;
}

/** A frame that a probe of a device sends: what has to be let through. */
export interface ProbePacket extends SentFrame {
  readonly probe: string;
  readonly direction?: Direction;
}

export interface Watching {
  /** Takes what is in force from now on; what did not change goes on. @returns what cannot be watched and why, as sentences. */
  define(watched: Watched): readonly string[];
  /** Whom each pool word uses now. Empty before the first `define`. */
  words(): readonly WordTarget[];
  /** @throws RangeError with a sentence; nothing has changed then. @returns what it told. */
  command(command: Command): readonly ToldEvent[];
  view(): FleetView;
  /** Frames that the probes of a device send now. */
  packets(device: string): readonly ProbePacket[];
  remember(): Memory;
  stop(): Promise<void>;
}
