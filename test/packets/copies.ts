/** Tables and frames of live.ts, shared with its test. */
import type { BpfProgram } from '../../src/libbpf/index.ts';
import { icmp, ipv4, quote, tcp } from './frame.ts';
import type { TableRows } from './tables.ts';
import { CLIENT, ip, request, S, SERVER, toEngine, U, WN } from './world.ts';

export const TAP = '02:00:00:00:07:0';
const all = 0xfff;
const reply = (port: number, more = U) => ip(S, more, tcp({ source: port, destination: 5000 }));

/** Taps 10 (tagged) and 11 are on e1 with the server, 12 on e2 with the client's route. */
export function tables(nics: Record<string, number>, egress: BpfProgram): TableRows {
  const { e0 = 0, e1 = 0, e2 = 0 } = nics;
  const onE1 = { ifindex: e1, transmit: 4, sourceMac: '02:00:00:00:00:04' };
  return {
    ifindex: e0,
    others: [
      { ifindex: e1, number: 4, mac: '02:00:00:00:00:04' },
      { ifindex: e2, number: 5, mac: '02:00:00:00:00:05' },
    ],
    segment: 9,
    segmentLookups: all,
    origins: [{ mac: SERVER, leg: 2, lookups: all }],
    legs: {
      1: { ...onE1, mac: SERVER, nat: S, vlans: [30, 0] },
      9: { mac: CLIENT, ifindex: e0, transmit: 3 },
      10: { ...onE1, mac: `${TAP}a`, vlans: [40, 0] },
      11: { ...onE1, mac: `${TAP}b` },
      12: { mac: `${TAP}c`, ifindex: e2, transmit: 5, sourceMac: '02:00:00:00:00:05' },
    },
    steps: [
      {
        direction: 'FORWARD',
        address: WN,
        origin: 9,
        protocol: 6,
        port: 443,
        target: 1,
        newPort: 8443,
        copyset: 7,
        flags: ['SLOT_COPY', 'SLOT_PORT'],
      },
      {
        direction: 'RETURN',
        address: S,
        origin: 2,
        protocol: 6,
        port: 8443,
        target: 9,
        rewrite: WN,
        newPort: 443,
        copyset: 7,
        flags: ['SLOT_COPY', 'SLOT_PORT', 'SLOT_ADDRESS'],
      },
      {
        direction: 'RETURN',
        address: S,
        origin: 2,
        protocol: 6,
        port: 8444,
        target: 0,
        rewrite: WN,
        newPort: 444,
        copyset: 7,
        flags: ['SLOT_COPY', 'SLOT_PORT', 'SLOT_ADDRESS', 'SLOT_ROUTE'],
      },
      {
        direction: 'RETURN',
        address: S,
        origin: 2,
        protocol: 6,
        port: 8445,
        target: 0,
        rewrite: WN,
        newPort: 445,
        flags: ['SLOT_PORT', 'SLOT_ADDRESS', 'SLOT_ROUTE'],
      },
      {
        direction: 'RETURN',
        address: S,
        origin: 2,
        protocol: 6,
        port: 8446,
        target: 9,
        rewrite: WN,
        newPort: 446,
        copyset: 8,
        flags: ['SLOT_COPY', 'SLOT_PORT', 'SLOT_ADDRESS'],
      },
    ],
    groups: [
      { copyset: 8, transmit: 3, ifindexes: [e0, e2] },
      { copyset: 7, transmit: 3, ifindexes: [e0, e1, e1, e2] },
      { copyset: 7, transmit: 4, ifindexes: [e1, e1, e1, e2] },
      { copyset: 7, transmit: 5, ifindexes: [e2, e1, e1, e2] },
    ],
    egress,
    copies: [
      { copyset: 7, ifindex: e1, index: 0, leg: 10 },
      { copyset: 7, ifindex: e1, index: 1, leg: 11 },
      { copyset: 7, ifindex: e2, index: 0, leg: 12 },
    ],
  };
}

/** An error about a packet of the service that the client sends: the quote is turned round on its way to the server. */
export const complaint = (from: string, port: number) =>
  ip(U, from, icmp(3, 3, quote(ipv4({ source: from, destination: U }, tcp({ source: port, destination: 5000 })), 28)));

export const frames = {
  forward: toEngine(request(WN, 443)),
  'forward again': toEngine(request(WN, 443, 'again')),
  'forward, tagged error': toEngine(complaint(WN, 443)),
  return: toEngine(reply(8443), { from: SERVER }),
  'return with a copy for nobody': toEngine(reply(8446), { from: SERVER }),
  'return by route, with copies': toEngine(reply(8444), { from: SERVER }),
  'return by route': toEngine(reply(8445), { from: SERVER }),
  'return through a router': toEngine(reply(8445, '203.0.113.5'), { from: SERVER }),
  'return to an unknown neighbour': toEngine(reply(8445, '192.0.2.99'), { from: SERVER }),
};
export type FrameName = keyof typeof frames;
