/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps themselves. Sizes marked "sized" are set by the loader from the definitions, before load. */
#ifndef HOPLINE_MAPS_H
#define HOPLINE_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"
#include "reasons.h"

#define MAPPED_ARRAY(name_, value_, entries_)                                                                          \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                      \
		__uint(map_flags, BPF_F_MMAPABLE);                                                                     \
		__uint(max_entries, entries_);                                                                         \
		__type(key, __u32);                                                                                    \
		__type(value, value_);                                                                                 \
	} name_ SEC(".maps")

MAPPED_ARRAY(layout, struct layout, 1);
MAPPED_ARRAY(interface_index, struct interface_place, INTERFACE_INDEX);
MAPPED_ARRAY(interfaces, struct interface, 2 * MAX_INTERFACES);
MAPPED_ARRAY(origins, struct origin_bucket, 1); /* sized: origin_buckets */
MAPPED_ARRAY(steps, struct step_bucket, 1);     /* sized: step_buckets */
MAPPED_ARRAY(slots, struct slot, 1);            /* sized: cpus * slots_max */
MAPPED_ARRAY(legs, struct leg, 1);              /* sized: cpus * legs_max */
MAPPED_ARRAY(pools, struct pool, 1);            /* sized */
MAPPED_ARRAY(addresses, struct address, 1);     /* sized */
MAPPED_ARRAY(verdicts, __u64, 1);               /* sized: cpus * MAX_INTERFACES * MAX_REASONS */
MAPPED_ARRAY(journal, struct journal, 1);
MAPPED_ARRAY(probes, struct probe, 1); /* sized */
MAPPED_ARRAY(probe_states, struct probe_state, MAX_PROBES + 1);
MAPPED_ARRAY(probe_queue, struct probe_turn, MAX_PROBES);
MAPPED_ARRAY(probing, struct probing, 1);
MAPPED_ARRAY(openings, struct opening, OPENINGS);

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, MAX_INTERFACES);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} transmit SEC(".maps");

struct group {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, MAX_COPIES + 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 1); /* sized */
	__type(key, struct group_key);
	__array(values, struct group);
} groups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* sized */
	__type(key, struct copy_key);
	__type(value, struct copy_value);
} copies SEC(".maps");

/* The last packet that was copied on this CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} copy_number SEC(".maps");

/* By number of the interface: how far the egress program is. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_INTERFACES);
	__type(key, __u32);
	__type(value, struct copy_progress);
} copy_progress SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* sized */
	__type(key, struct range_key);
	__type(value, struct range_value);
} ranges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_FRAGMENTS);
	__type(key, struct fragment_key);
	__type(value, struct fragment_ports);
} fragments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* sized */
	__type(key, struct name_key);
	__type(value, struct name_value);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* sized */
	__type(key, struct total_key);
	__type(value, struct total_value);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} wanted SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_GIVEN_PROBES);
	__type(key, struct given_key);
	__type(value, struct given_value);
} given_probes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} alarms SEC(".maps");

#endif
