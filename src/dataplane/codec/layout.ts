/** Generated from maps/*.h by `npm run generate`: do not edit. */

import { array, be16, be32, bytes, type Decoded, struct, u8, u16, u32, u64 } from './codec.ts';

/** `layout`: what these maps are, read before anything else by whoever opens them. */
export const Layout = struct(32, {
  version: [0, u32],
  cpus: [4, u32],
  slotsMax: [8, u32],
  legsMax: [12, u32],
  stepBuckets: [16, u32],
  originBuckets: [20, u32],
  state: [24, u32],
  folds: [28, u32],
});
export type Layout = Decoded<typeof Layout>;

/**
 * Value of `interface_index`: place in `interfaces`, 0 for a NIC that is not ours. 8 bytes as the mapping's stride is.
 */
export const InterfacePlace = struct(8, {
  place: [0, u64],
});
export type InterfacePlace = Decoded<typeof InterfacePlace>;

/** A leg as the sender of frames. word 0 (mac, interface) is stored last: interface 0 is empty. */
export const Origin = struct(32, {
  mac: [0, bytes(6)],
  interface: [6, u16],
  leg: [8, u32],
  lookups: [12, u32],
  vlan: [16, array(u16, 2)],
});
export type Origin = Decoded<typeof Origin>;

/** A NIC the engine is attached to. Replaced as a whole: a fresh entry, then one store into `interface_index`. */
export const Interface = struct(192, {
  ifindex: [0, u32],
  number: [4, u16],
  flags: [6, u16],
  mac: [8, bytes(6)],
  mtu: [14, u16],
  segment: [16, u32],
  segmentLookups: [20, u32],
  address4: [24, bytes(4)],
  originCount: [28, u32],
  address6: [32, bytes(16)],
  linkLocal: [48, bytes(16)],
  origins: [64, array(Origin, 4)],
});
export type Interface = Decoded<typeof Interface>;

export const OriginBucket = struct(64, {
  origins: [0, array(Origin, 2)],
});
export type OriginBucket = Decoded<typeof OriginBucket>;

/** One place of a bucket of `steps`, stored at once. fingerprint 0 is empty. */
export const Step = struct(8, {
  fingerprint: [0, u32],
  slot: [4, u32],
});
export type Step = Decoded<typeof Step>;

export const StepBucket = struct(64, {
  steps: [0, array(Step, 8)],
});
export type StepBucket = Decoded<typeof StepBucket>;

/**
 * One compiled step, one cache line, a copy per CPU at index cpu * slots_max + slot; slot 0 is never used. The first
 * 24 bytes are its key. Written before anything points at it, never edited afterwards but by its counters. FORWARD to
 * a leg with LEG_NAT also sets the destination to that leg's address.
 */
export const Slot = struct(64, {
  address: [0, bytes(16)],
  origin: [16, u32],
  port: [20, be16],
  protocol: [22, u8],
  direction: [23, u8],
  target: [24, u32],
  rewrite: [28, u32],
  service: [32, u32],
  newPort: [36, be16],
  flags: [38, u16],
  copyset: [40, u32],
  hop: [44, u8],
  known: [45, u8],
  packets: [48, u64],
  bytes: [56, u64],
});
export type Slot = Decoded<typeof Slot>;

/**
 * Where a device touches the engine, or (a segment) the gateway behind an interface. One cache line, a copy per CPU at
 * index cpu * legs_max + leg; leg 0 is nobody. mac, flags are one 64-bit word and may be stored while in use.
 */
export const Leg = struct(64, {
  mac: [0, bytes(6)],
  flags: [6, u16],
  sourceMac: [8, bytes(6)],
  mtu: [14, u16],
  transmit: [16, u32],
  vlan: [20, array(u16, 2)],
  address: [24, bytes(16)],
  ifindex: [40, u32],
  received: [44, u32],
  packets: [48, u64],
  bytes: [56, u64],
});
export type Leg = Decoded<typeof Leg>;

/** The one word that fail-over stores: the legs of the active member. One-legged devices have it twice. 0, 0: none. */
export const Pool = struct(8, {
  outside: [0, u32],
  inside: [4, u32],
});
export type Pool = Decoded<typeof Pool>;

export const Address = struct(16, {
  bytes: [0, bytes(16)],
});
export type Address = Decoded<typeof Address>;

/**
 * `totals`: what reclaimed slots had counted. Direction 0: counts of tables that larger ones replaced, of a leg
 * (origin 0, target), or of a verdict (origin: number of the interface + 1, hop: reason).
 */
export const TotalKey = struct(16, {
  service: [0, u32],
  hop: [4, u8],
  direction: [5, u8],
  origin: [8, u32],
  target: [12, u32],
});
export type TotalKey = Decoded<typeof TotalKey>;

/** `journal`: the fold in progress, so that a controller killed in the middle of it counts nothing twice. */
export const Journal = struct(40, {
  slot: [0, u64],
  key: [8, TotalKey],
  packets: [24, u64],
  bytes: [32, u64],
});
export type Journal = Decoded<typeof Journal>;

/**
 * `probes`: a frame that is sent again and again, and where it has to come back. Its first line is what answers need.
 */
export const Probe = struct(1600, {
  ifindex: [0, u32],
  arrivesFrom: [4, u32],
  length: [8, u16],
  offset: [10, u16],
  network: [12, u16],
  payload: [14, u16],
  kind: [16, u8],
  version: [17, u8],
  port: [18, be16],
  address: [20, bytes(16)],
  checksum: [36, u16],
  compared: [38, u16],
  next: [40, u32],
  frame: [64, bytes(1536)],
});
export type Probe = Decoded<typeof Probe>;

/** `probe_states`, by number of the probe. The first line of words is the sender's, the second the receiver's. */
export const ProbeState = struct(32, {
  sentAt: [0, u64],
  sent: [8, u32],
  unsent: [12, u32],
  answeredAt: [16, u64],
  answered: [24, u32],
  refused: [28, u32],
});
export type ProbeState = Decoded<typeof ProbeState>;

/** `probe_queue`: what to send, in order. 8 bytes as the mapping's stride is. */
export const ProbeTurn = struct(8, {
  number: [0, u64],
});
export type ProbeTurn = Decoded<typeof ProbeTurn>;

/** `probing`: what all probes have in common. Packets read the first line, the second is the sender's. */
export const Probing = struct(128, {
  source4: [0, bytes(4)],
  cookie: [4, u32],
  given: [8, u32],
  source6: [16, bytes(16)],
  due: [64, u32],
  done: [68, u32],
});
export type Probing = Decoded<typeof Probing>;

/** `openings`: the last first packet of a connection with this hash, and how often it came. */
export const Opening = struct(8, {
  fingerprint: [0, u32],
  seen: [4, u32],
});
export type Opening = Decoded<typeof Opening>;

/** `groups`: the inner devmap that has every tap of a copy set, and the interface the original leaves by. */
export const GroupKey = struct(8, {
  copyset: [0, u32],
  transmit: [4, u32],
});
export type GroupKey = Decoded<typeof GroupKey>;

/**
 * `copies`: who gets the n-th copy of a packet on one device (the original, where it leaves there, comes before all).
 */
export const CopyKey = struct(12, {
  copyset: [0, u32],
  ifindex: [4, u32],
  index: [8, u32],
});
export type CopyKey = Decoded<typeof CopyKey>;

export const CopyValue = struct(4, {
  leg: [0, u32],
});
export type CopyValue = Decoded<typeof CopyValue>;

/** The last packet a device was sent copies of, and how many: equal copies are told apart by order. Per CPU. */
export const CopyProgress = struct(8, {
  number: [0, u32],
  seen: [4, u32],
});
export type CopyProgress = Decoded<typeof CopyProgress>;

/** `ranges`, an LPM trie: prefix_bits counts from `origin` on; the port is the part that may be cut short. */
export const RangeKey = struct(28, {
  prefixBits: [0, u32],
  origin: [4, u32],
  address: [8, bytes(16)],
  protocol: [24, u8],
  direction: [25, u8],
  port: [26, be16],
});
export type RangeKey = Decoded<typeof RangeKey>;

export const RangeValue = struct(4, {
  slot: [0, u32],
});
export type RangeValue = Decoded<typeof RangeValue>;

/** `fragments`, LRU: the ports that the first fragment of a packet showed. */
export const FragmentKey = struct(44, {
  source: [0, bytes(16)],
  destination: [16, bytes(16)],
  origin: [32, u32],
  id: [36, be32],
  protocol: [40, u32],
});
export type FragmentKey = Decoded<typeof FragmentKey>;

export const FragmentPorts = struct(4, {
  source: [0, be16],
  destination: [2, be16],
});
export type FragmentPorts = Decoded<typeof FragmentPorts>;

export const NameKey = struct(8, {
  kind: [0, u32],
  id: [4, u32],
});
export type NameKey = Decoded<typeof NameKey>;

export const NameValue = struct(64, {
  text: [0, bytes(64)],
});
export type NameValue = Decoded<typeof NameValue>;

export const TotalValue = struct(16, {
  packets: [0, u64],
  bytes: [8, u64],
});
export type TotalValue = Decoded<typeof TotalValue>;

/** `given_probes`: those that may be the frame at hand. */
export const GivenKey = struct(8, {
  leg: [0, u32],
  length: [4, u32],
});
export type GivenKey = Decoded<typeof GivenKey>;

export const GivenValue = struct(4, {
  number: [0, u32],
});
export type GivenValue = Decoded<typeof GivenValue>;

/** `wanted`, a ring: neighbours that a packet needed and the kernel did not know. */
export const Wanted = struct(24, {
  ifindex: [0, u32],
  family: [4, u32],
  address: [8, bytes(16)],
});
export type Wanted = Decoded<typeof Wanted>;

/**
 * What tells our own frames: at `offset` of a marked probe's. The complement keeps checksums the same for every one.
 */
export const ProbeMark = struct(32, {
  magic: [0, u32],
  cookie: [4, u32],
  number: [8, u32],
  sequence: [12, u32],
  complement: [16, u32],
});
export type ProbeMark = Decoded<typeof ProbeMark>;

/** `alarms`, a ring: connections that are tried again and again. */
export const Alarm = struct(12, {
  leg: [0, u32],
  slot: [4, u32],
  repeated: [8, u32],
});
export type Alarm = Decoded<typeof Alarm>;

/** What TEST_RUN's caller gets back where it made room: 32 bytes before the frame, beginning with TRACE_MAGIC. */
export const Trace = struct(32, {
  magic: [0, u32],
  origin: [4, u32],
  slot: [8, u32],
  target: [12, u32],
  copyset: [16, u32],
  reason: [20, u16],
  direction: [22, u8],
  exactness: [23, u8],
  ifindex: [24, u32],
});
export type Trace = Decoded<typeof Trace>;

/** How keys and values of each map lie in memory. A ring has neither. */
export const MAPS = {
  addresses: { key: u32, value: Address },
  copies: { key: CopyKey, value: CopyValue },
  copy_number: { key: u32, value: u32 },
  copy_progress: { key: u32, value: CopyProgress },
  fragments: { key: FragmentKey, value: FragmentPorts },
  given_probes: { key: GivenKey, value: GivenValue },
  groups: { key: GroupKey, value: u32 },
  interface_index: { key: u32, value: InterfacePlace },
  interfaces: { key: u32, value: Interface },
  journal: { key: u32, value: Journal },
  layout: { key: u32, value: Layout },
  legs: { key: u32, value: Leg },
  names: { key: NameKey, value: NameValue },
  openings: { key: u32, value: Opening },
  origins: { key: u32, value: OriginBucket },
  pools: { key: u32, value: Pool },
  probe_queue: { key: u32, value: ProbeTurn },
  probe_states: { key: u32, value: ProbeState },
  probes: { key: u32, value: Probe },
  probing: { key: u32, value: Probing },
  ranges: { key: RangeKey, value: RangeValue },
  slots: { key: u32, value: Slot },
  steps: { key: u32, value: StepBucket },
  totals: { key: TotalKey, value: TotalValue },
  transmit: { key: u32, value: bytes(8) },
  verdicts: { key: u32, value: u64 },
} as const;

export type MapName = keyof typeof MAPS;
