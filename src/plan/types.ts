/**
 * What the plan hands to the dataplane: plain values, ready to be stored.
 *
 * Numbers are those of the tables (maps/layout.h): a leg is known by its number there, both as the place packets
 * are sent to and as the origin they come from. Numbers are given out by a {@link Registry} and stay the same as
 * long as the name exists, over changes and restarts.
 */

/** Six bytes, lower case, colons: "02:00:00:00:01:01". */
export type Mac = string;

/** VLAN ids, outer first; 0 where there is no tag. */
export type Vlans = readonly [outer: number, inner: number];

/** A NIC the engine is attached to, as the kernel says it is. `number` is its place in `transmit` and in `verdicts`. */
export interface InterfacePlan {
  readonly number: number;
  readonly nic: string;
  readonly ifindex: number;
  readonly mac: Mac;
  /** Bytes from the IP header on. */
  readonly mtu: number;
  /** The engine's own addresses there, as text; the first global one of each family, and the link-local one. */
  readonly address4?: string;
  readonly address6?: string;
  readonly linkLocal?: string;
  /** Leg of the untagged segment; 0 where none is defined. */
  readonly segment: number;
  /** What frames of unknown MACs on the untagged segment can hit (`lookups`); 0 where no clients are. */
  readonly segmentLookups: number;
  /** Copies may leave here: the transmit entry needs the egress program. */
  readonly egress: boolean;
}

/** A leg of a device, or the segment of an interface with the gateway behind it. */
export interface LegPlan {
  readonly leg: number;
  /** "fw1.outside", "ids1.only", "i0" for a segment. */
  readonly name: string;
  /** Null while nobody has said which MAC it has: its services are degraded. */
  readonly mac: Mac | null;
  readonly sourceMac: Mac;
  readonly mtu: number;
  readonly interfaceNumber: number;
  readonly ifindex: number;
  readonly vlans: Vlans;
  /** Real address, where FORWARD packets get it as destination. */
  readonly nat?: string;
}

/** A sender of frames: (interface, VLAN tags, source MAC) -> leg. mac null: whoever is on that VLAN (a tagged segment). */
export interface OriginPlan {
  readonly interfaceNumber: number;
  readonly vlans: Vlans;
  readonly mac: Mac | null;
  readonly leg: number;
  readonly lookups: number;
  readonly bridged: boolean;
}

/** Which legs of which member work now: the word that fail-over stores. 0, 0: no member. */
export interface PoolPlan {
  readonly pool: number;
  readonly name: string;
  readonly outside: number;
  readonly inside: number;
}

/** The taps of a copy set, and every interface the original may leave by (one devmap group each). */
export interface CopysetPlan {
  readonly copyset: number;
  readonly name: string;
  readonly taps: readonly { readonly leg: number; readonly ifindex: number; readonly interfaceNumber: number }[];
  readonly mains: readonly { readonly ifindex: number; readonly interfaceNumber: number }[];
}

/** An address packets are rewritten to on the way back. */
export interface RewritePlan {
  readonly rewrite: number;
  readonly address: string;
}

/** What a number means, for people who read the tables. `kind` as in enum name_kind. */
export interface NamePlan {
  readonly kind: number;
  readonly id: number;
  readonly name: string;
}

/** Everything but the steps: small, compiled as a whole. */
export interface Fabric {
  readonly interfaces: readonly InterfacePlan[];
  readonly legs: readonly LegPlan[];
  readonly origins: readonly OriginPlan[];
  readonly pools: readonly PoolPlan[];
  readonly copysets: readonly CopysetPlan[];
  readonly rewrites: readonly RewritePlan[];
  readonly names: readonly NamePlan[];
}

/** Words of one step image: the first 48 bytes of `struct slot`, everything but the counters. */
export const IMAGE_WORDS = 12;

/** The first words of an image are its key: address, origin, port, protocol, direction. */
export const KEY_WORDS = 6;

/**
 * Step images one after the other, little-endian words as in `struct slot`. Ports of a range step: the key's port is
 * 0 and the ports are in `ranges`. One array for 800,000 steps, instead of as many objects.
 */
export interface Steps {
  readonly words: Uint32Array;
  readonly count: number;
  /** For steps with SLOT_RANGE, by their place in `words`. Ports in host order, both included. */
  readonly ranges: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
}

/** A step by its place. */
export interface StepAt {
  readonly steps: Steps;
  readonly place: number;
}
