/** Generated from maps/*.h by `npm run generate`: do not edit. */

export const LAYOUT_VERSION = 3;

export const Limit = {
  MAX_INTERFACES: 256,
  INTERFACE_INDEX: 4096,
  INLINE_ORIGINS: 4,
  STEP_BUCKET: 8,
  ORIGIN_BUCKET: 2,
  MAX_COPIES: 16,
  MAX_REASONS: 64,
  MAX_FRAGMENTS: 65536,
  MAX_NAME: 63,
  TRACE_MAGIC: 1280331592,
  MAX_PROBES: 32767,
  PROBE_PORT_BASE: 32768,
  PROBE_BYTES: 1518,
  PROBE_MAGIC: 827343432,
  MAX_GIVEN_PROBES: 8192,
  GIVEN_NOT_IP: 65536,
  MAX_ALIKE_PROBES: 16,
  OPENINGS: 16384,
  ALARM_AFTER: 3,
} as const;

/**
 * Which address and port of a packet a step is found by. An ICMP error counts as the packet it quotes, turned round.
 */
export const Direction = { FORWARD: 1, RETURN: 2, OUTWARD: 3, INWARD: 4, KNOWN: 5, ANSWER: 6 } as const;

/** How exactly the port of a key was given; asked in this order, all directions of one exactness first. */
export const Exactness = { EXACT: 0, RANGE: 1, ANY: 2 } as const;

/**
 * Bit 4 * exactness + (direction - 1) of `lookups`: this origin has steps of that kind. The rest: what the origin is.
 */
export const Lookup = { LOOKUP_BITS: 12, LOOKUP_DIRECTIONS: 4, ORIGIN_BRIDGED: 4096 } as const;

export const Known = { KNOWN_SERVICE: 1, KNOWN_DEVICE: 2, KNOWN_LOCAL: 4 } as const;

export const SlotFlag = {
  SLOT_POOL: 1,
  SLOT_INSIDE: 2,
  SLOT_ADDRESS: 4,
  SLOT_PORT: 8,
  SLOT_COPY: 16,
  SLOT_ROUTE: 32,
  SLOT_ANY_PORT: 64,
  SLOT_RANGE: 128,
} as const;

export const LegFlag = { LEG_RESOLVED: 1, LEG_NAT: 2 } as const;

export const InterfaceFlag = { INTERFACE_MORE: 1, INTERFACE_TAGGED: 2, INTERFACE_EGRESS: 4 } as const;

/** `names`: what the numbers mean, so that the tables can be read without the controller. */
export const NameKind = { NAME_SERVICE: 1, NAME_LEG: 2, NAME_POOL: 3, NAME_COPYSET: 4, NAME_INTERFACE: 5 } as const;

export const ProbeKind = { PROBE_MARKED: 1, PROBE_HANDSHAKE: 2, PROBE_GIVEN: 3 } as const;

/** How far maps that take the place of others have come; whoever finds them in the middle finishes it. */
export const LayoutState = { LAYOUT_FILLING: 0, LAYOUT_FILLED: 1, LAYOUT_CURRENT: 2 } as const;

/**
 * The order is the layout: add at the end of a group, raise LAYOUT_VERSION when you move one. The comment is what
 * users read (`hopline counters`, docs/drop-reasons.md is generated from it).
 */
export const Reason = {
  REASON_NONE: 0,
  FORWARDED: 1,
  COPIED: 2,
  ANSWERED_ARP: 3,
  ANSWERED_ND: 4,
  ANSWERED_TOO_BIG: 5,
  ANSWERED_RESET: 6,
  PASSED_NOT_IP: 8,
  PASSED_NOT_FOR_US: 9,
  PASSED_LOCAL: 10,
  PASSED_NO_SERVICE: 11,
  PASSED_MULTICAST: 12,
  DROP_MALFORMED: 16,
  DROP_TOO_MANY_HEADERS: 17,
  DROP_WRONG_ORIGIN: 18,
  DROP_UNDEFINED_PORT: 19,
  DROP_LEG_UNRESOLVED: 20,
  DROP_NO_MEMBER: 21,
  DROP_NO_ROUTE: 22,
  DROP_NO_NEIGHBOUR: 23,
  DROP_TOO_BIG: 24,
  DROP_FRAGMENT_UNKNOWN: 25,
  DROP_NOT_ATTACHED: 26,
  DROP_REDIRECT_FAILED: 27,
  DROP_COPY_UNKNOWN: 28,
  DROP_INTERNAL: 29,
  PROBE_ANSWERED: 32,
  PROBE_STRAY: 33,
  REASONS: 34,
} as const;

/** What users read for each reason, in the order of their numbers. */
export const REASON_TEXTS: readonly {
  readonly reason: number;
  readonly name: string;
  readonly group: string;
  readonly text: string;
}[] = [
  { reason: 1, name: 'FORWARDED', group: 'forwarded', text: 'handed to the next device of its service' },
  { reason: 2, name: 'COPIED', group: 'forwarded', text: 'handed to the next device, and to passive ones' },
  { reason: 3, name: 'ANSWERED_ARP', group: 'forwarded', text: 'an ARP request for a service address, answered' },
  {
    reason: 4,
    name: 'ANSWERED_ND',
    group: 'forwarded',
    text: 'a neighbour solicitation for a service address, answered',
  },
  {
    reason: 5,
    name: 'ANSWERED_TOO_BIG',
    group: 'forwarded',
    text: "larger than the next device's MTU: the sender was told",
  },
  {
    reason: 6,
    name: 'ANSWERED_RESET',
    group: 'forwarded',
    text: "a server's answer to a probe's handshake: the connection was taken down",
  },
  { reason: 8, name: 'PASSED_NOT_IP', group: 'passed to the kernel untouched', text: 'neither IPv4 nor IPv6' },
  { reason: 9, name: 'PASSED_NOT_FOR_US', group: 'passed to the kernel untouched', text: 'addressed to another MAC' },
  { reason: 10, name: 'PASSED_LOCAL', group: 'passed to the kernel untouched', text: "for the engine's own address" },
  { reason: 11, name: 'PASSED_NO_SERVICE', group: 'passed to the kernel untouched', text: 'belongs to no service' },
  { reason: 12, name: 'PASSED_MULTICAST', group: 'passed to the kernel untouched', text: 'broadcast or multicast' },
  { reason: 16, name: 'DROP_MALFORMED', group: 'dropped', text: 'lengths or headers contradict each other' },
  {
    reason: 17,
    name: 'DROP_TOO_MANY_HEADERS',
    group: 'dropped',
    text: 'more VLAN tags, labels or extension headers than are followed',
  },
  {
    reason: 18,
    name: 'DROP_WRONG_ORIGIN',
    group: 'dropped',
    text: 'carries an address of a service or device as source, and comes from somewhere else',
  },
  {
    reason: 19,
    name: 'DROP_UNDEFINED_PORT',
    group: 'dropped',
    text: 'a service address, and a port or protocol that nobody defined',
  },
  { reason: 20, name: 'DROP_LEG_UNRESOLVED', group: 'dropped', text: "the next device's MAC is not known (yet)" },
  { reason: 21, name: 'DROP_NO_MEMBER', group: 'dropped', text: 'the pool has no active member' },
  { reason: 22, name: 'DROP_NO_ROUTE', group: 'dropped', text: 'the kernel has no route back to the client' },
  {
    reason: 23,
    name: 'DROP_NO_NEIGHBOUR',
    group: 'dropped',
    text: "the kernel does not know the client's (or router's) MAC yet; it is being asked for",
  },
  {
    reason: 24,
    name: 'DROP_TOO_BIG',
    group: 'dropped',
    text: "larger than the next device's MTU, and the sender cannot be told",
  },
  {
    reason: 25,
    name: 'DROP_FRAGMENT_UNKNOWN',
    group: 'dropped',
    text: 'a later fragment whose first one was not seen',
  },
  {
    reason: 26,
    name: 'DROP_NOT_ATTACHED',
    group: 'dropped',
    text: 'the way out leads over an interface the engine is not attached to',
  },
  { reason: 27, name: 'DROP_REDIRECT_FAILED', group: 'dropped', text: 'the kernel refused the redirect' },
  { reason: 28, name: 'DROP_COPY_UNKNOWN', group: 'dropped', text: 'a copy that no tap is defined for (egress)' },
  { reason: 29, name: 'DROP_INTERNAL', group: 'dropped', text: 'a table pointed nowhere: please report it' },
  { reason: 32, name: 'PROBE_ANSWERED', group: 'probes of our own', text: 'a probe that came back, or was refused' },
  {
    reason: 33,
    name: 'PROBE_STRAY',
    group: 'probes of our own',
    text: 'for the address that handshake probes come from, and no answer to one',
  },
];
