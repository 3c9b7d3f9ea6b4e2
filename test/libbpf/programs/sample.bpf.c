// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the binding's tests load: one map of each kind, and programs that show what they were given. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 verdict = XDP_PASS;
const volatile __u16 small = 1;
const volatile __u64 wide = 1;
const volatile __s32 negative = 1;
const volatile char text[12] = "unchanged";

__u64 runs;

struct pair {
	__u32 a;
	__u32 b;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} percpu SEC(".maps");

/* Values of 4 bytes: in the mapping each takes 8. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, __u32);
} mapped SEC(".maps");

struct lpm_key {
	__u32 bits;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8);
	__type(key, struct lpm_key);
	__type(value, __u32);
} lpm SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, struct pair);
	__array(values, struct inner);
} groups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("xdp")
int constants(void *ctx __attribute__((unused)))
{
	__sync_fetch_and_add(&runs, 1);
	return verdict + (wide == 1ull << 40 ? 100 : 0) + (small == 65535 ? 1000 : 0) + (negative == -5 ? 10000 : 0) +
	       (text[0] == 'x' ? 100000 : 0);
}

/* Answers with what is in the mapped array at the first byte of the frame. */
SEC("xdp")
int read_mapped(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	if (data + 1 > (unsigned char *)(long)ctx->data_end)
		return 0;
	__u32 key = data[0];
	__u32 *value = bpf_map_lookup_elem(&mapped, &key);
	return value ? *value : 0xffff;
}

/* Turns the frame's first byte round, adds 4 bytes in front, and tells where the frame came from. */
SEC("xdp")
int rewrite(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, -4))
		return 0;
	unsigned char *data = (void *)(long)ctx->data;
	if (data + 5 > (unsigned char *)(long)ctx->data_end)
		return 0;
	data[0] = 0xaa;
	data[1] = ctx->ingress_ifindex;
	data[2] = 0;
	data[3] = 0;
	data[4] = ~data[4];
	return XDP_TX;
}

/* Writes into the metadata where the caller made room. */
SEC("xdp")
int metadata(struct xdp_md *ctx)
{
	__u32 *meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 2) > (void *)(long)ctx->data)
		return 1;
	meta[1] = meta[0] + 1;
	return 2;
}

SEC("xdp")
int emit(struct xdp_md *ctx)
{
	struct pair *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record)
		return 1;
	record->a = runs;
	record->b = ctx->data_end - ctx->data;
	runs++;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("xdp")
int count_cpu(void *ctx __attribute__((unused)))
{
	__u32 key = 1;
	__u32 *value = bpf_map_lookup_elem(&percpu, &key);
	if (value)
		*value += 1;
	return 0;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	return skb->len;
}

char LICENSE[] SEC("license") = "GPL";
