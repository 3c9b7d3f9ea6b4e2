// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Both ends of a wire in a test: `inject` sends a live frame into it, `catch_frame` keeps what comes out. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CAUGHT       64
#define CAUGHT_BYTES 120

struct caught {
	__u32 ifindex;
	__u32 length;
	__u8 bytes[CAUGHT_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CAUGHT);
	__type(key, __u32);
	__type(value, struct caught);
} caught SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} wire SEC(".maps");

__u32 count = 0;

SEC("xdp")
int inject(struct xdp_md *ctx)
{
	return bpf_redirect_map(&wire, 0, 0);
}

SEC("xdp")
int catch_frame(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data, kept = length, place = __sync_fetch_and_add(&count, 1);
	struct caught *frame = bpf_map_lookup_elem(&caught, &place);

	if (!frame)
		return XDP_DROP;
	frame->ifindex = ctx->ingress_ifindex;
	frame->length = length;
	if (kept > CAUGHT_BYTES)
		kept = CAUGHT_BYTES;
	if (kept > 0)
		bpf_xdp_load_bytes(ctx, 0, frame->bytes, kept);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
