import type { EventFilter } from '../../api-types/health-operations.ts';
import type { Writer } from '../../dataplane/types.ts';
import type { Command } from '../../health/machine/report.ts';
import type { FleetView } from '../../health/machine/view.ts';
import type { ProbePacket, ToldEvent } from '../../health/types.ts';
import type { HealthCounts } from '../../metrics/health.ts';
import type { Model } from '../../model/types.ts';
import type { PoolLegs, PoolTargets } from '../../plan/targets.ts';
import type { State } from '../state/state.ts';

/** What is in force, compiled. */
export type Planned = State & { readonly plan: NonNullable<State['plan']> };

/** Who watches devices and moves pools, as the controller sees it; or who only knows what was remembered. */
export interface Overseer {
  /** Reads what was remembered; before anything else. */
  load(): Promise<void>;
  /** Whom each pool word uses, for a plan of these definitions. */
  targets(wanted: Pick<State, 'written' | 'model'>): PoolTargets;
  /** Words that moved since {@link targets} said these, and the legs they have now. */
  movedSince(targets: PoolTargets): ReadonlyMap<string, PoolLegs>;
  /** Takes what is in force from now on. */
  define(planned: Planned, engine: Writer): void;
  /** The tables are taken away. */
  suspend(): Promise<void>;
  /** What is thought of everything; `model`: as it is compiled. */
  view(model: Model): FleetView;
  /** Frames that the probes of a device send now. */
  packets(device: string): readonly ProbePacket[];
  /** What cannot be watched, as sentences. */
  readonly problems: readonly string[];
  /** @throws Failure where commands cannot be done: before something else is changed for one. */
  checkCommands(): void;
  /** @throws Failure with a sentence; nothing has changed then. Kept on the disk when it resolves. */
  command(command: Command): Promise<readonly ToldEvent[]>;
  /** Keeps and passes on an event that is not its own. */
  tell(event: Omit<ToldEvent, 'time'>): void;
  events(filter: EventFilter): Promise<readonly ToldEvent[]>;
  followEvents(filter: EventFilter, signal: AbortSignal): AsyncIterable<ToldEvent>;
  /** Undefined where nothing is counted. */
  counts(): HealthCounts | undefined;
}
