/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which step a packet is at. */
#ifndef HOPLINE_STEP_H
#define HOPLINE_STEP_H

#include "origin.h"

#define LOOKUPS       (3 * LOOKUP_DIRECTIONS)
#define EXACT_LOOKUPS ((1 << LOOKUP_DIRECTIONS) - 1)

static __always_inline bool is_source_own(__u8 direction)
{
	return direction == RETURN || direction == OUTWARD;
}

__noinline __u32 find_range(const struct step_key *key)
{
	struct range_key range = {.prefix_bits = 8 * (sizeof(range) - sizeof(range.prefix_bits))};
	struct range_value *value;

	if (!key)
		return 0;
	range.origin = key->origin;
	__builtin_memcpy(range.address, &key->address, sizeof(range.address));
	range.protocol = key->protocol;
	range.direction = key->direction;
	range.port = key->port;
	value = bpf_map_lookup_elem(&ranges, &range);
	return value ? value->slot : 0;
}

static __always_inline __u32 find_key(const struct packet *packet, __u32 origin, __be16 port, __u8 direction,
				      bool is_range)
{
	struct step_key key = {.origin = origin};

	key.address = is_source_own(direction) ? packet->source : packet->destination;
	key.last = last_of_key(port, packet->protocol, direction);
	return is_range ? find_range(&key) : find_slot(&key);
}

/* The port a step of this direction has, 0: the packet has none. */
static __always_inline __be16 port_of(const struct packet *packet, __u8 direction)
{
	return direction == FORWARD || direction == OUTWARD ? packet->destination_port : packet->source_port;
}

/* Of the exact lookups, the one that is tried first. */
static __always_inline __u8 first_direction(__u32 lookups)
{
	if (lookups & 1 << (OUTWARD - 1))
		return OUTWARD;
	if (lookups & 1 << (INWARD - 1))
		return INWARD;
	return lookups & 1 << (FORWARD - 1) ? FORWARD : RETURN;
}

/*
 * The usual packet is IPv4 and hits with the first lookup its sender has. In line: on some CPUs the return from a
 * call costs as much as the search. NULL: it may be any other.
 */
static __always_inline struct slot *find_usual(const struct packet *packet, struct path *path)
{
	__u32 lookups = path->lookups;
	__u8 direction = first_direction(lookups);
	__be16 port = port_of(packet, direction);
	__be32 own = is_source_own(direction) ? packet->source.words[3] : packet->destination.words[3];
	struct slot *slot;

	if (packet->version != 4 || !port || !(lookups & EXACT_LOOKUPS))
		return NULL;
	slot = search_ipv4(own, path->origin, last_of_key(port, packet->protocol, direction), &path->slot);
	if (slot) {
		path->exactness = EXACT;
		path->direction = direction;
	}
	return slot;
}

/* Number of the slot, 0: none. EXACT, RANGE, ANY, and within each OUTWARD, INWARD, FORWARD, RETURN. */
__noinline __u32 find_any(const struct packet *packet, struct path *path)
{
	if (!packet || !path)
		return 0;
#pragma clang loop unroll(disable)
	for (__u32 turn = 0; turn < LOOKUPS; turn++) {
		__u32 bit = turn ^ 2; /* outward ones first */
		__u8 exactness = turn / LOOKUP_DIRECTIONS, direction = bit % LOOKUP_DIRECTIONS + 1;
		__be16 port = 0;
		__u32 slot;

		if (!(path->lookups & 1U << bit))
			continue;
		if (exactness != ANY) {
			port = port_of(packet, direction);
			if (!port)
				continue;
		}
		slot = find_key(packet, path->origin, port, direction, exactness == RANGE);
		if (slot) {
			path->exactness = exactness;
			path->direction = direction;
			return slot;
		}
	}
	return 0;
}

/* The step's slot, NULL: none. */
static __always_inline struct slot *find_step(const struct packet *packet, struct path *path)
{
	struct slot *slot = find_usual(packet, path);

	if (slot)
		return slot;
	path->slot = find_any(packet, path);
	return path->slot ? slot_at(path->slot) : NULL;
}

#endif
