/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses that are ours to guard, or to answer for. */
#ifndef HOPLINE_KNOWN_H
#define HOPLINE_KNOWN_H

#include "lookup.h"

/* enum known of an address, 0: a stranger. */
static __always_inline __u32 known_flags(const union ip_address *address)
{
	struct step_key key = {.address = *address, .direction = KNOWN};
	__u32 number = find_slot(&key);
	struct slot *slot = number ? slot_at(number) : NULL;

	return slot ? slot->known : 0;
}

/* Whether ARP and ND for the address are answered on this segment. */
static __always_inline bool is_answered(const union ip_address *address, __u32 segment)
{
	struct step_key key = {.address = *address, .origin = segment, .direction = ANSWER};

	return segment && find_slot(&key);
}

/* Why a packet for which no step was found leaves the way it does. */
__noinline int judge_stranger(const struct packet *packet)
{
	__u32 destination;

	if (!packet)
		return DROP_INTERNAL;
	destination = known_flags(&packet->destination);
	if (destination & KNOWN_LOCAL)
		return PASSED_LOCAL;
	if (known_flags(&packet->source) & (KNOWN_SERVICE | KNOWN_DEVICE))
		return DROP_WRONG_ORIGIN;
	return destination & KNOWN_SERVICE ? DROP_UNDEFINED_PORT : PASSED_NO_SERVICE;
}

#endif
