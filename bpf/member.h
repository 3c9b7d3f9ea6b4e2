/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a step leads: a leg, the active member of a pool, or the kernel's route. */
#ifndef HOPLINE_MEMBER_H
#define HOPLINE_MEMBER_H

#include "rewrite.h"

/* A place to send frames to; the first three words as in struct leg. */
struct next_hop {
	union {
		__u64 words[3];
		struct {
			__u8 mac[6];
			__u16 flags;
			__u8 source_mac[6];
			__u16 mtu;
			__u32 transmit;
			__u16 vlan[2];
		};
	};
	__u32 ifindex;
	__u32 leg; /* 0: by route */
};

static __always_inline int tags_of(const struct next_hop *hop)
{
	return !hop->vlan[0] ? 0 : !hop->vlan[1] ? 1 : 2;
}

/* MAC and flags are one word, read at once: it may change while in use. */
static __always_inline void copy_leg(struct next_hop *hop, const struct leg *leg, __u32 number)
{
	const volatile __u64 *words = (const volatile __u64 *)leg;

	hop->words[0] = words[0];
	hop->words[1] = words[1];
	hop->words[2] = words[2];
	hop->ifindex = leg->ifindex;
	hop->leg = number;
}

/* The leg a slot leads to, NULL with a reason. */
static __always_inline enum reason choose_leg(const struct slot *slot, struct leg **leg, __u32 *number)
{
	__u32 target = slot->target;

	if (slot->flags & SLOT_POOL) {
		__u64 *pool = bpf_map_lookup_elem(&pools, &target);
		__u64 word;

		if (!pool)
			return DROP_INTERNAL;
		word = *(volatile __u64 *)pool;
		target = slot->flags & SLOT_INSIDE ? word >> 32 : word;
		if (!target)
			return DROP_NO_MEMBER;
	}
	*number = target;
	*leg = leg_at(target);
	if (!*leg)
		return DROP_INTERNAL;
	return REASON_NONE;
}

/* What the step changes on this hop. */
static __always_inline enum reason plan_change(const struct slot *slot, const struct leg *leg, struct change *change)
{
	change->direction = slot->direction;
	change->flags = slot->flags & (SLOT_ADDRESS | SLOT_PORT);
	change->port = slot->new_port;
	if (slot->direction == OUTWARD || slot->direction == INWARD)
		change->flags &= ~SLOT_PORT;
	if (slot->direction == FORWARD && leg && leg->flags & LEG_NAT) {
		change->flags |= SLOT_ADDRESS;
		change->address = *(const union ip_address *)leg->address;
	} else if (change->flags & SLOT_ADDRESS) {
		__u32 place = slot->rewrite;
		struct address *address = bpf_map_lookup_elem(&addresses, &place);

		if (!address)
			return DROP_INTERNAL;
		__builtin_memcpy(&change->address, address, sizeof(change->address));
	}
	return REASON_NONE;
}

#endif
