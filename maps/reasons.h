/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why a packet left the engine the way it did: every verdict is counted under one of these, per interface. */
#ifndef HOPLINE_REASONS_H
#define HOPLINE_REASONS_H

/*
 * The order is the layout: add at the end of a group, raise LAYOUT_VERSION when you move one.
 * The comment is what users read (`hopline counters`, docs/drop-reasons.md is generated from it).
 */
enum reason {
	REASON_NONE = 0,

	/* forwarded */
	FORWARDED = 1,        /* handed to the next device of its service */
	COPIED = 2,           /* handed to the next device, and to passive ones */
	ANSWERED_ARP = 3,     /* an ARP request for a service address, answered */
	ANSWERED_ND = 4,      /* a neighbour solicitation for a service address, answered */
	ANSWERED_TOO_BIG = 5, /* larger than the next device's MTU: the sender was told */
	ANSWERED_RESET = 6,   /* a server's answer to a probe's handshake: the connection was taken down */

	/* passed to the kernel untouched */
	PASSED_NOT_IP = 8,      /* neither IPv4 nor IPv6 */
	PASSED_NOT_FOR_US = 9,  /* addressed to another MAC */
	PASSED_LOCAL = 10,      /* for the engine's own address */
	PASSED_NO_SERVICE = 11, /* belongs to no service */
	PASSED_MULTICAST = 12,  /* broadcast or multicast */

	/* dropped */
	DROP_MALFORMED = 16,        /* lengths or headers contradict each other */
	DROP_TOO_MANY_HEADERS = 17, /* more VLAN tags, labels or extension headers than are followed */
	DROP_WRONG_ORIGIN = 18, /* carries an address of a service or device as source, and comes from somewhere else */
	DROP_UNDEFINED_PORT = 19, /* a service address, and a port or protocol that nobody defined */
	DROP_LEG_UNRESOLVED = 20, /* the next device's MAC is not known (yet) */
	DROP_NO_MEMBER = 21,      /* the pool has no active member */
	DROP_NO_ROUTE = 22,       /* the kernel has no route back to the client */
	DROP_NO_NEIGHBOUR = 23, /* the kernel does not know the client's (or router's) MAC yet; it is being asked for */
	DROP_TOO_BIG = 24,      /* larger than the next device's MTU, and the sender cannot be told */
	DROP_FRAGMENT_UNKNOWN = 25, /* a later fragment whose first one was not seen */
	DROP_NOT_ATTACHED = 26,     /* the way out leads over an interface the engine is not attached to */
	DROP_REDIRECT_FAILED = 27,  /* the kernel refused the redirect */
	DROP_COPY_UNKNOWN = 28,     /* a copy that no tap is defined for (egress) */
	DROP_INTERNAL = 29,         /* a table pointed nowhere: please report it */

	/* probes of our own */
	PROBE_ANSWERED = 32, /* a probe that came back, or was refused */
	PROBE_STRAY = 33,    /* for the address that handshake probes come from, and no answer to one */

	REASONS = 34,
};

#endif
