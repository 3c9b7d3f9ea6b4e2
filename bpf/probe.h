/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Probes of our own that come back. Each is believed only from the leg it must come out of: from anywhere else it is a
 * packet like others. Only the test for the address that handshakes come from is in the way of usual packets.
 */
#ifndef HOPLINE_PROBE_H
#define HOPLINE_PROBE_H

#include "count.h"
#include "probe_sequence.h"
#include "probing.h"
#include "reset.h"

/* A round is answered. False: it was never sent. Answers that come late do not undo later ones. */
static __always_inline bool note_answer(__u32 number, __u32 sequence, __u64 refused)
{
	struct probe_state *state = bpf_map_lookup_elem(&probe_states, &number);

	if (!state || !sequence || (__s32)(state->sent - sequence) < 0)
		return false;
	if ((__s32)(sequence - state->answered) <= 0)
		return true;
	*(volatile __u64 *)&state->answered_at = bpf_ktime_get_ns();
	*(volatile __u64 *)&state->answered = sequence | refused << 32;
	return true;
}

/* Whether our mark stands there, from where it belongs. */
__noinline int judge_mark(struct xdp_md *ctx, __u32 offset, __u32 origin)
{
	const struct probe_mark *mark = at(ctx, offset, sizeof(*mark));
	const struct probing *common = probing_now();
	const struct probe *probe;
	__u32 number, sequence;

	if (!mark || !common || mark->magic != PROBE_MAGIC || mark->cookie != common->cookie ||
	    mark->complement != ~mark->sequence)
		return REASON_NONE;
	number = mark->number;
	sequence = mark->sequence;
	probe = bpf_map_lookup_elem(&probes, &number);
	if (!probe || probe->kind != PROBE_MARKED || probe->arrives_from != origin)
		return REASON_NONE;
	return note_answer(number, sequence, false) ? PROBE_ANSWERED : REASON_NONE;
}

/* Where a packet for our own address would have the mark, 0: nowhere. */
static __always_inline __u32 mark_offset(struct xdp_md *ctx, const struct packet *packet)
{
	__u32 offset = packet->transport + sizeof(struct icmp); /* as long as a UDP header */
	__u8 *type;

	if (packet->shape & (FIRST_FRAGMENT | LATER_FRAGMENT) || offset + sizeof(struct probe_mark) > packet->end)
		return 0;
	if (packet->carried == PROTOCOL_UDP)
		return offset;
	type = at(ctx, packet->transport, 1);
	if (!type || !is_icmp(packet->version, packet->carried))
		return 0;
	if (packet->version == 4)
		return *type == 0 || *type == 8 ? offset : 0;
	return *type == 128 || *type == 129 ? offset : 0;
}

/* An offset whose bound the compiler cannot lose again: the verifier wants to see it where it is used. */
static __always_inline __u32 bounded(__u64 offset)
{
	offset &= FAR;
	asm volatile("" : "+r"(offset));
	return offset;
}

/* Whether two addresses and the protocol are those of a given probe. */
static __always_inline bool is_between_same(struct xdp_md *ctx, __u32 offset, const struct probe *probe)
{
	__u32 ip = bounded(offset);
	const __u8 *there = at(ctx, ip, sizeof(struct ipv4)), *sent;
	__u32 network = probe->network;

	if (!there || network > PROBE_BYTES - sizeof(struct ipv6))
		return false;
	if (there[0] >> 4 != probe->version)
		return false;
	sent = probe->frame + network;
	if (probe->version == 4)
		return there[9] == sent[9] && *(__u32 *)(there + 12) == *(__u32 *)(sent + 12) &&
		       *(__u32 *)(there + 16) == *(__u32 *)(sent + 16);
	there = at(ctx, ip, sizeof(struct ipv6));
	if (!there || there[6] != sent[6])
		return false;
	for (int byte = 8; byte < 40; byte += 4) {
		if (*(__u32 *)(there + byte) != *(__u32 *)(sent + byte))
			return false;
	}
	return true;
}

static __always_inline __u8 byte_of(const struct probe *probe, __u64 place)
{
	asm volatile("" : "+r"(place));
	return place < PROBE_BYTES ? probe->frame[place] : 0;
}

/* A given probe beside the frame at hand. */
struct comparison {
	struct xdp_md *ctx;
	__u32 number;
	__u32 offset;   /* of the payload in the frame at hand */
	__u32 payload;  /* and in the probe's */
	__u32 checksum; /* not compared */
	bool is_equal;
};

static long compare_byte(__u32 byte, struct comparison *both)
{
	const struct probe *probe = bpf_map_lookup_elem(&probes, &both->number);
	const __u8 *there = at(both->ctx, bounded(both->offset + byte), 1);

	both->is_equal =
		probe && there && (*there == byte_of(probe, both->payload + byte) || byte - both->checksum < 2);
	return !both->is_equal;
}

/* Whether the frame has the payload of a given probe at an offset, but for a checksum. */
static __always_inline bool has_payload(struct xdp_md *ctx, __u32 offset, const struct probe *probe, __u32 number)
{
	struct comparison both = {
		.ctx = ctx,
		.number = number,
		.offset = offset,
		.payload = probe->payload,
		.checksum = probe->checksum,
		.is_equal = true,
	};

	bpf_loop(probe->compared, compare_byte, &both, 0);
	return both.is_equal;
}

/* Whether the frame from this leg is a given probe: its bytes behind the IP header, or (ip 0) behind Ethernet. */
__noinline int judge_given(struct xdp_md *ctx, __u32 ip, __u32 offset, __u32 length, __u32 origin)
{
	struct given_key key = {.leg = origin, .length = length};
	const struct probing *common = probing_now();
	const struct given_value *first;
	__u32 number;

	if (!common || !common->given)
		return REASON_NONE;
	first = bpf_map_lookup_elem(&given_probes, &key);
	if (!first)
		return REASON_NONE;
	number = first->number;
	for (int turn = 0; turn < MAX_ALIKE_PROBES; turn++) {
		const struct probe *probe = bpf_map_lookup_elem(&probes, &number);
		const struct probe_state *state = bpf_map_lookup_elem(&probe_states, &number);

		if (!probe || !state || probe->kind != PROBE_GIVEN)
			return REASON_NONE;
		if ((!ip || is_between_same(ctx, ip, probe)) && has_payload(ctx, offset, probe, number))
			return note_answer(number, state->sent, false) ? PROBE_ANSWERED : REASON_NONE;
		number = probe->next;
		if (!number)
			return REASON_NONE;
	}
	return REASON_NONE;
}

/* The packet belongs to no service. Its addresses may be those of a quote by now: the header itself is looked at. */
__noinline int judge_given_packet(struct xdp_md *ctx, const struct packet *packet, __u32 origin)
{
	__u8 *first;
	__u32 header = sizeof(struct ipv6);

	if (!packet)
		return DROP_INTERNAL;
	first = at(ctx, packet->ip, 1);
	if (!first)
		return REASON_NONE;
	if (packet->version == 4)
		header = (*first & 0xf) << 2;
	return judge_given(ctx, packet->ip, packet->ip + header, packet->end - packet->ip - header, origin);
}

/* What is for an address of our own. */
__noinline int judge_local(struct xdp_md *ctx, const struct packet *packet, __u32 origin)
{
	__u32 offset;
	int reason = REASON_NONE;

	if (!packet)
		return DROP_INTERNAL;
	offset = mark_offset(ctx, packet);
	if (offset)
		reason = judge_mark(ctx, offset, origin);
	if (!reason)
		reason = judge_given_packet(ctx, packet, origin);
	return reason ? reason : PASSED_LOCAL;
}

/* What is neither IPv4 nor IPv6. */
__noinline int judge_not_ip(struct xdp_md *ctx, const struct interface *interface, const struct packet *packet,
			    struct path *path)
{
	struct ethernet *ethernet = at(ctx, 0, sizeof(*ethernet));
	struct path from = {};
	int reason = REASON_NONE;

	if (!interface || !packet || !path || !ethernet)
		return PASSED_NOT_IP;
	find_origin(interface, packet, ethernet->source, &from);
	ethernet = at(ctx, 0, sizeof(*ethernet));
	if (!from.origin || !ethernet || !is_for_us(interface, &from, ethernet->destination))
		return PASSED_NOT_IP;
	if (packet->type == TYPE_PROBE)
		reason = judge_mark(ctx, packet->network, from.origin);
	if (!reason)
		reason = judge_given(ctx, 0, packet->network, GIVEN_NOT_IP, from.origin);
	if (!reason)
		return PASSED_NOT_IP;
	path->origin = from.origin;
	return reason;
}

/* An answer to a handshake; REASON_NONE: of a handshake that has not come out yet, a packet like others. */
__noinline int judge_handshake(struct xdp_md *ctx, const struct packet *packet, __u32 origin)
{
	const struct probing *common = probing_now();
	const struct probe *probe;
	const struct tcp *tcp;
	__u32 number, sequence;

	if (!packet || !common)
		return DROP_INTERNAL;
	if (!packet->destination.words[3] && !packet->destination.halves[0])
		return REASON_NONE; /* nobody's address: no probes are defined */
	number = bpf_ntohs(packet->destination_port) - PROBE_PORT_BASE;
	tcp = at(ctx, packet->transport, sizeof(*tcp));
	if (!tcp || packet->carried != PROTOCOL_TCP || packet->shape & (FIRST_FRAGMENT | LATER_FRAGMENT))
		return PROBE_STRAY;
	probe = bpf_map_lookup_elem(&probes, &number);
	if (!probe || probe->kind != PROBE_HANDSHAKE)
		return PROBE_STRAY;
	if (probe->arrives_from != origin)
		return REASON_NONE;
	if (!same_address(&packet->source, (const union ip_address *)probe->address) ||
	    packet->source_port != probe->port || !(tcp->flags & TCP_ACK))
		return PROBE_STRAY;
	sequence = round_of(bpf_ntohl(tcp->acknowledged) - 1, common->cookie, number);
	if (tcp->flags & TCP_RST)
		return note_answer(number, sequence, true) ? PROBE_ANSWERED : PROBE_STRAY;
	/* Whatever it holds for a connection, it is none: also what is left of one whose reset was lost. */
	if (tcp->flags & TCP_SYN)
		note_answer(number, sequence, false);
	return answer_reset(ctx, packet);
}

#endif
