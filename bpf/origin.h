/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who handed us this frame: (interface, VLAN tags, source MAC) -> leg. */
#ifndef HOPLINE_ORIGIN_H
#define HOPLINE_ORIGIN_H

#include "lookup.h"

/* What becomes of a packet, filled as far as it comes; what TEST_RUN's caller reads as struct trace. */
struct path {
	__u32 origin; /* leg or segment, 0: nobody */
	__u32 lookups;
	__u32 slot;
	__u32 target; /* leg */
	__u32 copyset;
	__u32 ifindex; /* it leaves by */
	__u8 direction;
	__u8 exactness;
	__u8 is_device; /* the frame came from a leg that its MAC tells */
	__u8 reserved;
};

/* What a record of struct origin is found by: its first word, and its tags. */
struct sender {
	__u64 word; /* MAC, interface number + 1 */
	__u32 vlans;
	__u32 reserved;
};

static __always_inline struct interface *interface_of(__u32 ifindex)
{
	__u32 place = ifindex % INTERFACE_INDEX;
	struct interface_place *entry = bpf_map_lookup_elem(&interface_index, &place);
	struct interface *interface;

	if (!entry || !entry->place)
		return NULL;
	place = entry->place;
	interface = bpf_map_lookup_elem(&interfaces, &place);
	return interface && interface->ifindex == ifindex ? interface : NULL;
}

static __always_inline __u32 vlans_of(const struct packet *packet)
{
	return *(const __u32 *)packet->vlan;
}

static __always_inline struct sender sender_of(const struct interface *interface, const struct packet *packet,
					       const __u8 *mac)
{
	struct sender sender = {
		.word = (mac ? mac_word(mac) : 0) | (__u64)(interface->number + 1) << 48,
		.vlans = vlans_of(packet),
	};

	return sender;
}

static __always_inline bool is_sender(const struct origin *origin, const struct sender *sender)
{
	return *(const __u64 *)origin == sender->word && *(const __u32 *)origin->vlan == sender->vlans;
}

/* Asks the table `origins`; path gets leg and lookups. False: not there. */
__noinline int find_sender(const struct sender *sender, struct path *path)
{
	__u32 hash;

	if (!sender || !path)
		return false;
	hash = (HASH_START + product(0, sender->word) + product(1, sender->word >> 32) + product(2, sender->vlans)) >>
	       32;
	for (int choice = 0; choice < 2; choice++) {
		__u32 place = mixed(hash, choice) & origin_bucket_mask;
		struct origin_bucket *bucket = bpf_map_lookup_elem(&origins, &place);

		if (!bucket)
			return false;
#pragma unroll
		for (int i = 0; i < ORIGIN_BUCKET; i++) {
			struct origin *origin = &bucket->origins[i];

			if (!is_sender(origin, sender))
				continue;
			path->origin = origin->leg;
			path->lookups = origin->lookups;
			return true;
		}
	}
	return false;
}

/* The segment a frame came from, whoever sent it. */
static __always_inline void find_segment(const struct interface *interface, const struct packet *packet,
					 struct path *path)
{
	if (vlans_of(packet)) {
		struct sender anybody = sender_of(interface, packet, NULL);

		if (interface->flags & INTERFACE_TAGGED)
			find_sender(&anybody, path);
		return;
	}
	path->origin = interface->segment;
	path->lookups = interface->segment ? interface->segment_lookups : 0;
}

static __always_inline void find_origin(const struct interface *interface, const struct packet *packet, const __u8 *mac,
					struct path *path)
{
	struct sender sender = sender_of(interface, packet, mac);

#pragma unroll
	for (__u32 i = 0; i < INLINE_ORIGINS; i++) {
		const struct origin *origin = &interface->origins[i];

		/* The count spares those without devices the cache lines of the records. */
		if (i >= interface->origin_count)
			break;
		if (is_sender(origin, &sender)) {
			path->origin = origin->leg;
			path->lookups = origin->lookups;
			path->is_device = true;
			return;
		}
	}
	if (interface->flags & INTERFACE_MORE && find_sender(&sender, path)) {
		path->is_device = true;
		return;
	}
	find_segment(interface, packet, path);
}

/* This CPU's copy of a leg. */
static __always_inline struct leg *leg_at(__u32 leg)
{
	__u32 place = bpf_get_smp_processor_id() * legs_max + leg;

	return bpf_map_lookup_elem(&legs, &place);
}

/* Whether the frame was sent to us; a bridging device gives back the MAC that was written towards its other side. */
static __always_inline bool is_for_us(const struct interface *interface, const struct path *path, const __u8 *mac)
{
	struct leg *leg;

	if (mac_word(mac) == mac_word(interface->mac))
		return true;
	if (!(path->lookups & ORIGIN_BRIDGED))
		return false;
	leg = leg_at(path->origin);
	return leg && mac_word(mac) == mac_word(leg->source_mac);
}

/* Whether the packet is for an address of our own on this interface. */
static __always_inline bool is_local(const struct interface *interface, const struct packet *packet)
{
	const union ip_address *destination = &packet->destination;

	if (packet->version == 4)
		return destination->words[3] && destination->words[3] == *(const __u32 *)interface->address4;
	if (!destination->halves[0] && !destination->halves[1])
		return false;
	return same_address(destination, (const union ip_address *)interface->address6) ||
	       same_address(destination, (const union ip_address *)interface->link_local);
}

#endif
