/** What a probe asks and what it expects to hear: read by who sends it, never by the machine. */
import type { AddressProtocol, Expectations } from './expectations.ts';

/** A marked frame in at one leg that must come out of the other, both ways. */
export interface ThroughQuestion {
  readonly kind: 'through';
  /** What the frame is to a routing device; UDP by default. Bridging devices get neither. */
  readonly protocol?: 'udp' | 'icmp';
  /** A pcap file whose frames are sent instead of our own. */
  readonly frames?: string;
  /** Version of IP; what the device's addresses are of where left out. */
  readonly family?: 4 | 6;
}

/** Frames of a pcap file that the device must stop: one that comes out is a failure. */
export interface NegativeQuestion {
  readonly kind: 'negative';
  readonly frames: string;
}

/** SYN, SYN-ACK, clean end. */
export interface HandshakeQuestion {
  readonly kind: 'handshake';
  readonly port: number;
  /** Where the SYN goes: a service address (at the device's MAC), or the device's own where it is `nat`. */
  readonly address?: string;
}

/** A protocol of src/health/probes: the question is the expectation of its probe, `port` and the addresses are its target. */
export type AddressQuestion = {
  readonly [Kind in AddressProtocol]: {
    readonly kind: Kind;
    /** Whom it asks; the device's own address by default. */
    readonly address?: string;
    /** The protocol's own by default. */
    readonly port?: number;
    /** Source address, one of the engine's. */
    readonly from?: string;
  } & Expectations[Kind];
}[AddressProtocol];

export type Question = ThroughQuestion | NegativeQuestion | HandshakeQuestion | AddressQuestion;

export type ProbeKind = Question['kind'];
