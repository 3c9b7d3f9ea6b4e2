/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way the kernel would take: clients that are behind no gateway of their own. */
#ifndef HOPLINE_ROUTE_H
#define HOPLINE_ROUTE_H

#include "member.h"

#define FAMILY_IPV4 2
#define FAMILY_IPV6 10

/* The addresses the packet will have when it leaves. */
static __always_inline bool final_addresses(struct xdp_md *ctx, const struct packet *packet,
					    const struct change *change, union ip_address *source,
					    union ip_address *destination)
{
	union ip_address *own = is_source_own(change->direction) ? source : destination;

	if (!outer_addresses(ctx, packet, source, destination))
		return false;
	if (change->flags & SLOT_ADDRESS &&
	    (!(packet->shape & ICMP_ERROR) || same_address(own, own_address(packet, change->direction))))
		*own = change->address;
	return true;
}

static __always_inline void ask_for_neighbour(const struct bpf_fib_lookup *route)
{
	struct wanted neighbour = {.ifindex = route->ifindex, .family = route->family};

	__builtin_memcpy(neighbour.address, route->ipv6_dst, sizeof(neighbour.address));
	if (route->family == FAMILY_IPV4)
		set_ipv4((union ip_address *)neighbour.address, route->ipv4_dst);
	bpf_ringbuf_output(&wanted, &neighbour, sizeof(neighbour), 0);
}

__noinline int find_route(struct xdp_md *ctx, const struct packet *packet, const struct change *change,
			  struct next_hop *hop)
{
	struct bpf_fib_lookup route = {};
	union ip_address source, destination;
	struct interface *interface;
	long result;

	if (!packet || !change || !hop || !final_addresses(ctx, packet, change, &source, &destination))
		return DROP_INTERNAL;
	route.ifindex = ctx->ingress_ifindex;
	if (packet->version == 4) {
		route.family = FAMILY_IPV4;
		route.ipv4_src = source.words[3];
		route.ipv4_dst = destination.words[3];
	} else {
		route.family = FAMILY_IPV6;
		__builtin_memcpy(route.ipv6_src, &source, sizeof(route.ipv6_src));
		__builtin_memcpy(route.ipv6_dst, &destination, sizeof(route.ipv6_dst));
	}
	result = bpf_fib_lookup(ctx, &route, sizeof(route), 0);
	if (result == BPF_FIB_LKUP_RET_NO_NEIGH) {
		ask_for_neighbour(&route);
		return DROP_NO_NEIGHBOUR;
	}
	if (result != BPF_FIB_LKUP_RET_SUCCESS)
		return DROP_NO_ROUTE;
	interface = interface_of(route.ifindex);
	if (!interface)
		return DROP_NOT_ATTACHED;
	copy_mac(hop->mac, route.dmac);
	copy_mac(hop->source_mac, interface->mac);
	hop->flags = LEG_RESOLVED;
	hop->mtu = interface->mtu;
	hop->transmit = interface->number;
	hop->vlan[0] = hop->vlan[1] = 0;
	hop->ifindex = route.ifindex;
	hop->leg = 0;
	return REASON_NONE;
}

#endif
