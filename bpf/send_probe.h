/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Probes on their way out: TEST_RUN, repeated as often as there are probes due, sends one each time. */
#ifndef HOPLINE_SEND_PROBE_H
#define HOPLINE_SEND_PROBE_H

#include "probe_sequence.h"

/* The next of `probe_queue`, 0: none is left. */
static __always_inline __u32 next_probe(struct probing *common)
{
	__u32 turn = common->done;
	struct probe_turn *entry;

	if (turn >= common->due)
		return 0;
	common->done = turn + 1;
	entry = bpf_map_lookup_elem(&probe_queue, &turn);
	return entry ? entry->number : 0;
}

/* Puts the round into the frame, so that what comes back tells which it was. */
static __always_inline void store_round(struct __sk_buff *skb, const struct probe *probe, __u32 number, __u32 round,
					__u32 cookie)
{
	__u32 place = probe->offset + offsetof(struct tcp, sequence);
	__be32 old = 0, new = bpf_htonl(sequence_of(round, cookie, number));
	__u32 mark[] = {round, ~round}; /* sequence, complement */

	if (probe->kind == PROBE_MARKED) {
		place = probe->offset + offsetof(struct probe_mark, sequence);
		bpf_skb_store_bytes(skb, place, mark, sizeof(mark), 0);
	} else if (probe->kind == PROBE_HANDSHAKE && !bpf_skb_load_bytes(skb, place, &old, sizeof(old))) {
		bpf_skb_store_bytes(skb, place, &new, sizeof(new), 0);
		bpf_l4_csum_replace(skb, probe->offset + offsetof(struct tcp, checksum), old, new, sizeof(new));
	}
}

static __always_inline bool make_frame(struct __sk_buff *skb, const struct probe *probe)
{
	__u64 length = probe->length;

	asm volatile("" : "+r"(length)); /* both bounds are of the register that is used */
	if (length < sizeof(struct ethernet) || length > PROBE_BYTES)
		return false;
	/* Most frames are as long as the one before. */
	if (skb->len != length && bpf_skb_change_tail(skb, length, 0))
		return false;
	return !bpf_skb_store_bytes(skb, 0, probe->frame, length, 0);
}

static __always_inline void send_probe(struct __sk_buff *skb, struct probing *common)
{
	__u32 number = next_probe(common);
	const struct probe *probe = bpf_map_lookup_elem(&probes, &number);
	struct probe_state *state = bpf_map_lookup_elem(&probe_states, &number);
	__u32 round;

	if (!number || !probe || !state || !probe->ifindex)
		return;
	round = state->sent + 1;
	if (!round)
		round = 1;
	/* Before it leaves: the answer may be here before the next line. */
	*(volatile __u64 *)&state->sent_at = bpf_ktime_get_ns();
	*(volatile __u32 *)&state->sent = round;
	if (make_frame(skb, probe)) {
		store_round(skb, probe, number, round, common->cookie);
		if (!bpf_clone_redirect(skb, probe->ifindex, 0))
			return;
	}
	state->unsent += 1;
}

#endif
