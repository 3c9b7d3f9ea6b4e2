import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileLock, membarrier } from '../libbpf/index.ts';
import type { Fabric, Steps } from '../plan/types.ts';
import { Limit } from '../terms/constants.ts';
import { InstanceDirectory } from './instance-directory.ts';
import { TableProber } from './probe/prober.ts';
import { type Change, Changer } from './publish/changer.ts';
import { growGeneration, openGeneration, replacePrograms } from './publish/generations.ts';
import { Reader } from './reader.ts';
import { CapacityError } from './tables/capacity.ts';
import { deleteEntry, setEntry } from './tables/decoded-tables.ts';
import type { FabricTables } from './tables/fabric-tables.ts';
import { firstSizes, foresee, grownSizes } from './tables/sizes.ts';
import type { TableSet } from './tables/table-set.ts';
import { PoolTable } from './tables/word-tables.ts';
import type {
  AttachMode,
  AttachReport,
  ChangeReport,
  DecodedEntry,
  EngineOptions,
  Nic,
  Sizes,
  Writer,
} from './types.ts';

const DRAIN_MS = 1000;
const DRAIN_ALL_MS = 60_000;

/**
 * One engine on this machine: its programs, tables and attachments. Everything is pinned, so that forwarding goes on
 * when this process ends, however it ends, and the next one finds the same state.
 */
export class Engine extends Reader implements Writer {
  readonly #options: EngineOptions;
  readonly #lock: FileLock;
  #changer: Changer;
  /** One change at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Pools of larger tables that NICs are moving to: fail-over does not wait for that. */
  #next: PoolTable | undefined;
  #prober: TableProber | undefined;
  /** Of every change asked for and not done: the pools that were stored since. */
  readonly #stored = new Set<Set<number>>();

  private constructor(options: EngineOptions, directory: InstanceDirectory, lock: FileLock) {
    super(options.instance ?? 'default', directory);
    this.#options = options;
    this.#lock = lock;
    this.#changer = undefined as unknown as Changer;
  }

  /**
   * Opens what is pinned, or loads the programs with empty tables. Ends what a killed controller was in the middle of.
   * @throws BpfError EBUSY where another process writes, PinError where the BPF file system is missing or read-only or
   * the tables have another layout, BpfError of the verifier.
   */
  static async open(options: EngineOptions): Promise<Engine> {
    const { instance = 'default', pinRoot = '/sys/fs/bpf', runDirectory = '/run/hopline' } = options;
    const directory = new InstanceDirectory(pinRoot, instance);
    mkdirSync(runDirectory, { recursive: true });
    const lock = FileLock.take(join(runDirectory, `${instance}.lock`));
    try {
      directory.create();
      const engine = new Engine(options, directory, lock);
      const sizes = firstSizes(options.sizes ?? {}, options.limits ?? {});
      const set = await openGeneration(directory, engine.links, options.objectPath, sizes);
      engine.#changer = engine.#changerOf(set);
      engine.#prober = engine.#proberOf(set);
      await engine.#changer.recover();
      return engine;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  protected override get current(): TableSet {
    return this.#changer.set;
  }

  protected override get fabric(): FabricTables {
    return this.#changer.fabric;
  }

  protected override get leaving(): number {
    return this.#changer.leaving;
  }

  attach(nic: Nic, mode: AttachMode | 'auto'): Promise<AttachReport> {
    return this.#inTurn(() => this.#withOtherNics(this.links.attach(this.current.program, nic, mode)));
  }

  detach({ ifindex }: Pick<Nic, 'ifindex'>): Promise<boolean> {
    return this.#inTurn(() => this.#withOtherNics(this.links.detach(ifindex)));
  }

  /** Watches devices: sends frames through them and tells what came back. */
  get prober(): TableProber {
    return this.#prober!;
  }

  sync(fabric: Fabric, steps: Steps): Promise<ChangeReport> {
    return this.#change(fabric, steps);
  }

  change(fabric: Fabric, before: Steps, after: Steps): Promise<ChangeReport> {
    return this.#change(fabric, after, before);
  }

  setPool(pool: number, outside: number, inside: number): void {
    this.#next?.set(pool, outside, inside);
    this.fabric.pools.set(pool, outside, inside);
    for (const stored of this.#stored) stored.add(pool);
  }

  unneeded(fabric: Fabric, steps: number): Readonly<Record<string, number>> | undefined {
    if (this.#stored.size > 0 || !this.#changer.isAtRest) return undefined;
    const { slots } = this.current;
    return { steps: slots.used - steps, ...this.fabric.unneeded(fabric) };
  }

  readAgain(): Promise<void> {
    return this.#inTurn(() => this.#changer.readAgain());
  }

  set(table: string, key: DecodedEntry['key'], value: DecodedEntry['value']): void {
    setEntry(this.current, table, key, value);
  }

  delete(table: string, key: DecodedEntry['key']): boolean {
    return deleteEntry(this.current, table, key);
  }

  settle(): Promise<void> {
    return this.#changer.settle();
  }

  upgrade(objectPath: string): Promise<boolean> {
    return this.#inTurn(async () =>
      this.#withOtherNics(await replacePrograms(this.directory, this.links, objectPath, this.current)),
    );
  }

  override async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#changer.cancel();
    await this.#turn;
    await this.#prober?.close();
    this.current.close();
    this.#lock.release();
  }

  async destroy(): Promise<void> {
    this.#changer.cancel();
    await this.#inTurn(() => {
      for (const { ifindex } of this.attachments()) this.links.detach(ifindex);
    });
    this.directory.remove();
    await this.close();
  }

  /** What is stored in pools from now on is newer than what the change was made of. */
  async #change(fabric: Fabric, after: Steps, before?: Steps): Promise<ChangeReport> {
    const stored = new Set<number>();
    this.#stored.add(stored);
    try {
      await this.#changer.catchUp();
      return await this.#inTurn(() => this.#apply({ fabric, after, before, stored }));
    } finally {
      this.#stored.delete(stored);
    }
  }

  /** Grows the tables as often as it takes. */
  async #apply(change: Change): Promise<ChangeReport> {
    const start = performance.now();
    let grown = false;
    for (;;) {
      try {
        const report = await this.#changer.apply(change);
        return { ...report, grown, milliseconds: performance.now() - start };
      } catch (error) {
        if (!(error instanceof CapacityError)) throw error;
        await this.#makeRoom(error, foresee(change.fabric, change.after));
        grown = true;
      }
    }
  }

  async #makeRoom(error: CapacityError, foreseen: Partial<Sizes> = {}): Promise<void> {
    const { limits = {} } = this.#options;
    let sizes = grownSizes(this.current.sizes, error, limits, foreseen);
    for (;;) {
      try {
        await this.#grow(sizes);
        break;
      } catch (failure) {
        // What just fitted into the old tables may not fit into new ones of the same size.
        if (!(failure instanceof CapacityError)) throw failure;
        sizes = grownSizes(sizes, failure, limits);
      }
    }
    this.#options.logger?.info({ table: error.table, entries: sizes[error.table] }, 'tables grown');
  }

  async #grow(sizes: Sizes): Promise<void> {
    const { directory, links, current } = this;
    const onFilled = (next: TableSet) => {
      this.#next = new PoolTable(next.memory('pools'), next.map('pools').maxEntries);
      this.#prober?.use(next);
    };
    const { objectPath } = this.#options;
    const set = await growGeneration({ directory, links, objectPath, old: current, sizes, onFilled });
    this.#changer.use(set);
    this.#next = undefined;
    this.#prober?.moved();
  }

  #changerOf(set: TableSet): Changer {
    const { drainMs = DRAIN_MS, drainAllMs = DRAIN_ALL_MS, logger } = this.#options;
    return new Changer(set, {
      drainMs,
      drainAllMs,
      logger,
      grace: membarrier,
      inTurn: (work) => this.#inTurn(work),
      makeRoom: (error) => this.#makeRoom(error),
    });
  }

  #proberOf(set: TableSet): TableProber {
    return new TableProber(set, {
      limit: Math.min(this.#options.limits?.probes ?? Limit.MAX_PROBES, Limit.MAX_PROBES),
      makeRoom: (error) => this.#inTurn(() => this.#makeRoom(error)),
      onFailure: (error) => this.#options.logger?.warn({ err: error }, 'growing the table of probes failed'),
      isNative: () => {
        const modes = this.links.list().map(({ mode }) => mode);
        return modes.includes('native') && !modes.includes('generic');
      },
    });
  }

  /** The prober has to look anew. */
  #withOtherNics<T>(done: T): T {
    this.#prober?.nicsChanged();
    return done;
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
