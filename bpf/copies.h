/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Copies for passive devices. The packet is broadcast to every interface it and its copies leave by; the egress program
 * addresses each of them. It runs per device and poll, not per entry of the group, and sees the same bytes each time:
 * so the frame carries a marker over its Ethernet addresses, and copies are told apart by order.
 */
#ifndef HOPLINE_COPIES_H
#define HOPLINE_COPIES_H

#include "address.h"
#include "count.h"
#include "route.h"

/* Over both Ethernet addresses. */
struct marker {
	__u32 slot;
	__u16 number; /* of the packet, on this CPU: low bits */
	__u8 group;   /* where the source MAC begins: the group bit, which no sender's MAC has */
	__u8 number_high;
	__u32 leg; /* of the original; 0: by route */
};

_Static_assert(sizeof(struct marker) == 12, "a marker covers both MACs");

static __always_inline void *group_of(const struct slot *slot, const struct next_hop *hop)
{
	struct group_key key = {.copyset = slot->copyset, .transmit = hop->transmit};

	return bpf_map_lookup_elem(&groups, &key);
}

static __always_inline enum reason broadcast(struct xdp_md *ctx, void *group, __u32 slot, __u32 leg)
{
	__u32 first = 0, *number = bpf_map_lookup_elem(&copy_number, &first);
	struct marker *marker = at(ctx, 0, sizeof(*marker));

	if (!number || !marker)
		return DROP_INTERNAL;
	*number += 1;
	marker->slot = slot;
	marker->number = *number;
	marker->group = 1;
	marker->number_high = *number >> 16;
	marker->leg = leg;
	if (bpf_redirect_map(group, 0, BPF_F_BROADCAST) != XDP_REDIRECT)
		return DROP_REDIRECT_FAILED;
	return COPIED;
}

/* Which frame of this packet it is on this device, from 0. */
static __always_inline __u32 copy_index(const struct interface *interface, const struct marker *marker)
{
	__u32 place = interface->number, number = marker->number | (__u32)marker->number_high << 16;
	struct copy_progress *progress = bpf_map_lookup_elem(&copy_progress, &place);

	if (!progress)
		return 0;
	if (progress->number != number) {
		progress->number = number;
		progress->seen = 0;
	}
	return progress->seen++;
}

/* The original's next hop, and what its step changes: as the ingress program had found them. */
static __always_inline enum reason recall_next_hop(struct xdp_md *ctx, const struct packet *packet,
						   const struct slot *slot, const struct marker *marker,
						   struct next_hop *hop, struct change *change)
{
	struct leg *leg = slot->flags & SLOT_ROUTE ? NULL : leg_at(marker->leg);
	enum reason reason = plan_change(slot, leg, change);

	if (reason)
		return reason;
	if (slot->direction == RETURN) /* done already, taps see the service */
		change->flags = 0;
	if (slot->flags & SLOT_ROUTE)
		return find_route(ctx, packet, change, hop);
	if (!leg)
		return DROP_INTERNAL;
	copy_leg(hop, leg, marker->leg);
	return REASON_NONE;
}

static __always_inline enum reason address_tap(struct xdp_md *ctx, const struct packet *packet, const struct slot *slot,
					       __u32 ifindex, __u32 index)
{
	struct copy_key key = {.copyset = slot->copyset, .ifindex = ifindex, .index = index};
	struct copy_value *copy = bpf_map_lookup_elem(&copies, &key);
	struct leg *leg = copy ? leg_at(copy->leg) : NULL;
	struct next_hop hop = {};

	if (!leg)
		return DROP_COPY_UNKNOWN;
	copy_leg(&hop, leg, copy->leg);
	if (!(hop.flags & LEG_RESOLVED))
		return DROP_LEG_UNRESOLVED;
	count_leg(leg, packet->length);
	return write_ethernet(ctx, packet, &hop);
}

/* Gives a marked frame its addresses. */
static __always_inline enum reason address_copy(struct xdp_md *ctx, const struct interface *interface,
						const struct marker *marker)
{
	struct slot *slot = slot_at(marker->slot);
	__u32 index = copy_index(interface, marker);
	const struct ethernet *ethernet = at(ctx, 0, sizeof(*ethernet));
	struct packet packet = {};
	struct change change = {};
	struct next_hop hop = {};
	enum reason reason;

	if (!slot || !ethernet)
		return DROP_INTERNAL;
	if (parse_ethernet(ctx, ethernet, &packet) || parse_network(ctx, &packet))
		return DROP_INTERNAL;
	if (packet.shape & ICMP_ERROR && turn_to_quote(ctx, &packet))
		return DROP_INTERNAL;
	reason = recall_next_hop(ctx, &packet, slot, marker, &hop, &change);
	if (reason)
		return reason;
	if (hop.ifindex != interface->ifindex)
		return address_tap(ctx, &packet, slot, interface->ifindex, index);
	if (index)
		return address_tap(ctx, &packet, slot, interface->ifindex, index - 1);
	if (change.flags)
		rewrite(ctx, &packet, &change);
	return write_ethernet(ctx, &packet, &hop);
}

#endif
