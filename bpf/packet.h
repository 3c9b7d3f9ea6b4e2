/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Wire headers, and what the program has learnt of the packet at hand. */
#ifndef HOPLINE_PACKET_H
#define HOPLINE_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* The system's headers for some of these pull in libc, which does not compile for BPF: so all of them stand here. */
struct ethernet {
	__u8 destination[6];
	__u8 source[6];
	__be16 type;
} __attribute__((packed));

struct tag {
	__be16 control; /* priority, drop eligible, VLAN id */
	__be16 type;    /* of what follows */
};

struct ipv4 {
	__u8 version_and_words;
	__u8 service;
	__be16 length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 checksum;
	__be32 source;
	__be32 destination;
};

struct ipv6 {
	__be32 version_class_label;
	__be16 length;
	__u8 next;
	__u8 hop_limit;
	__u32 source[4];
	__u32 destination[4];
};

struct extension {
	__u8 next;
	__u8 units;
	__be16 offset; /* of a fragment header: offset and "more" */
	__be32 id;
};

struct icmp {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest;
};

struct tcp {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledged;
	__u8 words; /* of the header, in the upper half */
	__u8 flags;
	__be16 window;
	__u16 checksum;
	__u16 urgent;
};

#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct arp {
	__be16 hardware;
	__be16 type;
	__u8 hardware_length;
	__u8 length;
	__be16 operation;
	__u8 sender_mac[6];
	__u8 sender[4];
	__u8 target_mac[6];
	__u8 target[4];
} __attribute__((packed));

#define TYPE_IPV4           bpf_htons(0x0800)
#define TYPE_ARP            bpf_htons(0x0806)
#define TYPE_VLAN           bpf_htons(0x8100)
#define TYPE_IPV6           bpf_htons(0x86dd)
#define TYPE_MPLS           bpf_htons(0x8847)
#define TYPE_MPLS_MULTICAST bpf_htons(0x8848)
#define TYPE_SERVICE_VLAN   bpf_htons(0x88a8)
#define TYPE_PROBE          bpf_htons(0x88b5) /* for local experiments: nobody else's */

#define PROTOCOL_ICMP  1
#define PROTOCOL_TCP   6
#define PROTOCOL_UDP   17
#define PROTOCOL_ICMP6 58

#define DO_NOT_FRAGMENT bpf_htons(0x4000)
#define MORE_FRAGMENTS  bpf_htons(0x2000)
#define FRAGMENT_OFFSET bpf_htons(0x1fff)

/* An address as the tables have it. */
union ip_address {
	__u32 words[4];
	__u64 halves[2];
};

enum shape {
	FIRST_FRAGMENT = 1 << 0, /* shows its ports, more of it to come */
	LATER_FRAGMENT = 1 << 1,
	ICMP_ERROR = 1 << 2,
	SOLICITATION = 1 << 3, /* may be a question for an address we answer for */
	MAY_FRAGMENT = 1 << 4,
	MISPLACED_QUOTE = 1 << 5, /* an error that quotes somebody else's packet than its receiver's */
	OPENING = 1 << 6,         /* the first packet of a TCP connection */
};

/* Offsets are from the start of the frame; 0 where there is no such thing. */
struct packet {
	union ip_address source; /* what a step is found by: of an ICMP error, what it quotes, turned round */
	union ip_address destination;
	__be16 source_port;
	__be16 destination_port;
	__u32 length;    /* of the frame */
	__u32 network;   /* behind Ethernet and tags: MPLS or IP */
	__u32 ip;        /* the IP header */
	__u32 transport; /* what IP carries */
	__u32 end;       /* of the IP packet */
	__u32 quoted_ip;
	__u32 quoted_transport;
	__be32 fragment_id;
	__u16 vlan[2]; /* ids, outer first */
	__be16 type;   /* EtherType behind the tags */
	__u8 tags;     /* how many */
	__u8 version;  /* 4 or 6 */
	__u8 protocol; /* what a step is found by: of an ICMP error, the quoted one */
	__u8 carried;  /* what this packet itself carries */
	__u8 shape;    /* enum shape */
	__u8 reserved;
};

/* Beyond this nothing is read or written: the verifier wants a bound. */
#define FAR 0x7fff

/*
 * An end of the frame, read anew each time: a call may have moved it. Written out because clang 14 otherwise keeps the
 * 32 bits the context shows, and the verifier then no longer sees a pointer.
 */
#define FRAME_END(ctx, field)                                                                                          \
	({                                                                                                             \
		void *end_;                                                                                            \
		asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(end_) : "r"(ctx), "i"(offsetof(struct xdp_md, field)));   \
		end_;                                                                                                  \
	})

/* Bytes of the frame, NULL where it ends before. Not valid any more after a call that moves its ends. */
static __always_inline void *at(struct xdp_md *ctx, __u32 offset, __u32 size)
{
	void *end = FRAME_END(ctx, data_end);
	void *place = FRAME_END(ctx, data);

	if (offset > FAR)
		return NULL;
	place += offset;
	asm volatile("" : "+r"(place)); /* the pointer that is checked is the one that is used */
	return place + size > end ? NULL : place;
}

static __always_inline __u64 mac_word(const __u8 *mac)
{
	return (__u64) * (const __u32 *)mac | (__u64) * (const __u16 *)(mac + 4) << 32;
}

static __always_inline bool is_group(const __u8 *mac)
{
	return mac[0] & 1;
}

static __always_inline void copy_mac(__u8 *to, const __u8 *from)
{
	__builtin_memcpy(to, from, 6);
}

#define IPV4_PREFIX 0xffff0000U

static __always_inline void set_ipv4(union ip_address *address, __be32 value)
{
	address->halves[0] = 0;
	address->halves[1] = (__u64)value << 32 | IPV4_PREFIX;
}

static __always_inline void set_ipv6(union ip_address *address, const __u32 *words)
{
	address->halves[0] = words[0] | (__u64)words[1] << 32;
	address->halves[1] = words[2] | (__u64)words[3] << 32;
}

static __always_inline bool same_address(const union ip_address *one, const union ip_address *other)
{
	return one->halves[0] == other->halves[0] && one->halves[1] == other->halves[1];
}

/* Whether an address as the tables have it stands for an IPv4 one. IPv6 packets with such are nobody's. */
static __always_inline bool is_ipv4_mapped(const union ip_address *address)
{
	return !address->halves[0] && address->words[2] == IPV4_PREFIX;
}

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

#endif
