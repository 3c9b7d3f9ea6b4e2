/** Where the fields of the hot structs lie, counted in 32-bit words; compared with the generated layout by a test. */

/** struct slot. The first words are those of a step image (src/plan/types.ts). */
export const SLOT = {
  WORDS: 16,
  ORIGIN: 4,
  PORT_PROTOCOL_DIRECTION: 5,
  TARGET: 6,
  SERVICE: 8,
  FLAGS: 9,
  HOP: 11,
} as const;

/** The same counted in 64-bit words. */
export const SLOT_COUNTS = { WORDS: 8, PACKETS: 6, BYTES: 7 } as const;

/** struct leg, counted in 64-bit words; the upper half of the last field is a counter. */
export const LEG = { WORDS: 8, MAC_FLAGS: 0, IFINDEX_RECEIVED: 5, FIELDS: 6, PACKETS: 6, BYTES: 7 } as const;

/** struct origin, counted in 32-bit words. */
export const ORIGIN = { WORDS: 8, MAC_INTERFACE: 0, LEG: 2, LOOKUPS: 3, VLANS: 4 } as const;

/** struct interface, counted in 32-bit words. */
export const INTERFACE = {
  WORDS: 48,
  IFINDEX: 0,
  SEGMENT: 4,
  SEGMENT_LOOKUPS: 5,
  ORIGIN_COUNT: 7,
  ORIGINS: 16,
} as const;

/** struct layout, counted in 32-bit words. */
export const LAYOUT = {
  VERSION: 0,
  CPUS: 1,
  SLOTS_MAX: 2,
  LEGS_MAX: 3,
  STEP_BUCKETS: 4,
  ORIGIN_BUCKETS: 5,
  STATE: 6,
  FOLDS: 7,
} as const;

/** struct probe, counted in 32-bit words: the first and the one with the kind are empty while the rest is not all there. */
export const PROBE = { WORDS: 400, IFINDEX: 0, KIND: 4, NEXT: 10 } as const;

/** struct probe_state, counted in 32-bit words. */
export const PROBE_STATE = {
  WORDS: 8,
  SENT_AT: 0,
  SENT: 2,
  UNSENT: 3,
  ANSWERED_AT: 4,
  ANSWERED: 6,
  REFUSED: 7,
} as const;

/** struct probing, counted in 32-bit words. */
export const PROBING = { SOURCE4: 0, COOKIE: 1, GIVEN: 2, SOURCE6: 4, DUE: 16, DONE: 17 } as const;
