/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP sequence numbers of handshake probes: the answer's acknowledgement tells which round it belongs to. */
#ifndef HOPLINE_PROBE_SEQUENCE_H
#define HOPLINE_PROBE_SEQUENCE_H

#include "lookup.h"

/* Apart so far that one round's number lies in no window of another's; and what undoes it, modulo 2^32. */
#define ROUND_STEP    0x9e3779b1
#define ROUND_INVERSE 0x0e8b2f51

static __always_inline __u32 first_sequence(__u32 cookie, __u32 number)
{
	return mix(hash_word(hash_word(HASH_SEED, cookie), number));
}

static __always_inline __u32 sequence_of(__u32 round, __u32 cookie, __u32 number)
{
	return first_sequence(cookie, number) + round * ROUND_STEP;
}

static __always_inline __u32 round_of(__u32 sequence, __u32 cookie, __u32 number)
{
	return (sequence - first_sequence(cookie, number)) * ROUND_INVERSE;
}

#endif
