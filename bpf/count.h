/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters, a copy per CPU, and the trace of a packet for TEST_RUN. */
#ifndef HOPLINE_COUNT_H
#define HOPLINE_COUNT_H

#include "origin.h"

static __always_inline void count_verdict(const struct interface *interface, enum reason reason)
{
	__u32 place = (bpf_get_smp_processor_id() * MAX_INTERFACES + interface->number) * MAX_REASONS +
		      (reason % MAX_REASONS);
	__u64 *counter = bpf_map_lookup_elem(&verdicts, &place);

	if (counter)
		*counter += 1;
}

static __always_inline void count_slot(struct slot *slot, __u32 length)
{
	slot->packets += 1;
	slot->bytes += length;
}

static __always_inline void count_leg(struct leg *leg, __u32 length)
{
	leg->packets += 1;
	leg->bytes += length;
}

/* A frame from a device that hit a step. */
static __always_inline void count_received(__u32 number)
{
	struct leg *leg = leg_at(number);

	if (leg)
		leg->received += 1;
}

/* Frames from NICs have no metadata: one comparison for them. */
static __always_inline void write_trace(struct xdp_md *ctx, const struct path *path, enum reason reason)
{
	struct trace *trace = FRAME_END(ctx, data_meta);

	if ((void *)(trace + 1) > FRAME_END(ctx, data) || trace->magic != TRACE_MAGIC)
		return;
	trace->origin = path->origin;
	trace->slot = path->slot;
	trace->target = path->target;
	trace->copyset = path->copyset;
	trace->reason = reason;
	trace->direction = path->direction;
	trace->exactness = path->exactness;
	trace->ifindex = path->ifindex;
	trace->reserved = 0;
}

static __always_inline int action_of(enum reason reason)
{
	if (reason == FORWARDED || reason == COPIED)
		return XDP_REDIRECT;
	if (reason < PASSED_NOT_IP)
		return XDP_TX;
	return reason < DROP_MALFORMED ? XDP_PASS : XDP_DROP;
}

#endif
