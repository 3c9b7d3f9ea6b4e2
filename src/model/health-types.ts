/** What definitions say about health after their short forms are written out; what they leave out is filled in by src/health/derive. */
import type { Question } from '../terms/health/question.ts';
import type { ComesBack, FlapSpec, Measure } from '../terms/health/spec.ts';

export type { AllDown } from '../terms/health/spec.ts';

/** Who is told of every event. */
export type Notice =
  | { readonly kind: 'webhook'; readonly url: string }
  /** Program and arguments; the event is its standard input. */
  | { readonly kind: 'command'; readonly run: readonly string[] };

/** What the file says for everything in it. */
export interface FileHealth {
  /** Nothing is watched, nobody is ever moved. */
  readonly off: boolean;
  /** Milliseconds between two probes that the engine sends itself. */
  readonly interval?: number;
  /** Where handshakes come from: addresses that nobody has on the networks of the devices. */
  readonly source: { readonly v4: string; readonly v6: string };
  readonly notify: readonly Notice[];
}

/** What a handshake asks before the services are known: without a port it is one for every port they use. */
export interface HandshakeRule {
  readonly kind: 'handshake';
  readonly port?: number;
  readonly address?: string;
}

/** A probe as it was asked for. Times are milliseconds. */
export interface ProbeRule {
  /** Unique in its device; the kind where it was not named. */
  readonly name: string;
  readonly question: Exclude<Question, { readonly kind: 'handshake' }> | HandshakeRule;
  /** `device`: for all of it. Undefined: for the application of its port, if there is one. */
  readonly for?: string;
  readonly interval?: number;
  readonly limit?: number;
  readonly fall?: number;
  readonly rise?: number;
  readonly weight?: number;
}

/** A threshold as it was asked for; `over` in ms, percent, bit/s, packets/s or a count. */
export interface LimitRule {
  readonly measure: Measure;
  readonly over: number;
  readonly back?: number;
  /** Name of a probe; latency and loss without one are of every probe. */
  readonly of?: string;
  readonly for?: string;
  readonly fall?: number;
  readonly rise?: number;
  readonly weight?: number;
}

/** How a device, or the members of a pool that say nothing themselves, are watched. Times are milliseconds. */
export interface HealthRules {
  readonly interval?: number;
  /** Undefined: those of its kind. */
  readonly probes?: readonly ProbeRule[];
  readonly need?: number;
  readonly limits: readonly LimitRule[];
  readonly comesBack?: ComesBack;
  readonly flaps?: Partial<FlapSpec>;
  readonly alarm?: { readonly frames?: number; readonly syns?: number };
  readonly drain?: number;
}

/** `off`: not probed, not judged, never moved. */
export type DeviceHealth = 'off' | HealthRules;
