/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Turns a TCP packet into the reset that takes its sender's side of the connection down. */
#ifndef HOPLINE_RESET_H
#define HOPLINE_RESET_H

#include "too_big.h"

static __always_inline __u64 sum_addresses(const struct packet *packet)
{
	__u64 sum = 0;

	if (packet->version == 4)
		return (__u64)packet->source.words[3] + packet->destination.words[3];
#pragma unroll
	for (int word = 0; word < 4; word++)
		sum += (__u64)packet->source.words[word] + packet->destination.words[word];
	return sum;
}

static __always_inline void write_ipv4(struct ipv4 *ipv4, const struct packet *packet)
{
	__u64 sum = 0;

	*ipv4 = (struct ipv4){
		.version_and_words = 0x45,
		.length = bpf_htons(sizeof(*ipv4) + sizeof(struct tcp)),
		.fragment = DO_NOT_FRAGMENT,
		.ttl = 64,
		.protocol = PROTOCOL_TCP,
		.source = packet->destination.words[3],
		.destination = packet->source.words[3],
	};
	for (__u32 word = 0; word < sizeof(*ipv4) / 2; word++)
		sum += ((__u16 *)ipv4)[word];
	ipv4->checksum = ~fold(sum);
}

static __always_inline void write_ipv6(struct ipv6 *ipv6, const struct packet *packet)
{
	ipv6->version_class_label = bpf_htonl(6 << 28);
	ipv6->length = bpf_htons(sizeof(struct tcp));
	ipv6->next = PROTOCOL_TCP;
	ipv6->hop_limit = 64;
	__builtin_memcpy(ipv6->source, &packet->destination, sizeof(ipv6->source));
	__builtin_memcpy(ipv6->destination, &packet->source, sizeof(ipv6->destination));
}

static __always_inline void write_reset(struct tcp *tcp, const struct packet *packet, __be32 sequence)
{
	__u64 sum = sum_addresses(packet) + bpf_htons(PROTOCOL_TCP) + bpf_htons(sizeof(*tcp));

	*tcp = (struct tcp){
		.source = packet->destination_port,
		.destination = packet->source_port,
		.sequence = sequence,
		.words = sizeof(*tcp) / 4 << 4,
		.flags = TCP_RST,
	};
#pragma unroll
	for (__u32 word = 0; word < sizeof(*tcp) / 2; word++)
		sum += ((__u16 *)tcp)[word];
	tcp->checksum = ~fold(sum);
}

/* Back to where the packet came from, tags as they are. Behind labels nobody is answered: the packet just ends. */
__noinline int answer_reset(struct xdp_md *ctx, const struct packet *packet)
{
	struct ethernet *ethernet;
	struct tcp *tcp;
	__u32 header, network;
	__be32 sequence;
	__u64 sender;
	void *ip;

	if (!packet)
		return DROP_INTERNAL;
	tcp = at(ctx, packet->transport, sizeof(*tcp));
	network = packet->network;
	if (!tcp || packet->ip != network)
		return PROBE_ANSWERED;
	sequence = tcp->acknowledged;
	header = packet->version == 4 ? sizeof(struct ipv4) : sizeof(struct ipv6);
	if (bpf_xdp_adjust_tail(ctx, (int)(network + header + sizeof(*tcp)) - (int)packet->length))
		return PROBE_ANSWERED;
	ethernet = at(ctx, 0, sizeof(*ethernet));
	ip = at(ctx, network, sizeof(struct ipv4) + sizeof(*tcp));
	if (!ethernet || !ip)
		return DROP_INTERNAL;
	sender = mac_word(ethernet->source);
	copy_mac(ethernet->source, ethernet->destination);
	copy_mac(ethernet->destination, (__u8 *)&sender);
	if (packet->version == 4) {
		write_ipv4(ip, packet);
	} else {
		ip = at(ctx, network, sizeof(struct ipv6) + sizeof(*tcp));
		if (!ip)
			return DROP_INTERNAL;
		write_ipv6(ip, packet);
	}
	tcp = at(ctx, network + header, sizeof(*tcp));
	if (!tcp)
		return DROP_INTERNAL;
	write_reset(tcp, packet, sequence);
	return ANSWERED_RESET;
}

#endif
