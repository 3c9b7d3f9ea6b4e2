/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a step changes from the IP header on: own address, own port, and the checksums over them. Nothing else. */
#ifndef HOPLINE_REWRITE_H
#define HOPLINE_REWRITE_H

#include "checksum.h"
#include "icmp_error.h"
#include "step.h"

struct change {
	union ip_address address; /* the new one */
	__be16 port;
	__u8 direction;
	__u8 flags; /* SLOT_ADDRESS, SLOT_PORT */
	__u32 reserved;
};

/* The address the packet's step was found by. */
static __always_inline const union ip_address *own_address(const struct packet *packet, __u8 direction)
{
	return is_source_own(direction) ? &packet->source : &packet->destination;
}

static __always_inline __u64 replace_word(__u32 *word, __u32 new)
{
	__u64 change = difference(*word, new);

	*word = new;
	return change;
}

/* Overwrites source or destination of the IP header at an offset; the difference, 0: there is no such header. */
static __always_inline __u64 replace_address(struct xdp_md *ctx, __u8 version, __u32 ip, bool is_source,
					     const union ip_address *address)
{
	__u64 change = 0;

	if (version == 4) {
		struct ipv4 *ipv4 = at(ctx, ip, sizeof(*ipv4));

		return ipv4 ? replace_word(is_source ? &ipv4->source : &ipv4->destination, address->words[3]) : 0;
	}
	struct ipv6 *ipv6 = at(ctx, ip, sizeof(*ipv6));
	if (!ipv6)
		return 0;
	__u32 *words = is_source ? ipv6->source : ipv6->destination;
#pragma unroll
	for (int i = 0; i < 4; i++)
		change += replace_word(&words[i], address->words[i]);
	return change;
}

static __always_inline __u64 replace_port(struct xdp_md *ctx, __u32 transport, bool is_source, __be16 port)
{
	__be16 *place = at(ctx, transport + (is_source ? 0 : 2), sizeof(*place));
	__u64 change;

	if (!place)
		return 0;
	change = difference16(*place, port);
	*place = port;
	return change;
}

/* The IPv4 header's own checksum; the difference it makes itself. */
static __always_inline __u64 update_header(struct xdp_md *ctx, __u8 version, __u32 ip, __u64 change)
{
	struct ipv4 *ipv4 = version == 4 ? at(ctx, ip, sizeof(*ipv4)) : NULL;

	return ipv4 ? update_checksum(&ipv4->checksum, change, false) : 0;
}

static __always_inline __u64 update_transport(struct xdp_md *ctx, const struct packet *packet, __u32 transport,
					      __u8 protocol, __u64 change)
{
	int offset = checksum_offset(packet->version, protocol);
	__u16 *checksum;

	if (!change || offset < 0 || transport + offset + 2 > packet->end)
		return 0;
	checksum = at(ctx, transport + offset, sizeof(*checksum));
	return checksum ? update_checksum(checksum, change, protocol == PROTOCOL_UDP) : 0;
}

static __always_inline void rewrite_packet(struct xdp_md *ctx, const struct packet *packet, const struct change *change)
{
	bool is_source = is_source_own(change->direction);
	bool is_later = packet->shape & LATER_FRAGMENT;
	__u64 sum = 0;

	if (change->flags & SLOT_ADDRESS) {
		sum = replace_address(ctx, packet->version, packet->ip, is_source, &change->address);
		update_header(ctx, packet->version, packet->ip, sum);
	}
	if (is_later)
		return;
	if (change->flags & SLOT_PORT && has_ports(packet->carried))
		sum += replace_port(ctx, packet->transport, is_source, change->port);
	update_transport(ctx, packet, packet->transport, packet->carried, sum);
}

/* In an ICMP error the quoted packet is turned round: its source is on the side of the error's destination. */
static __always_inline void rewrite_error(struct xdp_md *ctx, const struct packet *packet, const struct change *change)
{
	bool is_source = is_source_own(change->direction);
	union ip_address source, destination;
	__u64 quoted = 0, inside;

	if (!outer_addresses(ctx, packet, &source, &destination))
		return;
	if (change->flags & SLOT_ADDRESS)
		quoted = replace_address(ctx, packet->version, packet->quoted_ip, !is_source, &change->address);
	inside = quoted;
	if (quoted)
		inside += update_header(ctx, packet->version, packet->quoted_ip, quoted);
	if (packet->quoted_transport) {
		if (change->flags & SLOT_PORT && has_ports(packet->protocol)) {
			__u64 port = replace_port(ctx, packet->quoted_transport, !is_source, change->port);

			quoted += port;
			inside += port;
		}
		inside += update_transport(ctx, packet, packet->quoted_transport, packet->protocol, quoted);
	}
	if (change->flags & SLOT_ADDRESS &&
	    same_address(is_source ? &source : &destination, own_address(packet, change->direction))) {
		__u64 outer = replace_address(ctx, packet->version, packet->ip, is_source, &change->address);

		if (packet->version == 4)
			update_header(ctx, 4, packet->ip, outer);
		else
			inside += outer;
	}
	struct icmp *icmp = at(ctx, packet->transport, sizeof(*icmp));
	if (icmp && inside)
		update_checksum(&icmp->checksum, inside, false);
}

__noinline int rewrite(struct xdp_md *ctx, const struct packet *packet, const struct change *change)
{
	if (!packet || !change)
		return DROP_INTERNAL;
	if (packet->shape & ICMP_ERROR)
		rewrite_error(ctx, packet, change);
	else
		rewrite_packet(ctx, packet, change);
	return REASON_NONE;
}

#endif
