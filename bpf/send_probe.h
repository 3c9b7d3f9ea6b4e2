/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Probes on their way out: TEST_RUN, repeated as often as there are probes due, sends one each time. In two ways: the
 * program `hopline_probe` sends skbs, `hopline` itself live frames where TEST_RUN gives it some. It is attached
 * already: a program of its own would be made known to the kernel anew with every call, which waits for all CPUs.
 */
#ifndef HOPLINE_SEND_PROBE_H
#define HOPLINE_SEND_PROBE_H

#include "probe.h"

/* Its number in every network namespace. No frame comes from there but those that TEST_RUN makes. */
#define LOOPBACK 1

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

/* What a probe's frame has to say of its round, so that what comes back tells which it was. */
static __always_inline bool begin_round(__u32 number, const struct probe **probe, struct probe_state **state,
					__u32 *round)
{
	*probe = bpf_map_lookup_elem(&probes, &number);
	*state = bpf_map_lookup_elem(&probe_states, &number);
	if (!number || !*probe || !*state || !(*probe)->ifindex)
		return false;
	*round = (*state)->sent + 1;
	if (!*round)
		*round = 1;
	/* Before it leaves: the answer may be here before the next line. */
	*(volatile __u64 *)&(*state)->sent_at = bpf_ktime_get_ns();
	*(volatile __u32 *)&(*state)->sent = *round;
	return true;
}

/* As skbs: every NIC takes them. */

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
	__u32 number = next_probe(common), round;
	const struct probe *probe;
	struct probe_state *state;

	if (!begin_round(number, &probe, &state, &round))
		return;
	if (make_frame(skb, probe)) {
		store_round(skb, probe, number, round, common->cookie);
		if (!bpf_clone_redirect(skb, probe->ifindex, 0))
			return;
	}
	state->unsent += 1;
}

/* As live frames of XDP: no skb, no copy; for NICs that packets may be redirected to. */

static __always_inline void write_round(struct xdp_md *ctx, const struct probe *probe, __u32 number, __u32 round,
					__u32 cookie)
{
	__u32 mark[] = {round, ~round}; /* sequence, complement */
	struct tcp *tcp;
	__be32 new;

	if (probe->kind == PROBE_MARKED) {
		bpf_xdp_store_bytes(ctx, probe->offset + offsetof(struct probe_mark, sequence), mark, sizeof(mark));
		return;
	}
	if (probe->kind != PROBE_HANDSHAKE)
		return;
	tcp = at(ctx, bounded(probe->offset), sizeof(*tcp));
	if (!tcp)
		return;
	new = bpf_htonl(sequence_of(round, cookie, number));
	update_checksum(&tcp->checksum, difference(tcp->sequence, new), false);
	tcp->sequence = new;
}

static __always_inline bool write_frame(struct xdp_md *ctx, const struct probe *probe)
{
	__u64 length = probe->length, blank = ctx->data_end - ctx->data;

	asm volatile("" : "+r"(length));
	asm volatile("" : "+r"(blank)); /* not to become arithmetic with the pointers themselves */
	if (length < sizeof(struct ethernet) || length > PROBE_BYTES)
		return false;
	if (bpf_xdp_adjust_tail(ctx, (int)length - (int)blank))
		return false;
	return !bpf_xdp_store_bytes(ctx, 0, (void *)probe->frame, length);
}

/* Under TEST_RUN with live frames: the frame at hand becomes the next probe. */
__noinline int emit_probe(struct xdp_md *ctx)
{
	__u32 first = 0, number, round;
	struct probing *common = bpf_map_lookup_elem(&probing, &first);
	struct interface *interface;
	const struct probe *probe;
	struct probe_state *state;

	if (!common)
		return XDP_PASS;
	number = next_probe(common);
	if (!number)
		return XDP_PASS; /* none is due: some other frame, not ours */
	if (!begin_round(number, &probe, &state, &round))
		return XDP_DROP;
	interface = interface_of(probe->ifindex);
	if (!interface || !write_frame(ctx, probe)) {
		state->unsent += 1;
		return XDP_DROP;
	}
	write_round(ctx, probe, number, round, common->cookie);
	return bpf_redirect_map(&transmit, interface->number, XDP_DROP);
}

#endif
