/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which step a packet is at. */
#ifndef HOPLINE_STEP_H
#define HOPLINE_STEP_H

#include "origin.h"

#define LOOKUPS (3 * LOOKUP_DIRECTIONS)

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
	const union ip_address *own = is_source_own(direction) ? &packet->source : &packet->destination;
	struct step_key key = {.port = port, .protocol = packet->protocol, .direction = direction};

	if (packet->version == 4 && !is_range)
		return find_slot_ipv4(own->words[3], origin, key.last);
	key.address = *own;
	key.origin = origin;
	return is_range ? find_range(&key) : find_slot(&key);
}

/* Number of the step's slot, 0: none. EXACT, RANGE, ANY, and within each OUTWARD, INWARD, FORWARD, RETURN. */
static __always_inline __u32 find_step(const struct packet *packet, struct path *path)
{
#pragma clang loop unroll(disable)
	for (__u32 turn = 0; turn < LOOKUPS; turn++) {
		__u32 bit = turn ^ 2; /* outward ones first */
		__u8 exactness = turn / LOOKUP_DIRECTIONS, direction = bit % LOOKUP_DIRECTIONS + 1;
		__be16 port = 0;
		__u32 slot;

		if (!(path->lookups & 1U << bit))
			continue;
		if (exactness != ANY) {
			port = direction == FORWARD || direction == OUTWARD ? packet->destination_port
									    : packet->source_port;
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

#endif
