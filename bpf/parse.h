/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From bytes to struct packet. Each function returns a verdict, or REASON_NONE: go on. Ports and types stay in wire
 * order. */
#ifndef HOPLINE_PARSE_H
#define HOPLINE_PARSE_H

#include "extensions.h"

#define MAX_LABELS 8

static __always_inline bool is_tag(__be16 type)
{
	return type == TYPE_VLAN || type == TYPE_SERVICE_VLAN;
}

static __always_inline enum reason parse_ethernet(struct xdp_md *ctx, const struct ethernet *ethernet,
						  struct packet *packet)
{
	__u32 offset = sizeof(*ethernet);

	packet->length = ctx->data_end - ctx->data;
	packet->type = ethernet->type;
#pragma unroll
	for (int place = 0; place < 2; place++) {
		struct tag *tag;

		if (!is_tag(packet->type))
			break;
		tag = at(ctx, offset, sizeof(*tag));
		if (!tag)
			return DROP_MALFORMED;
		packet->vlan[place] = bpf_ntohs(tag->control) & 0xfff;
		packet->type = tag->type;
		packet->tags++;
		offset += sizeof(*tag);
	}
	packet->network = offset;
	packet->ip = offset;
	return is_tag(packet->type) ? DROP_TOO_MANY_HEADERS : REASON_NONE;
}

/* Labels are stepped over; the first nibble behind them says what they carry. */
__noinline int parse_labels(struct xdp_md *ctx, struct packet *packet)
{
	__u32 offset;

	if (!packet)
		return DROP_INTERNAL;
	offset = packet->network;
	for (int count = 0; count <= MAX_LABELS; count++) {
		__u8 *label;

		if (count == MAX_LABELS)
			return DROP_TOO_MANY_HEADERS;
		label = at(ctx, offset, 4);
		if (!label)
			return DROP_MALFORMED;
		offset += 4;
		if (label[2] & 1)
			break;
	}
	packet->ip = offset;
	__u8 *first = at(ctx, offset, 1);
	if (!first)
		return DROP_MALFORMED;
	packet->version = *first >> 4;
	return packet->version == 4 || packet->version == 6 ? REASON_NONE : PASSED_NOT_IP;
}

static __always_inline bool is_error_type(__u8 version, __u8 type)
{
	if (version == 6)
		return type >= 1 && type <= 4;
	return type == 3 || type == 4 || type == 11 || type == 12;
}

static __always_inline bool is_icmp(__u8 version, __u8 protocol)
{
	return protocol == (version == 6 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP);
}

static __always_inline enum reason parse_icmp(struct xdp_md *ctx, struct packet *packet, __u32 room)
{
	struct icmp *icmp = at(ctx, packet->transport, sizeof(*icmp));

	if (!icmp || room < sizeof(*icmp))
		return DROP_MALFORMED;
	if (is_error_type(packet->version, icmp->type))
		packet->shape |= ICMP_ERROR;
	if (packet->version == 6 && icmp->type == 135)
		packet->shape |= SOLICITATION;
	return REASON_NONE;
}

/* What IP carries, from packet->transport on. */
static __always_inline enum reason parse_carried(struct xdp_md *ctx, struct packet *packet)
{
	__u32 room = packet->end - packet->transport;
	struct tag *ports; /* two 16-bit words */
	__u8 *bytes;

	if (packet->shape & LATER_FRAGMENT)
		return REASON_NONE;
	if (packet->carried == PROTOCOL_TCP) {
		bytes = at(ctx, packet->transport, 20);
		if (!bytes || room < 20)
			return DROP_MALFORMED;
		__u32 length = bytes[12] >> 4 << 2;
		if (length < 20 || length > room)
			return DROP_MALFORMED;
		if ((bytes[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN)
			packet->shape |= OPENING;
	} else if (packet->carried == PROTOCOL_UDP) {
		bytes = at(ctx, packet->transport, 8);
		if (!bytes || room < 8)
			return DROP_MALFORMED;
		__u32 length = bpf_ntohs(*(__be16 *)(bytes + 4));
		if (length < 8 || (length > room && !(packet->shape & FIRST_FRAGMENT)))
			return DROP_MALFORMED;
	} else {
		return is_icmp(packet->version, packet->carried) ? parse_icmp(ctx, packet, room) : REASON_NONE;
	}
	ports = (struct tag *)bytes;
	packet->source_port = ports->control;
	packet->destination_port = ports->type;
	return REASON_NONE;
}

static __always_inline enum reason parse_ipv4(struct xdp_md *ctx, struct packet *packet)
{
	struct ipv4 *ipv4 = at(ctx, packet->ip, sizeof(*ipv4));
	__u32 header, length, room = packet->length - packet->ip;

	if (!ipv4)
		return DROP_MALFORMED;
	header = (ipv4->version_and_words & 0xf) << 2;
	length = bpf_ntohs(ipv4->length);
	if (ipv4->version_and_words >> 4 != 4 || header < sizeof(*ipv4) || length < header || length > room)
		return DROP_MALFORMED;
	set_ipv4(&packet->source, ipv4->source);
	set_ipv4(&packet->destination, ipv4->destination);
	packet->version = 4;
	packet->protocol = packet->carried = ipv4->protocol;
	packet->transport = packet->ip + header;
	packet->end = packet->ip + length;
	packet->fragment_id = ipv4->id;
	if (!(ipv4->fragment & DO_NOT_FRAGMENT))
		packet->shape |= MAY_FRAGMENT;
	if (ipv4->fragment & FRAGMENT_OFFSET)
		packet->shape |= LATER_FRAGMENT;
	else if (ipv4->fragment & MORE_FRAGMENTS)
		packet->shape |= FIRST_FRAGMENT;
	return parse_carried(ctx, packet);
}

__noinline int parse_ipv6(struct xdp_md *ctx, struct packet *packet)
{
	struct ipv6 *ipv6;
	struct chain chain = {};
	__u32 length;

	if (!packet)
		return DROP_INTERNAL;
	ipv6 = at(ctx, packet->ip, sizeof(*ipv6));
	if (!ipv6)
		return DROP_MALFORMED;
	length = bpf_ntohs(ipv6->length);
	if (*(__u8 *)ipv6 >> 4 != 6 || length > packet->length - packet->ip - sizeof(*ipv6))
		return DROP_MALFORMED;
	set_ipv6(&packet->source, ipv6->source);
	set_ipv6(&packet->destination, ipv6->destination);
	if (is_ipv4_mapped(&packet->source) || is_ipv4_mapped(&packet->destination))
		return DROP_MALFORMED;
	packet->version = 6;
	packet->end = packet->ip + sizeof(*ipv6) + length;
	chain.offset = packet->ip + sizeof(*ipv6);
	chain.protocol = ipv6->next;
	if (is_extension(chain.protocol)) {
		int reason = follow_chain(ctx, &chain, packet->end);

		if (reason)
			return reason;
	}
	packet->transport = chain.offset;
	packet->protocol = packet->carried = chain.protocol;
	packet->fragment_id = chain.fragment_id;
	packet->shape |= chain.shape;
	return parse_carried(ctx, packet);
}

/* Labels, IP, and what IP carries. */
static __always_inline enum reason parse_network(struct xdp_md *ctx, struct packet *packet)
{
	if (packet->type == TYPE_IPV4)
		packet->version = 4;
	else if (packet->type == TYPE_IPV6)
		packet->version = 6;
	else if (packet->type != TYPE_MPLS && packet->type != TYPE_MPLS_MULTICAST)
		return PASSED_NOT_IP;
	else {
		enum reason reason = parse_labels(ctx, packet);

		if (reason)
			return reason;
	}
	return packet->version == 4 ? parse_ipv4(ctx, packet) : (enum reason)parse_ipv6(ctx, packet);
}

#endif
