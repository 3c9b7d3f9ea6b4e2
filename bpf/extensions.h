/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* IPv6 extension headers, of a packet and of what an ICMP error quotes. */
#ifndef HOPLINE_EXTENSIONS_H
#define HOPLINE_EXTENSIONS_H

#include "packet.h"
#include "reasons.h"

#define MAX_EXTENSIONS 8

/* What follows a chain of IPv6 extension headers. */
struct chain {
	__u32 offset; /* behind the chain */
	__be32 fragment_id;
	__u8 protocol;
	__u8 shape;
	__u16 reserved;
};

static __always_inline bool is_extension(__u8 protocol)
{
	return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 || protocol == 60;
}

/* In: where the chain begins and what its first header is. */
__noinline int follow_chain(struct xdp_md *ctx, struct chain *chain, __u32 end)
{
	if (!chain)
		return DROP_INTERNAL;
	for (int count = 0; count <= MAX_EXTENSIONS; count++) {
		struct extension *extension;
		__u32 length;

		if (!is_extension(chain->protocol))
			return REASON_NONE;
		if (count == MAX_EXTENSIONS)
			return DROP_TOO_MANY_HEADERS;
		extension = at(ctx, chain->offset, sizeof(*extension));
		if (!extension)
			return DROP_MALFORMED;
		length = (extension->units + 1) * 8;
		if (chain->protocol == 44)
			length = 8;
		else if (chain->protocol == 51)
			length = (extension->units + 2) * 4;
		if (chain->offset + 8 > end || chain->offset + length > end)
			return DROP_MALFORMED;
		if (chain->protocol == 44) {
			chain->fragment_id = extension->id;
			if (extension->offset & bpf_htons(0xfff8))
				chain->shape = LATER_FRAGMENT;
			else if (extension->offset & bpf_htons(1))
				chain->shape = FIRST_FRAGMENT;
		}
		chain->protocol = extension->next;
		chain->offset += length;
		if (chain->shape & LATER_FRAGMENT)
			return REASON_NONE;
	}
	return DROP_TOO_MANY_HEADERS;
}

#endif
