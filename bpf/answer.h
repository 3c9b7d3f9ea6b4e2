/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ARP and neighbour discovery for service addresses that nobody else answers for. */
#ifndef HOPLINE_ANSWER_H
#define HOPLINE_ANSWER_H

#include "known.h"
#include "probing.h"
#include "too_big.h"

/* Devices may also ask for the address that handshakes come from; clients have nothing to do with it. */
static __always_inline bool is_answered_here(const struct interface *interface, const struct packet *packet,
					     const union ip_address *address, const __u8 *asker)
{
	struct path from = {};

	if (is_source_of_probes(address)) {
		find_origin(interface, packet, asker, &from);
		return from.is_device;
	}
	find_segment(interface, packet, &from);
	return is_answered(address, from.origin);
}

/* A question to everybody, or to us: not to a MAC that a bridging device gives back. */
static __always_inline bool is_asked(const struct interface *interface, const struct ethernet *ethernet)
{
	return is_group(ethernet->destination) || mac_word(ethernet->destination) == mac_word(interface->mac);
}

/* An ARP request becomes its own answer; REASON_NONE: it is none for us. */
__noinline int answer_arp(struct xdp_md *ctx, const struct interface *interface, const struct packet *packet)
{
	struct ethernet *ethernet = at(ctx, 0, sizeof(*ethernet));
	union ip_address target;
	struct arp *arp;
	__be32 sender_ip, target_ip;

	if (!interface || !packet || !ethernet)
		return REASON_NONE;
	if (!is_asked(interface, ethernet))
		return REASON_NONE;
	arp = at(ctx, packet->network, sizeof(*arp));
	if (!arp || arp->hardware != bpf_htons(1) || arp->type != TYPE_IPV4 || arp->hardware_length != 6 ||
	    arp->length != 4 || arp->operation != bpf_htons(1))
		return REASON_NONE;
	sender_ip = *(__be32 *)arp->sender;
	target_ip = *(__be32 *)arp->target;
	set_ipv4(&target, target_ip);
	if (sender_ip == target_ip || !is_answered_here(interface, packet, &target, ethernet->source))
		return REASON_NONE;
	ethernet = at(ctx, 0, sizeof(*ethernet));
	arp = at(ctx, packet->network, sizeof(*arp));
	if (!ethernet || !arp)
		return REASON_NONE;
	copy_mac(ethernet->destination, ethernet->source);
	copy_mac(ethernet->source, interface->mac);
	arp->operation = bpf_htons(2);
	copy_mac(arp->target_mac, arp->sender_mac);
	copy_mac(arp->sender_mac, interface->mac);
	*(__be32 *)arp->target = sender_ip;
	*(__be32 *)arp->sender = target_ip;
	return ANSWERED_ARP;
}

/* A neighbour solicitation or advertisement, with the one option of an advertisement. */
struct neighbour {
	struct ipv6 ipv6;
	struct icmp icmp;
	__u32 target[4];
	__u8 option;
	__u8 option_units;
	__u8 mac[6];
};

#define SOLICITATION_BYTES (sizeof(struct icmp) + 16)
#define SOLICITED          0x40000000
#define OVERRIDE           0x20000000

static __always_inline void write_advertisement(struct neighbour *answer, const union ip_address *asker,
						const union ip_address *target, const __u8 *mac)
{
	bool is_probe = !asker->halves[0] && !asker->halves[1];
	__u64 sum = 0;

	answer->ipv6.version_class_label = bpf_htonl(6 << 28);
	answer->ipv6.length = bpf_htons(sizeof(*answer) - sizeof(struct ipv6));
	answer->ipv6.next = PROTOCOL_ICMP6;
	answer->ipv6.hop_limit = 255;
	__builtin_memcpy(answer->ipv6.source, target, sizeof(*target));
	__builtin_memcpy(answer->ipv6.destination, asker, sizeof(*asker));
	if (is_probe) { /* to everybody: ff02::1 */
		answer->ipv6.destination[0] = bpf_htonl(0xff020000);
		answer->ipv6.destination[3] = bpf_htonl(1);
	}
	answer->icmp.type = 136;
	answer->icmp.code = 0;
	answer->icmp.checksum = 0;
	answer->icmp.rest = bpf_htonl(is_probe ? OVERRIDE : SOLICITED | OVERRIDE);
	__builtin_memcpy(answer->target, target, sizeof(*target));
	answer->option = 2;
	answer->option_units = 1;
	copy_mac(answer->mac, mac);
	sum = sum_pseudo(&answer->ipv6);
	for (__u32 word = sizeof(struct ipv6) / 4; word < sizeof(*answer) / 4; word++)
		sum += ((__u32 *)answer)[word];
	answer->icmp.checksum = ~fold(sum);
}

/* A neighbour solicitation becomes an advertisement; REASON_NONE: it is none for us. */
__noinline int answer_solicitation(struct xdp_md *ctx, const struct interface *interface, const struct packet *packet)
{
	struct ethernet *ethernet;
	struct neighbour *neighbour;
	union ip_address target, asker;
	__u32 length, sent;
	__u64 sender;

	if (!interface || !packet || packet->type != TYPE_IPV6)
		return REASON_NONE;
	neighbour = at(ctx, packet->network, sizeof(struct ipv6) + SOLICITATION_BYTES);
	if (!neighbour)
		return REASON_NONE;
	length = bpf_ntohs(neighbour->ipv6.length);
	sent = packet->length;
	if (*(__u8 *)neighbour >> 4 != 6 || neighbour->ipv6.next != PROTOCOL_ICMP6 ||
	    neighbour->ipv6.hop_limit != 255 || length < SOLICITATION_BYTES ||
	    length > sent - packet->network - sizeof(struct ipv6) || neighbour->icmp.type != 135 ||
	    neighbour->icmp.code)
		return REASON_NONE;
	set_ipv6(&target, neighbour->target);
	set_ipv6(&asker, neighbour->ipv6.source);
	ethernet = at(ctx, 0, sizeof(*ethernet));
	if (!ethernet || !is_asked(interface, ethernet) || is_ipv4_mapped(&target) || same_address(&target, &asker) ||
	    !is_answered_here(interface, packet, &target, ethernet->source))
		return REASON_NONE;
	if (bpf_xdp_adjust_tail(ctx, (int)(packet->network + sizeof(*neighbour)) - (int)sent))
		return DROP_INTERNAL;
	ethernet = at(ctx, 0, sizeof(*ethernet));
	neighbour = at(ctx, packet->network, sizeof(*neighbour));
	if (!ethernet || !neighbour)
		return DROP_INTERNAL;
	sender = mac_word(ethernet->source);
	if (!asker.halves[0] && !asker.halves[1])
		sender = 0x010000003333;
	copy_mac(ethernet->destination, (__u8 *)&sender);
	copy_mac(ethernet->source, interface->mac);
	write_advertisement(neighbour, &asker, &target, interface->mac);
	return ANSWERED_ND;
}

#endif
