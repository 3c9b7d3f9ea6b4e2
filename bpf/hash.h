/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hashes over 32-bit words. docs/design/dataplane.md has them as formulas; src/dataplane/codec/hash.ts is the other
 * half. */
#ifndef HOPLINE_HASH_H
#define HOPLINE_HASH_H

#include <linux/types.h>

/* The digits of pi. */
static const __u64 MULTIPLIERS[] = {
	0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
	0x452821e638d01377, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd,
};

#define HASH_START (MULTIPLIERS[0])

/*
 * What the word at this place adds to the sum whose upper half is the hash of keys in the tables: multilinear hashing
 * (Lemire, Kaser: "Strongly universal string hashing is fast", 2014). No product waits for another one.
 */
static __always_inline __u64 product(int place, __u32 word)
{
	return MULTIPLIERS[place + 1] * word;
}

static __always_inline __u32 rotate(__u32 word, int bits)
{
	return word << bits | word >> (32 - bits);
}

/* MurmurHash3 over 32-bit words, without its length and final mixing: where nobody waits, or nobody shall foresee. */
static __always_inline __u32 hash_word(__u32 hash, __u32 word)
{
	hash ^= rotate(word * 0xcc9e2d51, 15) * 0x1b873593;
	return rotate(hash, 13) * 5 + 0xe6546b64;
}

static __always_inline __u32 mix(__u32 hash)
{
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35;
	return hash ^ hash >> 16;
}

#define HASH_SEED     0x9747b28c
#define SECOND_BUCKET 0x5bd1e995

/*
 * Where an entry of this hash may be, of two choices: the lower bits are the bucket, the upper ones a place in it. Sums
 * of keys in a row lie in rows, so they are mixed.
 */
static __always_inline __u32 mixed(__u32 hash, int choice)
{
	return mix(choice ? hash ^ SECOND_BUCKET : hash);
}

#endif
