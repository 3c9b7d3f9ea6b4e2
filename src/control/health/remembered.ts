import { Failure } from '../../api-types/failure.ts';
import type { EventFilter } from '../../api-types/health-operations.ts';
import { deriveHealth } from '../../health/derive/derive.ts';
import type { FleetView } from '../../health/machine/view.ts';
import type { ProbePacket, ToldEvent } from '../../health/types.ts';
import type { HealthCounts } from '../../metrics/health.ts';
import type { Model } from '../../model/types.ts';
import { NO_TARGETS, type PoolLegs, type PoolTargets } from '../../plan/targets.ts';
import { viewMemory } from '../../views/health-snapshot.ts';
import type { State } from '../state/state.ts';
import { readEvents } from './event-log.ts';
import type { Overseer } from './health-controller.ts';
import { type Kept, readMemory } from './memory-file.ts';
import { targetsIn } from './watch-targets.ts';

/** What the last controller knew: for commands while none runs. Nobody watches, so nothing but reading is possible. */
export class Remembered implements Overseer {
  readonly problems: readonly string[] = [];
  readonly #directory: string;
  #kept: Kept | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async load(): Promise<void> {
    this.#kept = await readMemory(this.#directory);
  }

  targets(wanted: Pick<State, 'written' | 'model'>): PoolTargets {
    return this.#kept === undefined ? NO_TARGETS : targetsIn(this.#kept, wanted);
  }

  movedSince(): ReadonlyMap<string, PoolLegs> {
    return new Map();
  }

  define(): void {
    // Nobody watches what is in force now: the next controller does.
  }

  async suspend(): Promise<void> {
    // Nobody watches.
  }

  view(model: Model): FleetView {
    if (this.#kept === undefined) return { devices: [], pools: [] };
    return viewMemory(this.#kept.memory, deriveHealth(model).pools);
  }

  packets(): readonly ProbePacket[] {
    return [];
  }

  checkCommands(): void {
    throw needsController('watch devices');
  }

  async command(): Promise<readonly ToldEvent[]> {
    throw needsController('watch devices');
  }

  tell(): void {
    // Nobody finds out anything that there would be to tell.
  }

  events(filter: EventFilter): Promise<readonly ToldEvent[]> {
    return readEvents(this.#directory, filter);
  }

  followEvents(): AsyncIterable<ToldEvent> {
    throw needsController('follow events');
  }

  counts(): HealthCounts | undefined {
    return undefined;
  }
}

/** @returns a Failure that says so. */
export function needsController(what: string): Failure {
  return new Failure('unreachable', `${what}: no controller runs (hopline run)`);
}
