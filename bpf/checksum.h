/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Internet checksums by the incremental method of RFC 1624, equation 3: HC' = ~(~HC + ~m + m').
 * A "difference" is the sum of ~m + m' over what has changed, not folded. The sums do not depend on byte order.
 */
#ifndef HOPLINE_CHECKSUM_H
#define HOPLINE_CHECKSUM_H

#include "packet.h"

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static __always_inline __u64 difference(__u32 old, __u32 new)
{
	return (__u64)(__u32)~old + new;
}

static __always_inline __u64 difference16(__u16 old, __u16 new)
{
	return (__u64)(__u16)~old + new;
}

/* Brings a checksum up to date; returns the difference it makes itself. UDP's 0 says "none" and stays. */
static __always_inline __u64 update_checksum(__u16 *checksum, __u64 change, bool is_udp)
{
	__u16 old = *checksum;
	__u16 new = ~fold((__u16)~old + change);

	if (is_udp && !old)
		return 0;
	if (is_udp && !new)
		new = 0xffff;
	*checksum = new;
	return difference16(old, new);
}

/* Where the checksum over ports, payload and addresses stands behind the start of the header, -1: nowhere. */
static __always_inline int checksum_offset(__u8 version, __u8 protocol)
{
	if (protocol == PROTOCOL_TCP)
		return 16;
	if (protocol == PROTOCOL_UDP)
		return 6;
	return version == 6 && protocol == PROTOCOL_ICMP6 ? 2 : -1;
}

/* Most 16-bit words a message that we make ourselves has. */
#define MAX_WORDS 640

/* The sum over bytes of the frame, an odd one at the end padded with 0. */
static __always_inline __u64 sum_bytes(struct xdp_md *ctx, __u32 offset, __u32 length)
{
	__u64 sum = 0;

#pragma clang loop unroll(disable)
	for (__u32 word = 0; word < MAX_WORDS; word++) {
		__u32 left = length - 2 * word;
		__u8 *bytes;

		if (2 * word >= length)
			break;
		bytes = at(ctx, offset + 2 * word, left == 1 ? 1 : 2);
		if (!bytes)
			break;
		sum += left == 1 ? *bytes : *(__u16 *)bytes;
	}
	return sum;
}

#endif
