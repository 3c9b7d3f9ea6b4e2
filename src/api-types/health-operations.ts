import type { State } from '../health/machine/event.ts';
import type { Verdict } from '../health/machine/run.ts';
import type { ToldEvent } from '../health/types.ts';
import type { ChangeReport } from './change-report.ts';

/** One probe, or one threshold where `latency` is absent. */
export interface SignView {
  readonly name: string;
  readonly verdict: Verdict;
  readonly words: string;
  /** Averages: milliseconds (null: it never answered), percent; the present interval in ms. */
  readonly latency?: number | null;
  readonly loss?: number;
  readonly interval?: number;
}

/** What is thought of a device, or of a device for one application. */
export interface HealthView {
  readonly application?: string;
  readonly state: State;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** What its traffic raised the alarm for within the last minute. */
  readonly alarm?: string;
  readonly signs: readonly SignView[];
}

/** A pool word: all services that point at it move by one store. */
export interface WordView {
  readonly name: string;
  readonly application?: string;
  /** A member, `bypass`, `drop` or `pool NAME`. */
  readonly target: string;
  /** Whether packets are believed to get through. */
  readonly works: boolean;
  /** Where packets of one version of IP alone get through: that one. */
  readonly partly?: 4 | 6;
  readonly reason: string;
  readonly since: string;
  /** The member a command chose. */
  readonly choice?: string;
  /** Members that would take over at once; absent where the pool has no others, or no controller has looked. */
  readonly spares?: readonly string[];
}

export interface DeviceReport {
  readonly device: string;
  readonly state: State;
  readonly reason: string;
  /** What followed at once. */
  readonly events: readonly ToldEvent[];
  /** Where services were written anew: one plan, published once. */
  readonly change?: ChangeReport;
}

export type DeviceCommand = 'drain' | 'maintenance' | 'restore';

/** What is asked of an engine about its devices' health. All but reading needs a running controller. */
export interface HealthOperations {
  commandDevice(device: string, command: DeviceCommand): Promise<DeviceReport>;
  /** Every service that uses `device` uses `by` from now on. */
  replaceDevice(device: string, by: string): Promise<DeviceReport>;
  /** Kept events, oldest first. */
  events(filter: EventFilter): Promise<readonly ToldEvent[]>;
  /** Kept events, oldest first, and then those that happen, until `signal`. */
  followEvents(filter: EventFilter, signal: AbortSignal): AsyncIterable<ToldEvent>;
}

/** Which events are wanted. */
export interface EventFilter {
  /** The device itself, and pools that went to or from it. */
  readonly device?: string;
  /** ISO 8601; this and later. */
  readonly since?: string;
}
