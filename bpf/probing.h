/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all probes have in common. */
#ifndef HOPLINE_PROBING_H
#define HOPLINE_PROBING_H

#include "maps.h"
#include "packet.h"

static __always_inline const struct probing *probing_now(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&probing, &first);
}

/* Whether handshakes come from there. Without any it is 0.0.0.0 and ::, which whoever finds it has to sort out. */
static __always_inline bool is_for_prober(const struct packet *packet)
{
	const struct probing *common = probing_now();

	if (!common)
		return false;
	if (packet->version == 4)
		return packet->destination.words[3] == *(const __u32 *)common->source4;
	return same_address(&packet->destination, (const union ip_address *)common->source6);
}

static __always_inline bool is_source_of_probes(const union ip_address *address)
{
	const struct probing *common = probing_now();

	if (!common || (!address->words[3] && !address->halves[0]))
		return false;
	if (is_ipv4_mapped(address))
		return address->words[3] == *(const __u32 *)common->source4;
	return same_address(address, (const union ip_address *)common->source6);
}

#endif
