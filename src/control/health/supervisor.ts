import { Failure } from '../../api-types/failure.ts';
import type { EventFilter } from '../../api-types/health-operations.ts';
import type { Logger, Writer } from '../../dataplane/types.ts';
import type { Memory } from '../../health/machine/memory.ts';
import type { Command } from '../../health/machine/report.ts';
import type { FleetView } from '../../health/machine/view.ts';
import type { ProbePacket, ToldEvent, Watched, WatcherEdges, Watching } from '../../health/types.ts';
import type { HealthCounts } from '../../metrics/health.ts';
import type { Model } from '../../model/types.ts';
import type { Telling } from '../../notify/notify.ts';
import type { PoolLegs, PoolTargets } from '../../plan/targets.ts';
import type { Target } from '../../terms/health/target.ts';
import type { State } from '../state/state.ts';
import { WordStores } from './binding-stores.ts';
import { EventLog, readEvents } from './event-log.ts';
import { Failovers } from './failovers.ts';
import { follow } from './follow.ts';
import type { Overseer, Planned } from './health-controller.ts';
import { type Kept, MemoryFile, readMemory } from './memory-file.ts';
import { tableReadings } from './table-readings.ts';
import { targetsIn, validTargets } from './watch-targets.ts';

export interface SupervisorParts {
  /** Where events and what is known of devices are kept. */
  readonly directory: string;
  readonly logger: Logger;
  readonly telling: Telling;
  /** Begins to watch with an engine; `memory` is what was known before. */
  readonly watch: (engine: Writer, edges: WatcherEdges, memory: Memory | undefined) => Watching;
}

interface Running {
  readonly engine: Writer;
  readonly watching: Watching;
}

/** A running controller's hold on the watching of devices: what it decides is stored, kept, counted and told. */
export class Supervisor implements Overseer {
  readonly #parts: SupervisorParts;
  readonly #log: EventLog;
  readonly #file: MemoryFile;
  readonly #stores = new WordStores();
  readonly #failovers = new Failovers();
  #kept: Kept = { memory: { devices: [], pools: [] }, actives: {} };
  #running: Running | undefined;
  #problems: readonly string[] = [];
  /** Seconds from a verdict to its store, by word, until the move is told. */
  readonly #took = new Map<string, number>();
  #ticksLate = 0;
  #stopped = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#log = new EventLog(parts.directory, parts.logger);
    this.#file = new MemoryFile(parts.directory, () => this.#remember(), parts.logger);
  }

  get problems(): readonly string[] {
    const shortage = this.#running?.engine.prober.shortage;
    if (shortage === undefined) return this.#problems;
    return [...this.#problems, `watch devices: ${shortage}; devices new since then are not watched (apply again)`];
  }

  /** What cannot be read is said and begun anew: forwarding matters more. */
  async load(): Promise<void> {
    const { directory, logger } = this.#parts;
    try {
      this.#kept = (await readMemory(directory)) ?? this.#kept;
    } catch (error) {
      logger.warn({ error: (error as Error).message }, 'what was known of devices is lost');
    }
  }

  targets(wanted: Pick<State, 'written' | 'model'>): PoolTargets {
    const words = this.#running?.watching.words();
    return words === undefined ? targetsIn(this.#kept, wanted) : validTargets(words, wanted.model);
  }

  movedSince(targets: PoolTargets): ReadonlyMap<string, PoolLegs> {
    return this.#stores.movedSince(targets);
  }

  define({ written, model, network, plan }: Planned, engine: Writer): void {
    // A change that was under way when the controller ended: nobody would stop who is set to watch now.
    if (this.#stopped) return;
    const { watching } = this.#runningWith(engine);
    const { places, fabric } = plan;
    this.#problems = this.#define(watching, { model, places, fabric, network });
    const words = watching.words();
    this.#stores.use(engine, places, new Map(words.map(({ name, target }) => [name, target])));
    this.#failovers.define(words.flatMap(({ name }) => (places.pools.has(name) ? [name] : [])));
    this.#turnToActives(written, watching);
    this.#parts.telling.define(model.health?.notify ?? []);
    this.#file.changed();
  }

  async suspend(): Promise<void> {
    const { watching } = this.#running ?? {};
    this.#kept = this.#remember();
    this.#running = undefined;
    this.#stores.stop();
    await watching?.stop();
  }

  view(): FleetView {
    return this.#running?.watching.view() ?? { devices: [], pools: [] };
  }

  packets(device: string): readonly ProbePacket[] {
    return this.#running?.watching.packets(device) ?? [];
  }

  checkCommands(): Watching {
    if (this.#running !== undefined) return this.#running.watching;
    throw new Failure('failed', 'watch devices: nothing was applied yet (hopline apply FILE)');
  }

  async command(command: Command): Promise<readonly ToldEvent[]> {
    const watching = this.checkCommands();
    let told: readonly ToldEvent[];
    try {
      told = watching.command(command);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Failure('failed', error.message, [], { cause: error });
    }
    await this.#file.write();
    return told;
  }

  tell(event: Omit<ToldEvent, 'time'>): void {
    this.#tell({ time: new Date().toISOString(), ...event });
  }

  async events(filter: EventFilter): Promise<readonly ToldEvent[]> {
    await this.#log.written();
    return readEvents(this.#parts.directory, filter);
  }

  followEvents(filter: EventFilter, signal: AbortSignal): AsyncIterable<ToldEvent> {
    return follow(this.#log, () => this.events(filter), filter, signal);
  }

  counts(): HealthCounts {
    const { seconds } = this.#failovers;
    const told = this.#parts.telling.counts();
    return { failovers: this.#failovers.rows(), failoverSeconds: seconds, told, ticksLate: this.#ticksLate };
  }

  /** Ends watching, and writes down what is known. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.suspend();
    await this.#file.stop();
    await this.#log.written();
    await this.#parts.telling.stop();
  }

  #runningWith(engine: Writer): Running {
    if (this.#running?.engine === engine) return this.#running;
    const edges: WatcherEdges = {
      move: (word, target, since) => this.#move(word, target, since),
      tell: (event) => this.#tell(event),
      changed: () => this.#file.changed(),
      ...tableReadings(engine),
    };
    this.#running = { engine, watching: this.#parts.watch(engine, edges, this.#kept.memory) };
    return this.#running;
  }

  /** What keeps devices from being watched keeps nothing else from working. */
  #define(watching: Watching, watched: Watched): readonly string[] {
    try {
      return watching.define(watched);
    } catch (error) {
      const problem = `watch devices: ${(error as Error).message}`;
      this.#parts.logger.warn({}, problem);
      return [problem];
    }
  }

  #move(word: string, target: Target, since: number): void {
    this.#stores.move(word, target);
    this.#took.set(word, (performance.now() - since) / 1000);
  }

  #tell(event: ToldEvent): void {
    const { what, pool, trigger } = event;
    const seconds = what === 'move' && pool !== undefined ? this.#took.get(pool) : undefined;
    if (what === 'controller' && event.reason.startsWith('the controller was')) this.#ticksLate++;
    const told = seconds === undefined ? event : { ...event, took: Math.round(seconds * 1e6) };
    if (seconds !== undefined) {
      this.#took.delete(pool!);
      this.#failovers.add(pool!, trigger, seconds);
    }
    this.#log.add(told);
    this.#parts.telling.tell(told);
  }

  /** The definitions have the last word: an active member they name anew is to work. */
  #turnToActives(written: Model, watching: Watching): void {
    const before = this.#kept.actives;
    const actives = Object.fromEntries([...written.pools].map(([name, { active }]) => [name, active]));
    this.#kept = { ...this.#kept, actives };
    for (const [pool, member] of Object.entries(actives)) {
      if (before[pool] === undefined || before[pool] === member) continue;
      try {
        watching.command({ kind: 'use', pool, member });
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#parts.logger.warn({ pool, member }, `the definitions name another active member: ${error.message}`);
      }
    }
  }

  #remember(): Kept {
    const memory = this.#running?.watching.remember() ?? this.#kept.memory;
    return { memory, actives: this.#kept.actives };
  }
}
