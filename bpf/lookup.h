/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of steps: 64-byte buckets of fingerprints, two choices. The only file that knows its layout. */
#ifndef HOPLINE_LOOKUP_H
#define HOPLINE_LOOKUP_H

#include "hash.h"
#include "maps.h"
#include "packet.h"

/* Set by the loader before load. */
const volatile __u32 slots_max = 1;
const volatile __u32 legs_max = 1;
const volatile __u32 step_bucket_mask = 0;
const volatile __u32 slots_per_place = 0; /* of `steps`, as a 32-bit fraction */
const volatile __u32 origin_bucket_mask = 0;

/* The first 24 bytes of struct slot. */
struct step_key {
	union ip_address address;
	__u32 origin;
	union {
		struct {
			__be16 port;
			__u8 protocol;
			__u8 direction;
		};
		__u32 last;
	};
};

/* Port, protocol and direction as they lie in memory, put together in a register: read back they would be waited for.
 */
static __always_inline __u32 last_of_key(__be16 port, __u8 protocol, __u8 direction)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return port | (__u32)protocol << 16 | (__u32)direction << 24;
#else
	return (__u32)port << 16 | (__u32)protocol << 8 | direction;
#endif
}

/* This CPU's copy of a slot. */
static __always_inline struct slot *slot_at(__u32 slot)
{
	__u32 place = bpf_get_smp_processor_id() * slots_max + slot;

	return bpf_map_lookup_elem(&slots, &place);
}

static __always_inline bool has_key(const struct slot *slot, __u64 high, __u64 low, __u64 rest)
{
	const __u64 *words = (const __u64 *)slot;

	return words[2] == rest && words[1] == low && words[0] == high;
}

/* Leaves of a mixed hash the number of a place: 0 to STEP_BUCKET - 1. */
#define HOME_SHIFT 29

/* The slot of one place, where that has the key; *fitted: only its fingerprint was right. */
static __always_inline struct slot *examine(const struct step *place, __u32 fingerprint, __u64 high, __u64 low,
					    __u64 rest, __u32 *number, bool *fitted)
{
	/* Fingerprint and slot are stored together and read together. */
	__u64 step = *(const volatile __u64 *)place;
	struct slot *slot;

	if ((__u32)step != fingerprint)
		return NULL;
	slot = slot_at(step >> 32);
	if (slot && has_key(slot, high, low, rest)) {
		*number = step >> 32;
		return slot;
	}
	*fitted = true;
	return NULL;
}

/*
 * Asks the CPU for the slot that most entries of this home lead to, while their bucket is still on its way: with
 * 100,000 services both come from memory. Only the bucket says which slot it is.
 */
static __always_inline void fetch_likely_slot(__u32 home)
{
	struct slot *slot = slot_at((__u64)home * slots_per_place >> 32);
	__u64 word;

	if (slot)
		asm volatile("%0 = *(u64 *)(%1 + 0)" : "=r"(word) : "r"(slot));
}

/*
 * One pass over both buckets for a key of three words. The slot and its number, NULL and 0: none; then *fitted tells
 * whether a fingerprint was right all the same. With `home` the place where most entries are is examined first: a guess
 * that is right nearly always lets the CPU fetch the slot while the bucket is still on its hop.
 */
static __always_inline struct slot *search(__u64 high, __u64 low, __u64 rest, __u32 hash, bool home, __u32 *number,
					   bool *fitted)
{
	__u32 fingerprint = hash ? hash : 1;

	*number = 0;
	*fitted = false;
	for (int choice = 0; choice < 2; choice++) {
		__u32 where = mixed(hash, choice), place = where & step_bucket_mask;
		struct step_bucket *bucket = bpf_map_lookup_elem(&steps, &place);
		struct slot *slot = NULL;

		if (!bucket)
			return NULL;
		if (home && !choice)
			fetch_likely_slot(place * STEP_BUCKET + (where >> HOME_SHIFT));
		if (home)
			slot = examine(&bucket->steps[where >> HOME_SHIFT], fingerprint, high, low, rest, number,
				       fitted);
		if (slot)
			return slot;
#pragma unroll
		for (int i = 0; i < STEP_BUCKET; i++) {
			slot = examine(&bucket->steps[i], fingerprint, high, low, rest, number, fitted);
			if (slot)
				return slot;
		}
	}
	return NULL;
}

/*
 * A slot that was replaced between the two reads has another key by now; its successor is in the table already, so a
 * second search finds it.
 */
static __always_inline __u32 search_twice(__u64 high, __u64 low, __u64 rest, __u32 hash)
{
	__u32 slot = 0;
	bool fitted = true;

#pragma clang loop unroll(disable)
	for (int pass = 0; pass < 2 && fitted && !slot; pass++)
		search(high, low, rest, hash, false, &slot, &fitted);
	return slot;
}

/* One pass for an IPv4 key, to be inline. 'last' is port, protocol and direction as the key has them. */
static __always_inline struct slot *search_ipv4(__be32 address, __u32 origin, __u32 last, __u32 *number)
{
	__u32 hash =
		(HASH_START + product(2, IPV4_PREFIX) + product(3, address) + product(4, origin) + product(5, last)) >>
		32;
	bool fitted;

	return search(0, (__u64)address << 32 | IPV4_PREFIX, origin | (__u64)last << 32, hash, true, number, &fitted);
}

/* The slot of any key, 0: none. */
__noinline __u32 find_slot(const struct step_key *key)
{
	__u64 sum = HASH_START;

	if (!key)
		return 0;
#pragma unroll
	for (int word = 0; word < 4; word++)
		sum += product(word, key->address.words[word]);
	sum += product(4, key->origin) + product(5, key->last);
	return search_twice(key->address.halves[0], key->address.halves[1], key->origin | (__u64)key->last << 32,
			    sum >> 32);
}

#endif
