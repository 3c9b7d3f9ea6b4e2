/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames larger than the next device's MTU: the redirect would lose them silently, so the sender is told. */
#ifndef HOPLINE_TOO_BIG_H
#define HOPLINE_TOO_BIG_H

#include "address.h"

#define MAX_ANSWER_IPV4 576
#define MAX_ANSWER_IPV6 1280
#define LINK_BYTES      22 /* Ethernet and two tags */

/* Bytes behind Ethernet and tags that fit: the kernel allows a redirected frame MTU + 18. */
static __always_inline int room_of(const struct next_hop *hop)
{
	return hop->mtu - (tags_of(hop) == 2 ? 4 : 0);
}

static __always_inline bool is_too_big(const struct packet *packet, const struct next_hop *hop)
{
	return (int)(packet->length - packet->network) > room_of(hop);
}

static __always_inline bool may_be_told(const struct packet *packet)
{
	if (packet->shape & (LATER_FRAGMENT | ICMP_ERROR) || packet->ip != packet->network)
		return false;
	return packet->version == 6 || !(packet->shape & MAY_FRAGMENT);
}

static __always_inline void turn_link(__u8 *link, const __u8 *old)
{
	__builtin_memcpy(link, old, LINK_BYTES);
	copy_mac(link, old + 6);
	copy_mac(link + 6, old);
}

static __always_inline bool write_too_big_ipv4(struct xdp_md *ctx, const struct packet *packet, __u32 quoted, int mtu)
{
	struct ipv4 *ipv4 = at(ctx, packet->network, sizeof(*ipv4) + sizeof(struct icmp));
	struct icmp *icmp;
	__u64 sum = 0;

	if (!ipv4)
		return false;
	*ipv4 = (struct ipv4){
		.version_and_words = 0x45,
		.length = bpf_htons(sizeof(*ipv4) + sizeof(*icmp) + quoted),
		.ttl = 64,
		.protocol = PROTOCOL_ICMP,
		.source = packet->destination.words[3],
		.destination = packet->source.words[3],
	};
	for (__u32 word = 0; word < sizeof(*ipv4) / 2; word++)
		sum += ((__u16 *)ipv4)[word];
	ipv4->checksum = ~fold(sum);
	icmp = (struct icmp *)(ipv4 + 1);
	*icmp = (struct icmp){.type = 3, .code = 4, .rest = bpf_htonl(mtu)};
	sum = sum_bytes(ctx, packet->network + sizeof(*ipv4), sizeof(*icmp) + quoted);
	icmp->checksum = ~fold(sum);
	return true;
}

/* The sum over the pseudo header of ICMPv6. */
static __always_inline __u64 sum_pseudo(const struct ipv6 *ipv6)
{
	__u64 sum = ipv6->length + bpf_htons(PROTOCOL_ICMP6);

#pragma unroll
	for (int word = 0; word < 4; word++)
		sum += (__u64)ipv6->source[word] + ipv6->destination[word];
	return sum;
}

static __always_inline bool write_too_big_ipv6(struct xdp_md *ctx, const struct packet *packet, __u32 quoted, int mtu)
{
	struct ipv6 *ipv6 = at(ctx, packet->network, sizeof(*ipv6) + sizeof(struct icmp));
	struct icmp *icmp;
	__u64 sum;

	if (!ipv6)
		return false;
	ipv6->version_class_label = bpf_htonl(6 << 28);
	ipv6->length = bpf_htons(sizeof(*icmp) + quoted);
	ipv6->next = PROTOCOL_ICMP6;
	ipv6->hop_limit = 64;
	__builtin_memcpy(ipv6->source, &packet->destination, sizeof(ipv6->source));
	__builtin_memcpy(ipv6->destination, &packet->source, sizeof(ipv6->destination));
	icmp = (struct icmp *)(ipv6 + 1);
	*icmp = (struct icmp){.type = 2, .rest = bpf_htonl(mtu)};
	sum = sum_pseudo(ipv6) + sum_bytes(ctx, packet->network + sizeof(*ipv6), sizeof(*icmp) + quoted);
	icmp->checksum = ~fold(sum);
	return true;
}

/* Turns the frame into "packet too big" for its sender, quoting the packet as it came. */
__noinline int answer_too_big(struct xdp_md *ctx, const struct packet *packet, int mtu)
{
	__u8 old[LINK_BYTES], *link;
	__u32 headers, most, quoted;
	bool done;

	if (!packet)
		return DROP_INTERNAL;
	link = at(ctx, 0, LINK_BYTES);
	if (!link || !may_be_told(packet))
		return DROP_TOO_BIG;
	__builtin_memcpy(old, link, LINK_BYTES);
	headers = packet->version == 4 ? sizeof(struct ipv4) : sizeof(struct ipv6);
	headers += sizeof(struct icmp);
	most = (packet->version == 4 ? MAX_ANSWER_IPV4 : MAX_ANSWER_IPV6) - headers;
	quoted = packet->end - packet->ip;
	if (quoted > most)
		quoted = most;
	if (bpf_xdp_adjust_head(ctx, -(int)headers))
		return DROP_TOO_BIG;
	if (bpf_xdp_adjust_tail(ctx, (int)(packet->network + quoted) - (int)packet->length))
		return DROP_TOO_BIG;
	link = at(ctx, 0, LINK_BYTES);
	if (!link)
		return DROP_TOO_BIG;
	turn_link(link, old);
	done = packet->version == 4 ? write_too_big_ipv4(ctx, packet, quoted, mtu)
				    : write_too_big_ipv6(ctx, packet, quoted, mtu);
	return done ? ANSWERED_TOO_BIG : DROP_TOO_BIG;
}

#endif
