/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Traffic for measurements: a generator of numbered UDP or TCP frames (run by TEST_RUN with live frames), wires and
 * cords (devices in the middle that carry frames to their other leg), witnesses before a device of another making,
 * sinks that count exactly and know when a frame came, and a bare redirect as ceiling.
 *
 * Live frames are recycled without being reset: the generator writes every byte, every time.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAGIC 0x31504f48 /* "HOP1" */
#define CPUS  64         /* a power of two */
#define ROLES 1024       /* NICs with a part in the play, by ifindex modulo this */
#define SEEN  (1 << 24)  /* sequence numbers a sink remembers */
#define TIMES (1 << 16)  /* and with the time each came */

#define LOOPBACK 1 /* its ifindex, in every network namespace */

/* Offsets in the 60-byte frame (64 with its check sum) that the generator sends. */
#define FRAME        60
#define PROTOCOL     23
#define CHECK        24
#define SOURCE       26
#define TARGET       30
#define PORT         34
#define TAG          42 /* MAGIC: with TCP the acknowledgement number */
#define SEQUENCE     46 /* 64 bits */
#define TCP_SEQUENCE 38 /* 32 bits: TCP's own */
#define TCP          6

/* What the generator sends: a frame made beforehand, and what differs from one to the next. */
struct generator {
	__u64 sequence;     /* of the next frame */
	__u32 destinations; /* addresses from `destination` on, one at random for each frame */
	__u32 destination;  /* host order */
	__u32 source;       /* host order */
	__u32 sources;      /* clients: addresses from `source` on */
	__u32 header_sum; /* of the IP header's 16-bit words as they lie in memory, addresses and check sum left out */
	__u32 reserved;
	__u64 frame[8];
};

enum role_kind {
	ROLE_NONE = 0,
	ROLE_SINK = 1,
	ROLE_WIRE = 2,
	ROLE_TALLY = 3,   /* a sink that also remembers every number, or address */
	ROLE_CORD = 4,    /* carries every frame, whosoever, unchanged to the other leg */
	ROLE_WITNESS = 5, /* counts our frames and lets all of them pass, to the stack behind */
};

/* What happens to frames that a NIC receives. */
struct role {
	__u32 kind;
	__u32 out; /* wire: ifindex of the other leg */
	__u8 destination_mac[6];
	__u8 source_mac[6];
	__u8 own_mac[6]; /* frames for another one are strays */
	__u8 tally;      /* offset in the frame of the 32 bits that a tally remembers; 0: the number */
	__u8 timed;      /* remembers when frames came */
	__u8 reserved[4];
	__u64 received[CPUS]; /* per CPU, so that no increment is lost */
	__u64 strays[CPUS];
	__u64 first[CPUS]; /* when the first frame came since somebody wrote 0 here; nanoseconds, CLOCK_MONOTONIC */
};

struct seen {
	__u8 times[SEEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct generator);
} generators SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, ROLES);
	__type(key, __u32);
	__type(value, struct role);
} roles SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} sequences SEC(".maps");

/* When a timed tally got each number, nanoseconds. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TIMES);
	__type(key, __u32);
	__type(value, __u64);
} times SEC(".maps");

/* 0: where the generator sends; 1: where the bare redirect does. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} targets SEC(".maps");

static __always_inline int same_mac(const void *a, const void *b)
{
	return *(__u32 *)a == *(__u32 *)b && *(__u16 *)(a + 4) == *(__u16 *)(b + 4);
}

static __always_inline __u32 scramble(__u64 sequence)
{
	__u64 h = sequence * 0x9e3779b97f4a7c15ull;

	return (h ^ (h >> 29)) >> 16;
}

/* One numbered frame to a random destination, out of the generator's NIC. Plain casts: 8 bytes at a time. */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	__u32 zero = 0;
	struct generator *g = bpf_map_lookup_elem(&generators, &zero);

	/* Where the program is attached the kernel's own frames come by too; TEST_RUN's seem to come from loopback. */
	if (ctx->ingress_ifindex != LOOPBACK)
		return XDP_PASS;
	if (!g || data + FRAME > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	__u64 sequence = g->sequence++;
	__u32 random = scramble(sequence);
	__u32 source = bpf_htonl(g->source + (((__u64)random * g->sources) >> 32));
	__u32 target = bpf_htonl(g->destination + (((__u64)(random * 0x85ebca6b) * g->destinations) >> 32));
	__u32 sum = g->header_sum + (source & 0xffff) + (source >> 16) + (target & 0xffff) + (target >> 16);

#pragma unroll
	for (int i = 0; i < 7; i++)
		((__u64 *)data)[i] = g->frame[i];
	*(__u32 *)(data + 56) = 0;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	*(__u16 *)(data + CHECK) = ~sum;
	*(__u32 *)(data + SOURCE) = source;
	*(__u32 *)(data + TARGET) = target;
	*(__u16 *)(data + PORT) = bpf_htons(1024 + (random & 0x3fff));
	if (*(__u8 *)(data + PROTOCOL) == TCP)
		*(__u32 *)(data + TCP_SEQUENCE) = sequence;
	else
		*(__u64 *)(data + SEQUENCE) = sequence;
	return bpf_redirect_map(&targets, 0, XDP_DROP);
}

/* The ceiling of this machine: from one NIC to another, looking at nothing. */
SEC("xdp")
int bare(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect_map(&targets, 1, XDP_DROP);
}

static __always_inline void remember(struct role *role, __u8 *data, __u64 now)
{
	__u32 zero = 0;
	__u32 number = data[PROTOCOL] == TCP ? *(__u32 *)(data + TCP_SEQUENCE) : *(__u32 *)(data + SEQUENCE);
	__u32 place = number & (TIMES - 1);
	struct seen *seen = bpf_map_lookup_elem(&sequences, &zero);
	__u64 *time = role->timed ? bpf_map_lookup_elem(&times, &place) : 0;

	if (time)
		*time = now;
	if (!seen)
		return;
	if (role->tally == SOURCE)
		number = bpf_ntohl(*(__u32 *)(data + SOURCE));
	else if (role->tally == TARGET)
		number = bpf_ntohl(*(__u32 *)(data + TARGET));
	seen->times[number & (SEEN - 1)]++;
}

/*
 * A NIC in the play: counts our frames, drops them (sink, tally), hands them to the other leg (wire) or lets them pass
 * (witness). Frames that are not ours pass; a cord carries all.
 */
SEC("xdp")
int receive(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 place = ctx->ingress_ifindex % ROLES;
	struct role *role = bpf_map_lookup_elem(&roles, &place);
	__u32 cpu = bpf_get_smp_processor_id() & (CPUS - 1);
	__u64 now = 0;

	if (!role || role->kind == ROLE_NONE)
		return XDP_PASS;
	if (role->kind == ROLE_CORD) {
		role->received[cpu]++;
		return bpf_redirect(role->out, 0);
	}
	if ((void *)data + FRAME > (void *)(long)ctx->data_end || *(__u32 *)(data + TAG) != MAGIC)
		return XDP_PASS;
	if (role->kind != ROLE_WITNESS && !same_mac(data, role->own_mac)) {
		role->strays[cpu]++;
		return XDP_DROP;
	}
	role->received[cpu]++;
	if (role->timed) {
		now = bpf_ktime_get_ns();
		if (!role->first[cpu])
			role->first[cpu] = now;
	}
	switch (role->kind) {
	case ROLE_WITNESS:
		return XDP_PASS;
	case ROLE_WIRE:
		__builtin_memcpy(data, role->destination_mac, 6);
		__builtin_memcpy(data + 6, role->source_mac, 6);
		return bpf_redirect(role->out, 0);
	case ROLE_TALLY:
		remember(role, data, now);
	}
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
