import { join } from 'node:path';
import { BpfError, BpfMap } from '../libbpf/index.ts';
import type { NamePlan, RewritePlan, Steps } from '../plan/types.ts';
import { LAYOUT } from './codec/field-words.ts';
import { readCounters, readServiceCounters } from './counters/counters.ts';
import { InstanceDirectory } from './instance-directory.ts';
import { Links } from './links.ts';
import { PinError } from './pin-root.ts';
import { dumpTable, getEntry, tableStatus } from './tables/decoded-tables.ts';
import { FabricTables } from './tables/fabric-tables.ts';
import { readSteps } from './tables/step-images.ts';
import { TableSet } from './tables/table-set.ts';
import { testRun } from './test-run.ts';
import type {
  Attachment,
  Counters,
  DecodedEntry,
  EngineStatus,
  InspectOptions,
  Inspector,
  StepCounters,
  TableStatus,
  TestRunResult,
} from './types.ts';

/** Tables and what is read from them; whoever changes tables hands in the ones in use. */
export abstract class Reader implements Inspector {
  readonly instance: string;
  protected readonly directory: InstanceDirectory;
  protected readonly links: Links;

  protected constructor(instance: string, directory: InstanceDirectory) {
    this.instance = instance;
    this.directory = directory;
    this.links = new Links(directory);
  }

  /** The tables in use. */
  protected abstract get current(): TableSet;
  protected abstract get fabric(): FabricTables;
  /** Steps that serve until their drain time is over, as far as this process knows. */
  protected abstract get leaving(): number;
  abstract close(): Promise<void>;

  status(): EngineStatus {
    const layout = new Uint32Array(this.current.memory('layout'));
    return {
      instance: this.instance,
      layoutVersion: layout[LAYOUT.VERSION]!,
      cpus: this.current.cpus,
      attachments: this.attachments(),
      tables: this.tables(),
      leaving: this.leaving,
      programTag: this.current.program.tag,
    };
  }

  attachments(): readonly Attachment[] {
    return this.links.list();
  }

  counters(idle = false): Counters {
    return readCounters(this.current, this.fabric.legs, idle);
  }

  serviceCounters(service: number): StepCounters {
    return readServiceCounters(this.current, service);
  }

  names(): readonly NamePlan[] {
    return this.fabric.names.read();
  }

  isNamed(kind: number, id: number): boolean {
    return this.fabric.names.has(kind, id);
  }

  rewrites(): readonly RewritePlan[] {
    return this.fabric.addresses.read();
  }

  steps(): Steps {
    return readSteps(this.current);
  }

  pool(pool: number): { readonly outside: number; readonly inside: number } {
    return this.fabric.pools.get(pool);
  }

  tables(): readonly TableStatus[] {
    return tableStatus(this.current);
  }

  dump(table: string): Iterable<DecodedEntry> {
    return dumpTable(this.current, table);
  }

  get(table: string, key: DecodedEntry['key']): DecodedEntry | undefined {
    return getEntry(this.current, table, key);
  }

  testRun(frame: Uint8Array, ifindex: number): TestRunResult {
    return testRun(this.current.program, frame, ifindex);
  }
}

/** Reads beside a writer, and follows it to larger tables. */
class Beside extends Reader {
  #set: TableSet;
  #fabric: FabricTables;

  constructor(instance: string, directory: InstanceDirectory) {
    super(instance, directory);
    this.#set = TableSet.open(directory.current);
    this.#fabric = fabricOf(this.#set);
  }

  protected override get current(): TableSet {
    this.#follow();
    return this.#set;
  }

  /** As it is now: the writer changes it behind our back. */
  protected override get fabric(): FabricTables {
    this.#follow();
    this.#fabric = fabricOf(this.#set);
    return this.#fabric;
  }

  protected override get leaving(): number {
    return 0;
  }

  override close(): Promise<void> {
    this.#set.close();
    return Promise.resolve();
  }

  /** While larger tables take the place of the others there may be none under the name: what is open is good still. */
  #follow(): void {
    try {
      const layout = BpfMap.open(join(this.directory.current, 'layout'));
      const isSame = layout.id === this.#set.map('layout').id;
      layout.close();
      if (isSame) return;
      const set = TableSet.open(this.directory.current);
      this.#set.close();
      this.#set = set;
    } catch (error) {
      const isThere = this.directory.hasCurrent() || this.directory.hasNext();
      if (!isThere || !(error instanceof BpfError) || error.code !== 'ENOENT') throw error;
    }
  }
}

const fabricOf = (set: TableSet): FabricTables =>
  new FabricTables(set, () => Promise.reject(new Error('write tables: opened for reading')));

/**
 * Opens an engine for reading: status, counters, tables, test runs. Needs no lock.
 * @throws PinError where nothing is loaded under this name, or it has another layout.
 */
export function inspect(options: InspectOptions = {}): Inspector {
  const { instance = 'default', pinRoot = '/sys/fs/bpf' } = options;
  const directory = new InstanceDirectory(pinRoot, instance);
  if (!directory.hasCurrent()) {
    throw new PinError(`open engine ${instance}: nothing is loaded (attach a NIC, or start the controller)`);
  }
  return new Beside(instance, directory);
}
