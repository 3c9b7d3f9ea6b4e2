import type { ProbePacket } from '../health/types.ts';
import type { AutoMode } from '../model/types.ts';
import type { NicWarning } from '../net/warnings.ts';
import type { Count } from '../terms/count.ts';
import type { Difference } from '../terms/difference.ts';
import type { ChangeReport, Degraded } from './change-report.ts';
import type { HealthOperations, HealthView, WordView } from './health-operations.ts';

/** Definitions as they were given; `file` is for messages. */
export interface DefinitionText {
  readonly text: string;
  readonly file: string;
  /** What the text says, where it has been parsed already; whoever reads the definitions uses it up. */
  readonly value?: unknown;
}

export type AttachMode = 'auto' | 'native' | 'generic';

export interface AttachReport {
  readonly nic: string;
  readonly mode: 'native' | 'generic';
  /** Why this mode: asked for, or what the driver said to the other. */
  readonly why: string;
  readonly warnings: readonly NicWarning[];
}

export interface Traffic {
  readonly packets: Count;
  readonly bytes: Count;
}

export interface ControllerView {
  readonly pid: number;
  readonly since: string;
  /** False while it still brings its definitions into force and attaches to their NICs. */
  readonly ready: boolean;
}

export interface StatusView {
  readonly instance: string;
  readonly version: string;
  /** The controller that answers; absent when the command read the tables itself. */
  readonly controller?: ControllerView;
  readonly loaded: boolean;
  /** Hash of the program's instructions: another build has another. */
  readonly program?: { readonly tag: string };
  readonly interfaces: readonly InterfaceView[];
  readonly pools: readonly PoolView[];
  readonly services: number;
  readonly degraded: readonly Degraded[];
  readonly problems: readonly string[];
  /** What no service suffers from yet, and somebody should look at: no spare left, a device that is out. */
  readonly attention: readonly string[];
  readonly steps: { readonly used: number; readonly room: number };
}

export interface InterfaceView {
  readonly name: string;
  readonly nic: string;
  readonly vlans: readonly number[];
  readonly faces: readonly string[];
  readonly present: boolean;
  readonly up: boolean;
  readonly mac?: string;
  readonly mtu?: number;
  /** Absent: the engine is not attached there. */
  readonly mode?: string;
  readonly gateways: readonly { readonly address: string; readonly mac?: string }[];
}

export interface PoolView {
  readonly name: string;
  readonly members: readonly string[];
  readonly active: string;
  /** The definitions' word, where somebody else works. */
  readonly instead?: string;
  /** False: nobody of it works for some of its services. */
  readonly available: boolean;
  /** How it is used: one row for each application and way out that its services differ in. */
  readonly words: readonly WordView[];
  /** What is thought of its members, in their order. */
  readonly health: readonly { readonly member: string; readonly health: readonly HealthView[] }[];
}

export interface LegView {
  readonly name: string;
  readonly interface: string;
  readonly vlans: readonly number[];
  readonly mac?: string;
  readonly address?: string;
  readonly sent: Traffic;
}

export interface DeviceView {
  readonly name: string;
  readonly kind: string;
  /** Of inline devices: `bridge`, or `route`. */
  readonly forwards?: 'bridge' | 'route';
  readonly function?: string;
  readonly vendor?: string;
  readonly mode?: string;
  /** How far finding out its mode came, where definitions leave it open. */
  readonly auto?: AutoMode;
  readonly address?: string;
  readonly legs: readonly LegView[];
  readonly services: readonly string[];
  /** Who stands in for it where services name it. */
  readonly replacedBy?: string;
  /** The device itself first, then for each of its applications; empty where nobody watches it. */
  readonly health: readonly HealthView[];
  /** What cannot be watched, and why. */
  readonly unwatched: readonly string[];
  /** Frames that its probes send: what has to be let through. Empty without a controller. */
  readonly packets: readonly ProbePacket[];
}

export interface ServiceView {
  readonly name: string;
  readonly customer?: string;
  readonly addresses: readonly string[];
  readonly protocol: string;
  readonly ports: string;
  readonly from: readonly string[];
  readonly sequence: readonly string[];
  readonly state: 'up' | 'degraded' | 'unavailable';
  readonly reasons: readonly string[];
  /** At the client's end: towards the service, and back. */
  readonly forward: Traffic;
  readonly return: Traffic;
}

/** One hop of a service: packets handed on there. */
export interface HopCounter extends Traffic {
  readonly service: string;
  readonly hop: number;
  readonly direction: string;
  readonly from: string;
  readonly to: string;
  /** It is none of the way packets go now: of a sequence before, or what a tap answered. */
  readonly apart?: 'past' | 'copy';
}

export interface CountersView {
  /** When it was read, in ms; differences are exact. */
  readonly time: number;
  /** In the order of the definitions, and of the path. */
  readonly services: readonly HopCounter[];
  readonly devices: readonly ({ readonly leg: string } & Traffic)[];
  /** `reason` as in enum reason (DROP_WRONG_ORIGIN), `text` what it means. */
  readonly verdicts: readonly {
    readonly interface: string;
    readonly reason: string;
    readonly text: string;
    readonly packets: Count;
  }[];
}

/** What happened within a second. */
export interface Rate {
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
}

/** What one hop handed on and the next did not see; negative where more came out than went in. */
export interface Loss {
  readonly service: string;
  readonly direction: string;
  /** The hop that handed it on. */
  readonly behind: number;
  /** To whom. */
  readonly in: string;
  /** Since counting began; absent where the service had another sequence meanwhile. */
  readonly packets?: number;
  readonly packetsPerSecond: number;
}

/** Counters with what happened since they were read before. */
export interface RatedCounters {
  readonly time: number;
  /** Between the two readings. */
  readonly seconds: number;
  readonly services: readonly (HopCounter & Rate)[];
  readonly losses: readonly Loss[];
  readonly devices: readonly (CountersView['devices'][number] & Rate)[];
  readonly verdicts: readonly (CountersView['verdicts'][number] & Pick<Rate, 'packetsPerSecond'>)[];
}

/** A table and how full it is; `used` is absent where counting makes no sense (counters). */
export interface MapSummary {
  readonly name: string;
  readonly type: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly used: number | undefined;
}

/** Definitions that came into force. */
export interface HistoryEntry {
  readonly number: number;
  /** ISO 8601. */
  readonly time: string;
  /** A user; `controller` where the file it follows did it. */
  readonly by: string;
  /** The command, or the file. */
  readonly how: string;
  /** How many. */
  readonly services: { readonly added: number; readonly changed: number; readonly removed: number };
  /** The first of them. */
  readonly differences: readonly Difference[];
}

/** Everything the command line asks of an engine; done by a running controller, or in this process without one. */
export interface Operations extends HealthOperations {
  status(): Promise<StatusView>;
  attach(nics: readonly string[], mode: AttachMode): Promise<readonly AttachReport[]>;
  detach(nics: readonly string[]): Promise<readonly string[]>;
  diff(definitions: DefinitionText): Promise<ChangeReport>;
  apply(definitions: DefinitionText): Promise<ChangeReport>;
  /** To an entry of the history; without a number to the one before the last. */
  rollback(number?: number): Promise<ChangeReport>;
  /** Oldest first. */
  history(): Promise<readonly HistoryEntry[]>;
  /** The definitions of an entry of the history. */
  definitionsOf(number: number): Promise<string>;
  /** What is in force, choices and all, as a file that applies to the same. */
  exported(): Promise<string>;
  /** Replaces the running programs by those of the object file. */
  /** @param object a file of the machine; that of the version which does it, if none is named. */
  upgrade(object?: string): Promise<{ readonly replaced: boolean }>;
  definitions(): Promise<string>;
  listServices(): Promise<readonly ServiceView[]>;
  listDevices(): Promise<readonly DeviceView[]>;
  listPools(): Promise<readonly PoolView[]>;
  listInterfaces(): Promise<readonly InterfaceView[]>;
  setService(name: string, definition: unknown): Promise<ChangeReport>;
  deleteService(name: string): Promise<ChangeReport>;
  /** Compiles what is defined again, and makes the tables hold it: one service, or all. */
  regenerate(service?: string): Promise<ChangeReport>;
  usePool(pool: string, member: string): Promise<PoolView>;
  counters(): Promise<CountersView>;
  /** Prometheus' text, in pieces. */
  metrics(): Promise<Iterable<string>>;
  listMaps(): Promise<readonly MapSummary[]>;
  /** Its entries, to be gone through once. */
  dumpMap(name: string): Promise<Iterable<unknown>>;
  getEntry(name: string, key: string): Promise<unknown>;
  setEntry(name: string, key: string, value: string): Promise<unknown>;
  deleteEntry(name: string, key: string): Promise<void>;
}

/** By device: who stands in for it (`hopline device replace`), wherever definitions name it outside of a pool of both. */
export type Replacements = Readonly<Record<string, string>>;

/** Header of a request: who became root to ask, for the history. */
export const SUDO_HEADER = 'x-hopline-sudo-user';
