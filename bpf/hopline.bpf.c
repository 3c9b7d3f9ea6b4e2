// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A packet's way through the engine, from top to bottom; docs/design/dataplane.md is its specification.
 *
 *	parse	what it is: addresses, ports, protocol; of an ICMP error, those it quotes
 *	origin	who handed it to us, by interface, VLAN and MAC
 *	step	where it is in its service's sequence: one lookup for the usual packet
 *	member	the device that does this step now
 *	rewrite	what the step changes
 *	forward	one redirect, or a broadcast with copies
 *
 * Every stage returns why the packet's way ends there (enum reason), or REASON_NONE: go on. One exit counts it. What
 * the usual packet needs is inline; what is rare is a function of its own, which the verifier looks at just once.
 * Offsets into the frame are kept, never pointers: a call may move the frame.
 */
#include "answer.h"
#include "copies.h"
#include "btf_types.h"
#include "fragments.h"
#include "syn_retry.h"
#include "probe.h"
#include "route.h"
#include "send_probe.h"

/* Frames for groups, and ARP. */
static __always_inline enum reason answer_or_pass(struct xdp_md *ctx, const struct interface *interface,
						  const struct packet *packet, bool to_group)
{
	enum reason reason = packet->type == TYPE_ARP ? answer_arp(ctx, interface, packet)
						      : answer_solicitation(ctx, interface, packet);

	if (reason)
		return reason;
	return to_group ? PASSED_MULTICAST : PASSED_NOT_IP;
}

/* Parse and origin: what and whose it is. */
static __always_inline enum reason recognise(struct xdp_md *ctx, const struct interface *interface,
					     struct packet *packet, struct path *path)
{
	struct ethernet *ethernet = at(ctx, 0, sizeof(*ethernet));
	enum reason reason;

	/* Nobody is a group, and an answer to one would go to everybody. (The egress program's marker does look so.) */
	if (!ethernet || is_group(ethernet->source))
		return DROP_MALFORMED;
	reason = parse_ethernet(ctx, ethernet, packet);
	if (reason)
		return reason;
	if (is_group(ethernet->destination) || packet->type == TYPE_ARP)
		return answer_or_pass(ctx, interface, packet, is_group(ethernet->destination));
	reason = parse_network(ctx, packet);
	if (reason == PASSED_NOT_IP)
		return judge_not_ip(ctx, interface, packet, path);
	if (reason)
		return reason;
	find_origin(interface, packet, ethernet->source, path);
	return is_for_us(interface, path, ethernet->destination) ? REASON_NONE : PASSED_NOT_FOR_US;
}

/* What is not a whole TCP, UDP or other packet with its own ports and addresses. */
static __always_inline enum reason treat_unusual(struct xdp_md *ctx, struct packet *packet, const struct path *path)
{
	if (packet->shape & ICMP_ERROR)
		return turn_to_quote(ctx, packet);
	return packet->shape & (FIRST_FRAGMENT | LATER_FRAGMENT) ? treat_fragment(packet, path) : REASON_NONE;
}

/* Step: where it is in its service's sequence. */
static __always_inline enum reason locate(struct xdp_md *ctx, const struct interface *interface, struct packet *packet,
					  struct path *path, struct slot **slot)
{
	enum reason reason;

	if (packet->shape & SOLICITATION) {
		reason = answer_solicitation(ctx, interface, packet);
		if (reason) {
			path->origin = 0;
			return reason;
		}
	}
	if (is_local(interface, packet))
		return judge_local(ctx, packet, path->origin);
	if (is_for_prober(packet)) {
		reason = judge_handshake(ctx, packet, path->origin);
		if (reason)
			return reason;
	}
	reason = treat_unusual(ctx, packet, path);
	if (reason)
		return reason;
	*slot = find_step(packet, path);
	if (!*slot) {
		reason = judge_given_packet(ctx, packet, path->origin);
		if (!reason)
			reason = judge_stranger(packet);
		/* An interface's entry has its first addresses only; the others are known as what nobody's steps are
		 * for. */
		return reason == PASSED_LOCAL ? judge_local(ctx, packet, path->origin) : reason;
	}
	if (packet->shape & MISPLACED_QUOTE && !is_source_own(path->direction))
		return refuse_misplaced_quote(ctx, packet);
	return REASON_NONE;
}

/* Member: the way to the device that does this step, and what changes on it. */
static __always_inline enum reason find_next_hop(struct xdp_md *ctx, const struct packet *packet, struct path *path,
						 const struct slot *slot, struct leg **leg, struct next_hop *hop,
						 struct change *change)
{
	enum reason reason;

	if (slot->flags & SLOT_ROUTE) {
		reason = plan_change(slot, NULL, change);
		return reason ? reason : (enum reason)find_route(ctx, packet, change, hop);
	}
	reason = choose_leg(slot, leg, &path->target);
	if (reason)
		return reason;
	copy_leg(hop, *leg, path->target);
	return hop->flags & LEG_RESOLVED ? plan_change(slot, *leg, change) : DROP_LEG_UNRESOLVED;
}

/* Rewrite and forward. */
static __always_inline enum reason send(struct xdp_md *ctx, const struct packet *packet, struct path *path,
					const struct slot *slot, const struct next_hop *hop,
					const struct change *change)
{
	void *group = slot->flags & SLOT_COPY ? group_of(slot, hop) : NULL;
	enum reason reason;

	/* Taps see the service: on the way back that is the packet rewritten. */
	if (change->flags && (!group || slot->direction == RETURN))
		rewrite(ctx, packet, change);
	if (group) {
		path->copyset = slot->copyset;
		return broadcast(ctx, group, path->slot, hop->leg);
	}
	reason = write_ethernet(ctx, packet, hop);
	if (reason)
		return reason;
	return bpf_redirect_map(&transmit, hop->transmit, 0) == XDP_REDIRECT ? FORWARDED : DROP_REDIRECT_FAILED;
}

static __always_inline enum reason hand_on(struct xdp_md *ctx, const struct packet *packet, struct path *path,
					   struct slot *slot)
{
	struct leg *leg = NULL;
	struct change change = {};
	struct next_hop hop = {};
	enum reason reason;

	if (path->is_device)
		count_received(path->origin);
	reason = find_next_hop(ctx, packet, path, slot, &leg, &hop, &change);
	if (reason)
		return reason;
	if (is_too_big(packet, &hop))
		return answer_too_big(ctx, packet, room_of(&hop));
	if (packet->shape & OPENING && (path->direction == FORWARD || path->direction == OUTWARD))
		note_opening(ctx, packet, path->slot, path->target);
	reason = send(ctx, packet, path, slot, &hop, &change);
	if (reason != FORWARDED && reason != COPIED)
		return reason;
	path->ifindex = hop.ifindex;
	count_slot(slot, packet->length);
	if (leg)
		count_leg(leg, packet->length);
	return reason;
}

SEC("xdp")
int hopline(struct xdp_md *ctx)
{
	struct interface *interface = interface_of(ctx->ingress_ifindex);
	struct packet packet = {};
	struct path path = {};
	struct slot *slot = NULL;
	enum reason reason;

	if (!interface)
		return ctx->ingress_ifindex == LOOPBACK ? emit_probe(ctx) : XDP_PASS;

	reason = recognise(ctx, interface, &packet, &path);
	if (!reason)
		reason = locate(ctx, interface, &packet, &path, &slot);
	if (!reason && slot)
		reason = hand_on(ctx, &packet, &path, slot);
	if (action_of(reason) == XDP_TX)
		path.ifindex = ctx->ingress_ifindex;
	count_verdict(interface, reason);
	write_trace(ctx, &path, reason);
	/* A veth whose peer has no XDP program of its own leaves XDP_TX frames lying; redirected ones wake it. */
	if (action_of(reason) == XDP_TX)
		return bpf_redirect_map(&transmit, interface->number, XDP_TX);
	return action_of(reason);
}

SEC("xdp/devmap")
int hopline_egress(struct xdp_md *ctx)
{
	struct marker *marked = at(ctx, 0, sizeof(struct ethernet)), marker;
	struct interface *interface;
	enum reason reason;

	if (!marked || !(marked->group & 1))
		return XDP_PASS;
	marker = *marked;
	interface = interface_of(ctx->egress_ifindex);
	if (!interface)
		return XDP_DROP;
	reason = address_copy(ctx, interface, &marker);
	if (!reason)
		return XDP_PASS;
	count_verdict(interface, reason);
	return XDP_DROP;
}

/* Under TEST_RUN only, as often as probes are due. */
SEC("tc")
int hopline_probe(struct __sk_buff *skb)
{
	__u32 first = 0;
	struct probing *common = bpf_map_lookup_elem(&probing, &first);

	if (common)
		send_probe(skb, common);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
