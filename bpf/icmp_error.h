/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ICMP errors: they count as the packet they quote, turned round. */
#ifndef HOPLINE_ICMP_ERROR_H
#define HOPLINE_ICMP_ERROR_H

#include "known.h"
#include "parse.h"

/* The quoted addresses; where what carries begins, and what that is. REASON_NONE, or the quote does not show them. */
static __always_inline enum reason quoted_header(struct xdp_md *ctx, struct packet *packet, struct chain *chain,
						 union ip_address *source, union ip_address *destination)
{
	__u32 ip = packet->transport + sizeof(struct icmp);

	if (packet->version == 4) {
		struct ipv4 *ipv4 = at(ctx, ip, sizeof(*ipv4));
		__u32 header;

		if (!ipv4 || ipv4->version_and_words >> 4 != 4)
			return DROP_MALFORMED;
		header = (ipv4->version_and_words & 0xf) << 2;
		if (header < sizeof(*ipv4) || ip + header > packet->end)
			return DROP_MALFORMED;
		set_ipv4(source, ipv4->source);
		set_ipv4(destination, ipv4->destination);
		chain->offset = ip + header;
		chain->protocol = ipv4->protocol;
		if (ipv4->fragment & FRAGMENT_OFFSET)
			chain->shape = LATER_FRAGMENT;
	} else {
		struct ipv6 *ipv6 = at(ctx, ip, sizeof(*ipv6));

		if (!ipv6 || *(__u8 *)ipv6 >> 4 != 6 || ip + sizeof(*ipv6) > packet->end)
			return DROP_MALFORMED;
		set_ipv6(source, ipv6->source);
		set_ipv6(destination, ipv6->destination);
		if (is_ipv4_mapped(source) || is_ipv4_mapped(destination))
			return DROP_MALFORMED;
		chain->offset = ip + sizeof(*ipv6);
		chain->protocol = ipv6->next;
	}
	packet->quoted_ip = ip;
	return REASON_NONE;
}

/* What the quoted packet carries. REASON_NONE, or not enough of it to find a step by. */
static __always_inline enum reason quoted_carried(struct xdp_md *ctx, struct packet *packet, struct chain *chain)
{
	struct tag *ports;

	if (packet->version == 6 && follow_chain(ctx, chain, packet->end))
		return DROP_MALFORMED;
	if (chain->shape & LATER_FRAGMENT)
		return REASON_NONE;
	if (!has_ports(chain->protocol) && !is_icmp(packet->version, chain->protocol)) {
		packet->quoted_transport = chain->offset;
		return REASON_NONE;
	}
	if (!has_ports(chain->protocol)) {
		__u8 *type = at(ctx, chain->offset, 1);

		if (!type || chain->offset >= packet->end || is_error_type(packet->version, *type))
			return DROP_MALFORMED;
		packet->quoted_transport = chain->offset;
		return REASON_NONE;
	}
	ports = at(ctx, chain->offset, sizeof(*ports));
	if (!ports || chain->offset + sizeof(*ports) > packet->end)
		return DROP_MALFORMED;
	packet->quoted_transport = chain->offset;
	packet->destination_port = ports->control;
	packet->source_port = ports->type;
	return REASON_NONE;
}

/* An error whose quote cannot be believed. */
static __always_inline enum reason refuse_quote(const union ip_address *outer_source,
						const union ip_address *outer_destination, const struct packet *packet)
{
	__u32 known = known_flags(outer_source) | known_flags(outer_destination);

	if (packet->quoted_ip)
		known |= known_flags(&packet->source) | known_flags(&packet->destination);
	return known & (KNOWN_SERVICE | KNOWN_DEVICE) ? DROP_MALFORMED : PASSED_NO_SERVICE;
}

/* Makes an ICMP error look like what it quotes. */
__noinline int turn_to_quote(struct xdp_md *ctx, struct packet *packet)
{
	union ip_address source, destination, quoted_source, quoted_destination;
	struct chain chain = {};
	enum reason reason;

	if (!packet)
		return DROP_INTERNAL;
	source = packet->source;
	destination = packet->destination;
	reason = quoted_header(ctx, packet, &chain, &quoted_source, &quoted_destination);
	if (!reason) {
		packet->source = quoted_destination;
		packet->destination = quoted_source;
		if (!same_address(&destination, &quoted_source))
			packet->shape |= MISPLACED_QUOTE;
		reason = quoted_carried(ctx, packet, &chain);
	}
	if (reason)
		return refuse_quote(&source, &destination, packet);
	packet->protocol = chain.protocol;
	return REASON_NONE;
}

/* Reads the packet's own addresses, which those of its quote have replaced. */
static __always_inline bool outer_addresses(struct xdp_md *ctx, const struct packet *packet, union ip_address *source,
					    union ip_address *destination)
{
	if (packet->version == 4) {
		struct ipv4 *ipv4 = at(ctx, packet->ip, sizeof(*ipv4));

		if (!ipv4)
			return false;
		set_ipv4(source, ipv4->source);
		set_ipv4(destination, ipv4->destination);
	} else {
		struct ipv6 *ipv6 = at(ctx, packet->ip, sizeof(*ipv6));

		if (!ipv6)
			return false;
		set_ipv6(source, ipv6->source);
		set_ipv6(destination, ipv6->destination);
	}
	return true;
}

/* An error that quotes a packet of somebody else than its receiver, found out when its step was known. */
__noinline int refuse_misplaced_quote(struct xdp_md *ctx, const struct packet *packet)
{
	union ip_address source, destination;

	if (!packet || !outer_addresses(ctx, packet, &source, &destination))
		return DROP_INTERNAL;
	return refuse_quote(&source, &destination, packet);
}

#endif
