/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that are tried again and again: whoever they are sent to may be dead. */
#ifndef HOPLINE_SYN_RETRY_H
#define HOPLINE_SYN_RETRY_H

#include "lookup.h"

/*
 * The first packet of a TCP connection; the same one again has the same sequence number, a new connection has not.
 * Sent to another member of a pool it is another one: nobody has asked that one before.
 */
static __always_inline __u32 hash_opening(const struct packet *packet, __be32 sequence, __u32 slot, __u32 leg)
{
	__u32 hash = hash_word(hash_word(hash_word(HASH_SEED, slot), leg), sequence);

#pragma unroll
	for (int word = 0; word < 4; word++)
		hash = hash_word(hash_word(hash, packet->source.words[word]), packet->destination.words[word]);
	return hash_word(hash, packet->source_port | (__u32)packet->destination_port << 16);
}

__noinline int note_opening(struct xdp_md *ctx, const struct packet *packet, __u32 slot, __u32 leg)
{
	const struct tcp *tcp;
	struct opening *opening;
	struct alarm alarm = {.leg = leg, .slot = slot};
	__u32 hash, place;

	if (!packet)
		return DROP_INTERNAL;
	tcp = at(ctx, packet->transport, sizeof(*tcp));
	if (!tcp)
		return REASON_NONE;
	hash = hash_opening(packet, tcp->sequence, slot, leg);
	place = mix(hash) & (OPENINGS - 1);
	opening = bpf_map_lookup_elem(&openings, &place);
	if (!opening)
		return REASON_NONE;
	alarm.repeated = opening->fingerprint == hash ? opening->seen + 1 : 1;
	*(volatile __u64 *)opening = hash | (__u64)alarm.repeated << 32;
	if (alarm.repeated >= ALARM_AFTER)
		bpf_ringbuf_output(&alarms, &alarm, sizeof(alarm), 0);
	return REASON_NONE;
}

#endif
