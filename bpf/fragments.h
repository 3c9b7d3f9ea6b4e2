/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Later fragments have no ports of their own: the first one's are remembered. */
#ifndef HOPLINE_FRAGMENTS_H
#define HOPLINE_FRAGMENTS_H

#include "known.h"
#include "origin.h"

/* Remembers a first fragment's ports, or recalls them for a later one. */
__noinline int treat_fragment(struct packet *packet, const struct path *path)
{
	struct fragment_key key = {};
	struct fragment_ports ports, *found;
	__u32 known;

	if (!packet || !path)
		return DROP_INTERNAL;
	if (!has_ports(packet->carried))
		return REASON_NONE;
	__builtin_memcpy(key.source, &packet->source, sizeof(key.source));
	__builtin_memcpy(key.destination, &packet->destination, sizeof(key.destination));
	key.origin = path->origin;
	key.id = packet->fragment_id;
	key.protocol = packet->carried;
	if (packet->shape & FIRST_FRAGMENT) {
		ports.source = packet->source_port;
		ports.destination = packet->destination_port;
		if (path->origin)
			bpf_map_update_elem(&fragments, &key, &ports, BPF_ANY);
		return REASON_NONE;
	}
	found = bpf_map_lookup_elem(&fragments, &key);
	if (found) {
		packet->source_port = found->source;
		packet->destination_port = found->destination;
		return REASON_NONE;
	}
	known = known_flags(&packet->source) | known_flags(&packet->destination);
	return known & (KNOWN_SERVICE | KNOWN_DEVICE) ? DROP_FRAGMENT_UNKNOWN : PASSED_NO_SERVICE;
}

#endif
