// SPDX-License-Identifier: Apache-2.0
/*
 * Reads and writes whole frames in other network namespaces, for the lab.
 *
 *   wire capture NETNS NIC [NETNS NIC]...   records on stdout until stdin ends
 *   wire send NETNS NIC                     one frame in hex per line of stdin
 *
 * A record is little-endian: u32 tap (place among the arguments), u32 flags (1 = leaves by the NIC, else arrives; 2 =
 * its checksum is not finished), u64 time (ns since 1970), u32 length, then the frame as it was on the wire, VLAN tag
 * included. Tap READY: every socket listens. Tap LOST: length frames did not fit into the socket's buffer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READY      0xffffffffu
#define LOST       0xfffffffeu
#define LEAVES     1u
#define UNFINISHED 2u
#define MAX_TAPS   64
#define FRAME_MAX  70000

struct record {
	uint32_t tap, flags;
	uint64_t time;
	uint32_t length;
} __attribute__((packed));

static void fail(const char *what, const char *object)
{
	fprintf(stderr, "wire: %s %s: %s\n", what, object, strerror(errno));
	exit(1);
}

/* A packet socket on one NIC of one namespace; protocol 0 receives nothing. */
static int open_tap(const char *netns, const char *nic, uint16_t protocol)
{
	int ns = open(netns, O_RDONLY | O_CLOEXEC);

	if (ns < 0 || setns(ns, CLONE_NEWNET))
		fail("enter", netns);
	close(ns);
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		fail("open packet socket in", netns);
	int yes = 1, room = 16 << 20;
	setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	where.sll_ifindex = (int)if_nametoindex(nic);
	if (!where.sll_ifindex || bind(fd, (struct sockaddr *)&where, sizeof(where)))
		fail("listen on", nic);
	return fd;
}

static void put(const struct record *record, const uint8_t *frame, size_t length)
{
	if (fwrite(record, sizeof(*record), 1, stdout) != 1 || (length && fwrite(frame, length, 1, stdout) != 1))
		exit(1);
}

/* The kernel hands the outer VLAN tag beside the frame: put it back where it was. */
static size_t restore_tag(uint8_t *frame, size_t length, const struct tpacket_auxdata *aux)
{
	uint16_t tag[2] = {htons(aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid : ETHERTYPE_VLAN),
			   htons(aux->tp_vlan_tci)};

	memmove(frame + 16, frame + 12, length - 12);
	memcpy(frame + 12, tag, 4);
	return length + 4;
}

/* Takes one frame off a socket; 0 when there is none. */
static int take(int fd, uint32_t tap)
{
	static uint8_t frame[FRAME_MAX + 4];
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct sockaddr_ll from;
	struct iovec room = {frame, FRAME_MAX};
	struct msghdr message = {.msg_name = &from,
				 .msg_namelen = sizeof(from),
				 .msg_iov = &room,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);

	if (got < 0)
		return 0;
	struct record record = {.tap = tap, .flags = from.sll_pkttype == PACKET_OUTGOING ? LEAVES : 0};
	size_t length = (size_t)got;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec t;
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			record.time = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
		} else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
			struct tpacket_auxdata aux;
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
			if (aux.tp_status & TP_STATUS_CSUMNOTREADY)
				record.flags |= UNFINISHED;
			if (aux.tp_status & TP_STATUS_VLAN_VALID && length >= ETH_HLEN)
				length = restore_tag(frame, length, &aux);
		}
	}
	record.length = (uint32_t)length;
	put(&record, frame, length);
	return 1;
}

static int capture(int count, char **where)
{
	struct pollfd fds[MAX_TAPS + 1];
	int taps = count / 2;

	if (taps > MAX_TAPS) {
		fprintf(stderr, "wire: %d taps, %d at most\n", taps, MAX_TAPS);
		return 2;
	}
	for (int i = 0; i < taps; i++)
		fds[i] = (struct pollfd){open_tap(where[2 * i], where[2 * i + 1], ETH_P_ALL), POLLIN, 0};
	fds[taps] = (struct pollfd){0, POLLIN, 0};
	put(&(struct record){.tap = READY}, NULL, 0);
	fflush(stdout);
	for (int ended = 0; !ended;) {
		char ignored[64];

		if (poll(fds, (nfds_t)taps + 1, -1) < 0 && errno != EINTR)
			fail("wait for", "frames");
		int asked = fds[taps].revents != 0;
		ended = asked && read(0, ignored, sizeof(ignored)) <= 0;
		for (int i = 0; i < taps; i++)
			while (take(fds[i].fd, (uint32_t)i))
				;
		if (asked && !ended)
			put(&(struct record){.tap = READY}, NULL, 0);
		fflush(stdout);
	}
	for (int i = 0; i < taps; i++) {
		struct tpacket_stats stats = {};
		socklen_t size = sizeof(stats);

		getsockopt(fds[i].fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
		if (stats.tp_drops)
			put(&(struct record){.tap = LOST, .length = stats.tp_drops}, NULL, 0);
	}
	return 0;
}

static int send_frames(const char *netns, const char *nic)
{
	static char line[2 * FRAME_MAX + 2];
	static uint8_t frame[FRAME_MAX];
	int fd = open_tap(netns, nic, 0);

	while (fgets(line, sizeof(line), stdin)) {
		size_t length = 0;

		while (length < FRAME_MAX && sscanf(line + 2 * length, "%2hhx", &frame[length]) == 1)
			length++;
		if (length && send(fd, frame, length, 0) != (ssize_t)length)
			fail("send on", nic);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && argc % 2 == 0 && !strcmp(argv[1], "capture"))
		return capture(argc - 2, argv + 2);
	if (argc == 4 && !strcmp(argv[1], "send"))
		return send_frames(argv[2], argv[3]);
	fprintf(stderr, "usage: wire capture NETNS NIC [NETNS NIC]... | wire send NETNS NIC\n");
	return 2;
}
