/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 4 of rewriting: the Ethernet addresses and tags of the way a frame takes. */
#ifndef HOPLINE_ADDRESS_H
#define HOPLINE_ADDRESS_H

#include "member.h"

/* Of a next hop, whose words are aligned; the packed header the compiler would write byte by byte. */
static __always_inline void write_mac(__u8 *to, const __u8 *from)
{
	*(__u32 *)to = *(const __u32 *)from;
	*(__u16 *)(to + 4) = *(const __u16 *)(from + 4);
}

static __always_inline void write_macs(struct ethernet *ethernet, const struct next_hop *hop)
{
	write_mac(ethernet->destination, hop->mac);
	write_mac(ethernet->source, hop->source_mac);
}

/* Control word of the tag at a place: a new id, and the priority of the tag it takes over from. */
static __always_inline __be16 control(__be16 old, __u16 id)
{
	return (old & bpf_htons(0xf000)) | bpf_htons(id);
}

/* Puts other tags before the packet: pushes, pops or changes ids. */
__noinline int write_tags(struct xdp_md *ctx, const struct packet *packet, const struct next_hop *hop)
{
	struct tag old[2] = {}; /* type here: its own, not that of what follows */
	struct ethernet *ethernet;
	struct tag *tag;
	int have, want;

	if (!packet || !hop)
		return DROP_INTERNAL;
	have = packet->tags;
	want = tags_of(hop);
#pragma unroll
	for (int place = 0; place < 2; place++) {
		/* Type and control of a tag stand side by side, from byte 12 on. */
		__be16 *words = place < have ? at(ctx, 12 + 4 * place, 4) : NULL;

		if (words) {
			old[place].type = words[0];
			old[place].control = words[1];
		}
	}
	if (have != want) {
		if (bpf_xdp_adjust_head(ctx, 4 * (have - want)))
			return DROP_INTERNAL;
		old[0].type = want == 2 ? TYPE_SERVICE_VLAN : TYPE_VLAN;
		old[1].type = TYPE_VLAN;
		old[1].control = 0;
	}
	ethernet = at(ctx, 0, sizeof(*ethernet));
	if (!ethernet)
		return DROP_INTERNAL;
	write_macs(ethernet, hop);
	if (!want) {
		ethernet->type = packet->type;
		return REASON_NONE;
	}
	ethernet->type = old[0].type;
	tag = at(ctx, sizeof(*ethernet), sizeof(*tag));
	if (!tag)
		return DROP_INTERNAL;
	tag->control = control(old[0].control, hop->vlan[0]);
	tag->type = want == 2 ? old[1].type : packet->type;
	if (want == 1)
		return REASON_NONE;
	tag = at(ctx, sizeof(*ethernet) + sizeof(*tag), sizeof(*tag));
	if (!tag)
		return DROP_INTERNAL;
	tag->control = control(old[1].control, hop->vlan[1]);
	tag->type = packet->type;
	return REASON_NONE;
}

static __always_inline enum reason write_ethernet(struct xdp_md *ctx, const struct packet *packet,
						  const struct next_hop *hop)
{
	struct ethernet *ethernet;

	if (packet->tags || hop->vlan[0])
		return write_tags(ctx, packet, hop);
	ethernet = at(ctx, 0, sizeof(*ethernet));
	if (!ethernet)
		return DROP_INTERNAL;
	write_macs(ethernet, hop);
	return REASON_NONE;
}

#endif
