// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that the verifier refuses: the pointer is not checked. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} numbers SEC(".maps");

SEC("xdp")
int careless(void *ctx __attribute__((unused)))
{
	__u32 key = 0;
	__u32 *value = bpf_map_lookup_elem(&numbers, &key);
	return *value;
}

char LICENSE[] SEC("license") = "GPL";
