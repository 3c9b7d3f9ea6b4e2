/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Traffic for measurements: a generator of numbered UDP frames (run by TEST_RUN with live frames), wires (a device in
 * the middle that carries every frame to its other leg), sinks that count exactly, and a bare redirect as ceiling.
 *
 * Live frames are recycled without being reset: the generator writes every byte, every time.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAGIC 0x31504f48 /* "HOP1" */
#define CPUS  64         /* a power of two */
#define ROLES 256        /* NICs with a part in the play, by ifindex modulo this */
#define SEEN  (1 << 24)  /* sequence numbers a sink remembers */

#define LOOPBACK 1 /* its ifindex, in every network namespace */

/* Offsets in the 60-byte frame (64 with its check sum) that the generator sends: Ethernet, IPv4, UDP, payload. */
#define FRAME    60
#define CHECK    24
#define SOURCE   26
#define TARGET   30
#define PORT     34
#define TAG      42 /* MAGIC */
#define SEQUENCE 46

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
	ROLE_TALLY = 3, /* a sink that also remembers every number, or address */
};

/* What happens to frames that a NIC receives. */
struct role {
	__u32 kind;
	__u32 out; /* wire: ifindex of the other leg */
	__u8 destination_mac[6];
	__u8 source_mac[6];
	__u8 own_mac[6]; /* frames for another one are strays */
	__u8 tally;      /* offset in the frame of the 32 bits that a tally remembers; 0: the number */
	__u8 reserved[5];
	__u64 received[CPUS]; /* per CPU, so that no increment is lost */
	__u64 strays[CPUS];
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

/* A NIC in the play: counts our frames, drops them (sink) or hands them to the other leg (wire); passes all others. */
SEC("xdp")
int receive(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 place = ctx->ingress_ifindex % ROLES;
	struct role *role = bpf_map_lookup_elem(&roles, &place);
	__u32 zero = 0, cpu = bpf_get_smp_processor_id() & (CPUS - 1);

	if (!role || role->kind == ROLE_NONE || (void *)data + FRAME > (void *)(long)ctx->data_end)
		return XDP_PASS;
	if (*(__u32 *)(data + TAG) != MAGIC)
		return XDP_PASS;
	if (!same_mac(data, role->own_mac)) {
		role->strays[cpu]++;
		return XDP_DROP;
	}
	role->received[cpu]++;
	if (role->kind == ROLE_SINK)
		return XDP_DROP;
	if (role->kind == ROLE_WIRE) {
		__builtin_memcpy(data, role->destination_mac, 6);
		__builtin_memcpy(data + 6, role->source_mac, 6);
		return bpf_redirect(role->out, 0);
	}
	struct seen *seen = bpf_map_lookup_elem(&sequences, &zero);

	if (!seen)
		return XDP_DROP;
	if (role->tally == SOURCE)
		seen->times[bpf_ntohl(*(__u32 *)(data + SOURCE)) & (SEEN - 1)]++;
	else if (role->tally == TARGET)
		seen->times[bpf_ntohl(*(__u32 *)(data + TARGET)) & (SEEN - 1)]++;
	else
		seen->times[*(__u64 *)(data + SEQUENCE) & (SEEN - 1)]++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
