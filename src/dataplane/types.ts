/** What the rest of Hopline sees of the dataplane: options, reports and the {@link Engine}'s methods as an interface. */
import type { Fabric, NamePlan, RewritePlan, Steps } from '../plan/types.ts';
import type { Count } from '../terms/count.ts';
import type { Prober } from './probe/prober-types.ts';

/** Entries of the tables whose size follows from the definitions. Buckets are rounded up to a power of two. */
export interface Sizes {
  /** Compiled steps; their buckets are sized along, at most half full. */
  readonly slots: number;
  readonly legs: number;
  readonly pools: number;
  /** Addresses packets are rewritten to. */
  readonly addresses: number;
  /** Legs as senders, beyond those an interface entry holds itself. */
  readonly origins: number;
  /** Pairs of a copy set and the interface its originals leave by. */
  readonly groups: number;
  /** Taps over all copy sets. */
  readonly copies: number;
  /** Port prefixes of range steps. */
  readonly ranges: number;
  readonly names: number;
  /** Final counts of reclaimed steps: distinct (service, hop, direction, origin, target). */
  readonly totals: number;
  /** Frames that are sent to see whether devices are well: the highest number. */
  readonly probes: number;
}

/** A logger as pino has it; nothing is logged without one. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface EngineOptions {
  /** Name of this engine, for its pins and its lock: letters, digits, `-` and `_`. Default "default". */
  readonly instance?: string;
  /** A BPF file system. Default "/sys/fs/bpf"; the engine's pins are `<pinRoot>/hopline/<instance>/`. */
  readonly pinRoot?: string;
  /** Where the lock file lies. Default "/run/hopline". */
  readonly runDirectory?: string;
  /** The compiled `hopline.bpf.o`; needed when nothing is pinned yet, and to grow. */
  readonly objectPath: string;
  /** Sizes to begin with; tables grow when more is asked for. */
  readonly sizes?: Partial<Sizes>;
  /** Sizes that may not be exceeded: a change that needs more is refused and nothing is changed. */
  readonly limits?: Partial<Sizes>;
  /** Milliseconds that removed steps still serve packets inside devices. Default 1000. */
  readonly drainMs?: number;
  /**
   * Changes may follow each other so closely that some step always serves on. After so many milliseconds of it a change waits until
   * none does: what was removed goes, and numbers are free again. Default 60,000.
   */
  readonly drainAllMs?: number;
  readonly logger?: Logger;
}

export type InspectOptions = Pick<EngineOptions, 'instance' | 'pinRoot'>;

/** The part of `NicState` (src/plan/network.ts) that attaching needs. */
export interface Nic {
  readonly name: string;
  readonly ifindex: number;
}

export type AttachMode = 'native' | 'generic';

export interface AttachReport {
  readonly nic: Nic;
  readonly mode: AttachMode;
  /** Why this mode: "the driver runs XDP itself", "native refused: …". */
  readonly why: string;
  /** What may go wrong with frames sent to this NIC. */
  readonly warnings: readonly string[];
  /** False when it was attached already. */
  readonly changed: boolean;
}

export interface Attachment {
  readonly ifindex: number;
  /** Undefined when the NIC is gone. */
  readonly mode: AttachMode | undefined;
  readonly programId: number;
}

/** What one change did. Counts are of table entries; `touched` is what `stores` and `syscalls` went to. */
export interface ChangeReport {
  readonly created: number;
  readonly replaced: number;
  /** Will be removed once the drain time is over. */
  readonly removed: number;
  readonly kept: number;
  /** Entries of the fabric (legs, pools, interfaces, groups…) that were written. */
  readonly fabric: number;
  /** Stores into mapped tables that packets can see. */
  readonly stores: number;
  /** System calls on maps. */
  readonly syscalls: number;
  /** The tables were loaded anew, larger. */
  readonly grown: boolean;
  readonly milliseconds: number;
}

/** Counts of steps, one row per (service, hop, direction, origin, target); columns of equal length. */
export interface StepCounters {
  readonly rows: number;
  readonly service: Uint32Array;
  readonly hop: Uint8Array;
  /** As enum direction. */
  readonly direction: Uint8Array;
  readonly origin: Uint32Array;
  /** A leg, or a pool where `isPool`. */
  readonly target: Uint32Array;
  readonly isPool: Uint8Array;
  readonly packets: readonly Count[];
  readonly bytes: readonly Count[];
}

export interface LegCounter {
  readonly leg: number;
  readonly packets: Count;
  readonly bytes: Count;
}

export interface VerdictCounter {
  readonly interfaceNumber: number;
  /** As enum reason. */
  readonly reason: number;
  readonly packets: Count;
}

export interface Counters {
  readonly steps: StepCounters;
  readonly legs: readonly LegCounter[];
  readonly verdicts: readonly VerdictCounter[];
}

/** `struct trace`, decoded. */
export interface Trace {
  readonly origin: number;
  readonly slot: number;
  readonly target: number;
  readonly copyset: number;
  readonly reason: number;
  readonly direction: number;
  readonly exactness: number;
  readonly ifindex: number;
}

export interface TestRunResult {
  /** 0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect. */
  readonly verdict: number;
  readonly trace: Trace;
  /** The frame as the program left it. */
  readonly frame: Uint8Array;
}

/** How full a table is. */
export interface TableStatus {
  readonly name: string;
  readonly type: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** In use; undefined where counting makes no sense (counters). */
  readonly used: number | undefined;
}

/** One decoded entry: keys and values as the fields of the struct, addresses and MACs as text. */
export interface DecodedEntry {
  readonly key: Readonly<Record<string, unknown>> | number;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface EngineStatus {
  readonly instance: string;
  readonly layoutVersion: number;
  readonly cpus: number;
  readonly attachments: readonly Attachment[];
  readonly tables: readonly TableStatus[];
  /** Steps that serve until their drain time is over. */
  readonly leaving: number;
  readonly programTag: string | undefined;
}

/** Reading: needs no lock, works beside the controller. */
export interface Inspector {
  status(): EngineStatus;
  attachments(): readonly Attachment[];
  /** `idle`: with rows of steps that counted nothing, of services that counted. */
  counters(idle?: boolean): Counters;
  /** The rows of one service. */
  serviceCounters(service: number): StepCounters;
  /** What the numbers mean: restores the plan's registry after a restart. */
  names(): readonly NamePlan[];
  /** Whether a number still means something, be it only for what was counted under it. `kind` as enum name_kind. */
  isNamed(kind: number, id: number): boolean;
  /** Addresses by number, likewise. */
  rewrites(): readonly RewritePlan[];
  /** Every step image in the tables, in no order. */
  steps(): Steps;
  pool(pool: number): { readonly outside: number; readonly inside: number };
  tables(): readonly TableStatus[];
  dump(table: string): Iterable<DecodedEntry>;
  get(table: string, key: DecodedEntry['key']): DecodedEntry | undefined;
  /** One frame through the loaded program, as if it had come in at `ifindex`. Counts like a real one. */
  testRun(frame: Uint8Array, ifindex: number): TestRunResult;
  close(): Promise<void>;
}

/** Writing: one at a time on a machine and instance. */
export interface Writer extends Inspector {
  readonly prober: Prober;
  attach(nic: Nic, mode: AttachMode | 'auto'): Promise<AttachReport>;
  /** False when it was not attached. */
  detach(nic: Pick<Nic, 'ifindex'>): Promise<boolean>;
  /** Makes the tables hold exactly this: what is equal stays untouched, what is not asked for goes after the drain time. */
  sync(fabric: Fabric, steps: Steps): Promise<ChangeReport>;
  /**
   * The same for the steps of some services only: those in `before` and not in `after` go, the rest of the table is
   * not looked at. Steps that several services share (KNOWN, ANSWER) belong in `before` without being in `after` only when nobody needs them any more.
   */
  change(fabric: Fabric, before: Steps, after: Steps): Promise<ChangeReport>;
  /** One store: moves every service that uses the pool. Changes asked for before leave the pool as it is stored now. */
  setPool(pool: number, outside: number, inside: number): void;
  /**
   * By table: how many entries are there that nothing of what is in force needs (`fabric`, and so many steps). Undefined
   * while a change is under way, or something removed still on its way out.
   */
  unneeded(fabric: Fabric, steps: number): Readonly<Record<string, number>> | undefined;
  /** Somebody else may have written into the tables: they are read again before the next change. */
  readAgain(): Promise<void>;
  set(table: string, key: DecodedEntry['key'], value: DecodedEntry['value']): void;
  delete(table: string, key: DecodedEntry['key']): boolean;
  /** Resolves when nothing is draining and every reclaimed slot is folded. Numbers that went may be given out again then, unless {@link Inspector.isNamed} says otherwise. */
  settle(): Promise<void>;
  /** Replaces the programs by those of another build with the same layout; no packet is lost. False: the same code. */
  upgrade(objectPath: string): Promise<boolean>;
  /** Forwarding goes on; steps still draining stay until the next `sync`. */
  close(): Promise<void>;
  /** Ends it all: detaches every NIC and removes the pins. */
  destroy(): Promise<void>;
}
