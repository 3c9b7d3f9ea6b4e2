/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The door between the two halves: every key and value that the dataplane and the controller share.
 *
 * Fixed-width types only, no logic. The TypeScript codecs in src/dataplane/codec/layout.ts are generated from
 * the BTF of the object that includes this file (`npm run generate`), and a test fails when they differ.
 *
 * Byte order: fields typed __be16/__be32 and arrays of bytes are as on the wire; all else is the host's.
 * Addresses are 16 bytes; IPv4 is ::ffff:a.b.c.d.
 */
#ifndef HOPLINE_LAYOUT_H
#define HOPLINE_LAYOUT_H

#include <linux/types.h>

/* Raised with every change of a struct or of what a field means; pinned in the `layout` map. */
#define LAYOUT_VERSION 3

enum limit {
	MAX_INTERFACES = 256,     /* NICs one engine attaches to; `transmit` has a place for each */
	INTERFACE_INDEX = 4096,   /* places in `interface_index`: kernel ifindex modulo this */
	INLINE_ORIGINS = 4,       /* legs an interface entry holds itself, before `origins` is asked */
	STEP_BUCKET = 8,          /* entries of one 64-byte bucket of `steps` */
	ORIGIN_BUCKET = 2,        /* entries of one 64-byte bucket of `origins` */
	MAX_COPIES = 16,          /* taps of one copy set */
	MAX_REASONS = 64,         /* counters of one interface on one CPU */
	MAX_FRAGMENTS = 65536,    /* fragmented packets whose ports are remembered at a time */
	MAX_NAME = 63,            /* bytes of a name in `names` */
	TRACE_MAGIC = 0x4c504f48, /* "HOPL": the caller of TEST_RUN asks for a trace */
	MAX_PROBES = 32767,       /* numbers of probes are 1 to this */
	PROBE_PORT_BASE = 32768,  /* and its number: where the SYN of a handshake comes from */
	PROBE_BYTES = 1518,       /* of a frame of a probe */
	PROBE_MAGIC = 0x31504248, /* "HBP1": a mark begins with it */
	MAX_GIVEN_PROBES = 8192,  /* probes that are somebody's own frames */
	GIVEN_NOT_IP = 65536,     /* as the length of what is not IP */
	MAX_ALIKE_PROBES = 16,    /* of these, that come from one leg and are equally long */
	OPENINGS = 16384,         /* first packets of connections remembered at a time, a power of two */
	ALARM_AFTER = 3,          /* times the same first packet comes in a row */
};

/* Which address and port of a packet a step is found by. An ICMP error counts as the packet it quotes, turned round. */
enum direction {
	FORWARD = 1, /* a service opened by others, towards its server: destination address, destination port */
	RETURN = 2,  /* and back: source address, source port */
	OUTWARD = 3, /* a service whose address opens: source address, destination port */
	INWARD = 4,  /* and back: destination address, source port */
	KNOWN = 5,   /* origin 0: the address is ours to guard; see enum known */
	ANSWER = 6,  /* origin = segment: ARP and ND for the address are answered there */
};

/* How exactly the port of a key was given; asked in this order, all directions of one exactness first. */
enum exactness {
	EXACT = 0,
	RANGE = 1,
	ANY = 2,
};

/* Bit 4 * exactness + (direction - 1) of `lookups`: this origin has steps of that kind. The rest: what the origin is.
 */
enum lookup {
	LOOKUP_BITS = 12,
	LOOKUP_DIRECTIONS = 4,
	ORIGIN_BRIDGED =
		1 << 12, /* gives back frames with the engine's own MACs: destination is legs[origin].source_mac */
};

enum known {
	KNOWN_SERVICE = 1 << 0, /* a service address: an undefined port is dropped */
	KNOWN_DEVICE = 1 << 1,  /* a device's own address, behind NAT */
	KNOWN_LOCAL = 1 << 2,   /* the engine's own: goes to the kernel */
};

enum slot_flag {
	SLOT_POOL = 1 << 0,    /* target is an index of `pools`, else of `legs` */
	SLOT_INSIDE = 1 << 1,  /* of a pool's word: the inside leg, else the outside one */
	SLOT_ADDRESS = 1 << 2, /* own address (the key's) := addresses[rewrite] */
	SLOT_PORT = 1 << 3,    /* own port := new_port */
	SLOT_COPY = 1 << 4,    /* also to every tap of copyset */
	SLOT_ROUTE = 1 << 5,   /* target is the kernel's route to the destination */
	SLOT_ANY_PORT = 1 << 6,
	SLOT_RANGE = 1 << 7,
};

/*
 * One compiled step, one cache line, a copy per CPU at index cpu * slots_max + slot; slot 0 is never used.
 * The first 24 bytes are its key. Written before anything points at it, never edited afterwards but by its counters.
 * FORWARD to a leg with LEG_NAT also sets the destination to that leg's address.
 */
struct slot {
	__u8 address[16];
	__u32 origin; /* leg or segment the frame came from */
	__be16 port;  /* 0: any port, or a range */
	__u8 protocol;
	__u8 direction;
	__u32 target; /* leg or pool */
	__u32 rewrite;
	__u32 service;
	__be16 new_port;
	__u16 flags;
	__u32 copyset;
	__u8 hop; /* place in the service's sequence, counted from 0 at the client */
	__u8 known;
	__u16 reserved;
	__u64 packets;
	__u64 bytes;
};

/* One place of a bucket of `steps`, stored at once. fingerprint 0 is empty. */
struct step {
	__u32 fingerprint;
	__u32 slot;
};

struct step_bucket {
	struct step steps[STEP_BUCKET];
};

enum leg_flag {
	LEG_RESOLVED = 1 << 0, /* mac is known */
	LEG_NAT = 1 << 1,      /* FORWARD packets get `address` as destination */
};

/*
 * Where a device touches the engine, or (a segment) the gateway behind an interface. One cache line, a copy per CPU
 * at index cpu * legs_max + leg; leg 0 is nobody. mac, flags are one 64-bit word and may be stored while in use.
 */
struct leg {
	__u8 mac[6];
	__u16 flags;
	__u8 source_mac[6]; /* the engine's own there */
	__u16 mtu;          /* bytes from the IP (or MPLS) header on */
	__u32 transmit;     /* key in `transmit`, which is the number of the interface */
	__u16 vlan[2];      /* VLAN ids, outer first; 0: no tag */
	__u8 address[16];
	__u32 ifindex;
	__u32 received; /* frames from this leg that hit a step */
	__u64 packets;  /* sent to this leg, copies too */
	__u64 bytes;
};

/* A leg as the sender of frames. word 0 (mac, interface) is stored last: interface 0 is empty. */
struct origin {
	__u8 mac[6];     /* 0 with a tag: whoever is on that VLAN and has no entry of its own */
	__u16 interface; /* number of the interface + 1 */
	__u32 leg;
	__u32 lookups; /* which lookups can hit: see enum lookup */
	__u16 vlan[2];
	__u32 reserved[3];
};

struct origin_bucket {
	struct origin origins[ORIGIN_BUCKET];
};

enum interface_flag {
	INTERFACE_MORE = 1 << 0,   /* further origins stand in `origins` */
	INTERFACE_TAGGED = 1 << 1, /* some segments here have VLAN tags */
	INTERFACE_EGRESS = 1 << 2, /* its transmit entry has the egress program: copies may leave here */
};

/* A NIC the engine is attached to. Replaced as a whole: a fresh entry, then one store into `interface_index`. */
struct interface {
	__u32 ifindex;
	__u16 number; /* its key in `transmit` and place in `verdicts` */
	__u16 flags;
	__u8 mac[6];
	__u16 mtu;
	__u32 segment;         /* untagged frames of unknown MACs come from here; 0: none defined */
	__u32 segment_lookups; /* what those can hit: 0 where no clients are */
	__u8 address4[4];      /* the engine's own, 0 if none */
	__u32 origin_count;
	__u8 address6[16];
	__u8 link_local[16];
	struct origin origins[INLINE_ORIGINS];
};

/* Value of `interface_index`: place in `interfaces`, 0 for a NIC that is not ours. 8 bytes as the mapping's stride is.
 */
struct interface_place {
	__u64 place;
};

/* The one word that fail-over stores: the legs of the active member. One-legged devices have it twice. 0, 0: none. */
struct pool {
	__u32 outside;
	__u32 inside;
};

struct address {
	__u8 bytes[16];
};

/* `ranges`, an LPM trie: prefix_bits counts from `origin` on; the port is the part that may be cut short. */
struct range_key {
	__u32 prefix_bits;
	__u32 origin;
	__u8 address[16];
	__u8 protocol;
	__u8 direction;
	__be16 port;
};

struct range_value {
	__u32 slot;
};

/* `groups`: the inner devmap that has every tap of a copy set, and the interface the original leaves by. */
struct group_key {
	__u32 copyset;
	__u32 transmit; /* of the original */
};

/* `copies`: who gets the n-th copy of a packet on one device (the original, where it leaves there, comes before all).
 */
struct copy_key {
	__u32 copyset;
	__u32 ifindex;
	__u32 index;
};

struct copy_value {
	__u32 leg;
};

/* The last packet a device was sent copies of, and how many: equal copies are told apart by order. Per CPU. */
struct copy_progress {
	__u32 number;
	__u32 seen;
};

/* `fragments`, LRU: the ports that the first fragment of a packet showed. */
struct fragment_key {
	__u8 source[16];
	__u8 destination[16];
	__u32 origin;
	__be32 id; /* IPv4's 16 bits in the first two bytes */
	__u32 protocol;
};

struct fragment_ports {
	__be16 source;
	__be16 destination;
};

/* `names`: what the numbers mean, so that the tables can be read without the controller. */
enum name_kind {
	NAME_SERVICE = 1,
	NAME_LEG = 2,
	NAME_POOL = 3,
	NAME_COPYSET = 4,
	NAME_INTERFACE = 5,
};

struct name_key {
	__u32 kind;
	__u32 id;
};

struct name_value {
	__u8 text[64]; /* UTF-8, ends at the first 0 */
};

/*
 * `totals`: what reclaimed slots had counted. Direction 0: counts of tables that larger ones replaced, of a leg (origin
 * 0, target), or of a verdict (origin: number of the interface + 1, hop: reason).
 */
struct total_key {
	__u32 service;
	__u8 hop;
	__u8 direction;
	__u16 reserved;
	__u32 origin;
	__u32 target; /* leg, or pool with the top bit set */
};

struct total_value {
	__u64 packets;
	__u64 bytes;
};

/* `journal`: the fold in progress, so that a controller killed in the middle of it counts nothing twice. */
struct journal {
	__u64 slot; /* 0: none */
	struct total_key key;
	__u64 packets; /* what the total will be */
	__u64 bytes;
};

/* `wanted`, a ring: neighbours that a packet needed and the kernel did not know. */
struct wanted {
	__u32 ifindex;
	__u32 family; /* AF_INET, AF_INET6 */
	__u8 address[16];
};

enum probe_kind {
	PROBE_MARKED = 1,    /* our own frame, with a mark */
	PROBE_HANDSHAKE = 2, /* the first packet of a TCP connection */
	PROBE_GIVEN = 3,     /* somebody's own bytes */
};

/* What tells our own frames: at `offset` of a marked probe's. The complement keeps checksums the same for every one. */
struct probe_mark {
	__u32 magic;  /* PROBE_MAGIC */
	__u32 cookie; /* of this engine */
	__u32 number;
	__u32 sequence;
	__u32 complement; /* ~sequence */
	__u32 reserved[3];
};

/* `probes`: a frame that is sent again and again, and where it has to come back. Its first line is what answers need.
 */
struct probe {
	__u32 ifindex; /* it leaves by; 0: no such probe */
	__u32 arrives_from;
	__u16 length;  /* of the frame */
	__u16 offset;  /* of the mark, or the TCP header */
	__u16 network; /* given: of the IP header */
	__u16 payload; /* given: behind the IP header, or behind Ethernet and tags where it is not IP */
	__u8 kind;
	__u8 version; /* 4, 6, 0: not IP */
	__be16 port;  /* handshake: who answers */
	__u8 address[16];
	__u16 checksum; /* given: where in the payload two bytes may differ; 0xffff: nowhere */
	__u16 compared; /* given: bytes of the payload */
	__u32 next;     /* given: another of the same length from the same leg, 0: none */
	__u32 reserved_line[5];
	__u8 frame[1536];
};

/* `probe_states`, by number of the probe. The first line of words is the sender's, the second the receiver's. */
struct probe_state {
	__u64 sent_at; /* ns of CLOCK_MONOTONIC */
	__u32 sent;    /* sequence number, 0: never */
	__u32 unsent;  /* frames that no NIC took */
	__u64 answered_at;
	__u32 answered; /* sequence number; one word with `refused` */
	__u32 refused;
};

/* `probe_queue`: what to send, in order. 8 bytes as the mapping's stride is. */
struct probe_turn {
	__u64 number;
};

/* `probing`: what all probes have in common. Packets read the first line, the second is the sender's. */
struct probing {
	__u8 source4[4]; /* where handshakes come from, 0: none do */
	__u32 cookie;
	__u32 given; /* how many probes are somebody's own frames */
	__u32 reserved;
	__u8 source6[16];
	__u32 reserved_line[8];
	__u32 due;  /* entries of `probe_queue` */
	__u32 done; /* so many of them are sent */
	__u32 reserved_rest[14];
};

/* `given_probes`: those that may be the frame at hand. */
struct given_key {
	__u32 leg;
	__u32 length; /* behind the IP header; GIVEN_NOT_IP */
};

struct given_value {
	__u32 number; /* the first; `next` leads on */
};

/* `openings`: the last first packet of a connection with this hash, and how often it came. */
struct opening {
	__u32 fingerprint;
	__u32 seen;
};

/* `alarms`, a ring: connections that are tried again and again. */
struct alarm {
	__u32 leg; /* they are sent to */
	__u32 slot;
	__u32 repeated;
};

/* How far maps that take the place of others have come; whoever finds them in the middle finishes it. */
enum layout_state {
	LAYOUT_FILLING = 0, /* nothing uses them yet */
	LAYOUT_FILLED = 1,  /* NICs move over to them */
	LAYOUT_CURRENT = 2, /* the counts of the others are in `totals` */
};

/* `layout`: what these maps are, read before anything else by whoever opens them. */
struct layout {
	__u32 version;
	__u32 cpus; /* possible CPUs: copies of each slot and leg */
	__u32 slots_max;
	__u32 legs_max;
	__u32 step_buckets;   /* a power of two */
	__u32 origin_buckets; /* a power of two */
	__u32 state;          /* enum layout_state */
	__u32 folds;          /* odd while counts move from slots to totals: who adds both up reads again */
};

/* What TEST_RUN's caller gets back where it made room: 32 bytes before the frame, beginning with TRACE_MAGIC. */
struct trace {
	__u32 magic;
	__u32 origin;
	__u32 slot;
	__u32 target; /* leg the original goes to; 0: none, or by route */
	__u32 copyset;
	__u16 reason; /* enum reason */
	__u8 direction;
	__u8 exactness;
	__u32 ifindex; /* the packet leaves by, 0: it does not */
	__u32 reserved;
};

#endif
