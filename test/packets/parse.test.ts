import { describe } from 'vitest';
import { fragment, fragmentExtension, ipv4, ipv6, patched, raw, segment, tcp, udp } from './frame.ts';
import { testPackets } from './rows.ts';
import { FIREWALL, fromEngine, request, toEngine, U, U6, W, W6, WN, WN6, world } from './world.ts';

const ends = { source: U, destination: W };
const ends6 = { source: U6, destination: W6 };
const syn = tcp({ source: 5000, destination: 443 });
const plain = toEngine(request(W, 443));
const plain6 = toEngine(request(W6, 443));
const forwarded = { reason: 'FORWARDED' } as const;
const malformed = { reason: 'DROP_MALFORMED' } as const;
const tooMany = { reason: 'DROP_TOO_MANY_HEADERS' } as const;
const options = new Uint8Array(40).fill(1);
const datagram = udp({ source: 5000, destination: 53 }, new Uint8Array(64));
const nat = { source: U, destination: WN };
const first = (id: number) => toEngine(ipv4({ ...nat, id, moreFragments: true }, fragment(datagram, nat, 0, 32)));
const chain = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ type: ([0, 60, 43, 51] as const)[place % 4] ?? 0 }));
const long = { type: 60, bytes: new Uint8Array(2046) } as const;

describe('what is told apart', () => {
  testPackets(world, [
    { name: 'an IPv4 packet goes to its step', in: plain, ...forwarded, out: fromEngine(FIREWALL, request(W, 443)) },
    { name: 'an IPv6 packet goes to its step', in: plain6, ...forwarded, out: fromEngine(FIREWALL, request(W6, 443)) },
    {
      name: 'padding is kept',
      in: toEngine(request(W, 443, ''), { padding: 6 }),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443, ''), { padding: 6 }),
    },
    {
      name: 'IPv4 options are stepped over',
      in: toEngine(ipv4({ ...ends, options }, syn)),
      ...forwarded,
      out: fromEngine(FIREWALL, ipv4({ ...ends, options }, syn)),
    },
    {
      name: 'eight extension headers are followed',
      in: toEngine(ipv6({ ...ends6, extensions: chain(8) }, syn)),
      ...forwarded,
      out: fromEngine(FIREWALL, ipv6({ ...ends6, extensions: chain(8) }, syn)),
    },
    {
      name: 'a long extension header is stepped over where the frame holds it',
      in: toEngine(ipv6({ ...ends6, extensions: [{ type: 60, bytes: new Uint8Array(1022) }] }, syn)),
      ...forwarded,
      out: fromEngine(FIREWALL, ipv6({ ...ends6, extensions: [{ type: 60, bytes: new Uint8Array(1022) }] }, syn)),
    },
    {
      name: 'a ninth extension header is too many',
      in: toEngine(ipv6({ ...ends6, extensions: chain(9) }, syn)),
      ...tooMany,
    },
    {
      name: 'eight labels are stepped over and kept',
      in: toEngine(request(W, 443), { labels: [1, 2, 3, 4, 5, 6, 7, 8] }),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443), { labels: [1, 2, 3, 4, 5, 6, 7, 8] }),
    },
    {
      name: 'IPv6 behind a label is recognised',
      in: toEngine(request(W6, 443), { labels: [99] }),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W6, 443), { labels: [99] }),
    },
    {
      name: 'NAT works behind labels',
      in: toEngine(request(WN, 443), { labels: [99, 100] }),
      ...forwarded,
      out: fromEngine('02:00:00:00:03:01', request('10.0.3.11', 8443), { labels: [99, 100] }),
    },
    {
      name: 'a ninth label is too many',
      in: toEngine(request(W, 443), { labels: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
      ...tooMany,
    },
    {
      name: 'something else behind a label is not IP',
      in: toEngine(raw(0, new Uint8Array(40)), { labels: [5] }),
      reason: 'PASSED_NOT_IP',
    },
    {
      name: 'nothing behind a label is malformed',
      in: toEngine(raw(0, new Uint8Array(0)), { labels: [5] }),
      ...malformed,
    },
    { name: 'a third tag is too many', in: toEngine(request(W, 443), { tags: [1, 2, 3] }), ...tooMany },
    { name: 'LLDP to a MAC is not IP', in: toEngine(raw(0x88cc, new Uint8Array(46))), reason: 'PASSED_NOT_IP' },
    {
      name: 'a broadcast is passed',
      in: toEngine(request(W, 443), { to: 'ff:ff:ff:ff:ff:ff' }),
      reason: 'PASSED_MULTICAST',
    },
    {
      name: 'a malformed multicast is passed',
      in: toEngine(raw(0x0800, new Uint8Array(3)), { to: '01:00:5e:00:00:01' }),
      reason: 'PASSED_MULTICAST',
    },
    {
      name: 'another MAC is not for us',
      in: toEngine(request(W, 443), { to: '02:ff:00:00:00:01' }),
      reason: 'PASSED_NOT_FOR_US',
    },
  ]);
});

describe('what is malformed', () => {
  testPackets(world, [
    { name: 'a packet from a group', in: toEngine(request(W, 443), { from: '03:00:00:00:00:01' }), ...malformed },
    {
      name: 'a broadcast from everybody',
      in: toEngine(request(W, 443), { to: 'ff:ff:ff:ff:ff:ff', from: 'ff:ff:ff:ff:ff:ff' }),
      ...malformed,
    },
    {
      name: 'three tags from a group',
      in: toEngine(request(W, 443), { from: '03:00:00:00:00:01', tags: [1, 2, 3] }),
      ...malformed,
    },
    { name: 'a tag that is cut off', in: patched(new Uint8Array(16), 12, 0x8100), ...malformed },
    { name: 'a label that is cut off', in: patched(new Uint8Array(16), 12, 0x8847), ...malformed },
    { name: 'version 5', in: toEngine(ipv4({ ...ends, version: 5 }, syn)), ...malformed },
    { name: 'IPv4 header of 4 words', in: toEngine(ipv4({ ...ends, headerWords: 4 }, syn)), ...malformed },
    {
      name: 'IPv4 header beyond the frame',
      in: toEngine(ipv4({ ...ends, headerWords: 15 }, segment(99, new Uint8Array(2)))),
      ...malformed,
    },
    { name: 'total length below the header', in: toEngine(ipv4({ ...ends, totalLength: 19 }, syn)), ...malformed },
    { name: 'total length beyond the frame', in: toEngine(ipv4({ ...ends, totalLength: 41 }, syn)), ...malformed },
    { name: 'payload length beyond the frame', in: toEngine(ipv6({ ...ends6, payloadLength: 21 }, syn)), ...malformed },
    {
      name: 'an IPv6 packet to an IPv4 service address in IPv6 clothes',
      in: toEngine(ipv6({ source: U6, destination: `::ffff:${W}` }, syn)),
      ...malformed,
    },
    {
      name: 'an IPv6 packet from a mapped address',
      in: toEngine(ipv6({ source: `::ffff:${W}`, destination: W6 }, syn)),
      ...malformed,
    },
    { name: 'a jumbogram', in: toEngine(ipv6({ ...ends6, payloadLength: 0 }, syn)), ...malformed },
    {
      name: 'IPv4 behind the EtherType of IPv6',
      in: toEngine({ ...request(W, 443, 'x'.repeat(40)), type: 0x86dd }),
      ...malformed,
    },
    {
      name: 'TCP header of 4 words',
      in: toEngine(ipv4(ends, tcp({ source: 1, destination: 443, headerWords: 4 }))),
      ...malformed,
    },
    {
      name: 'TCP header beyond the packet',
      in: toEngine(ipv4(ends, tcp({ source: 1, destination: 443, headerWords: 6 }))),
      ...malformed,
    },
    { name: 'TCP cut off by the IP length', in: toEngine(ipv4({ ...ends, totalLength: 39 }, syn)), ...malformed },
    { name: 'UDP length 7', in: toEngine(ipv4(nat, udp({ source: 1, destination: 53, length: 7 }))), ...malformed },
    {
      name: 'UDP length beyond the packet',
      in: toEngine(ipv4(nat, udp({ source: 1, destination: 53, length: 9 }))),
      ...malformed,
    },
    { name: '7 bytes of ICMP', in: toEngine(ipv4(nat, segment(1, new Uint8Array(7)))), ...malformed },
    {
      name: '7 bytes of ICMPv6',
      in: toEngine(ipv6({ source: U6, destination: WN6 }, segment(58, new Uint8Array(7)))),
      ...malformed,
    },
    {
      name: 'an extension header beyond the packet',
      in: toEngine(ipv6({ ...ends6, extensions: [long], payloadLength: 100 }, syn)),
      ...malformed,
    },
    ...Array.from({ length: plain.length - 14 }, (_, cut) => ({
      name: `IPv4 cut off after ${14 + cut} bytes`,
      in: plain.slice(0, 14 + cut),
      ...malformed,
    })),
    ...[14, 30, 53, 54, 60, 73, 78].map((cut) => ({
      name: `IPv6 cut off after ${cut} bytes`,
      in: plain6.slice(0, cut),
      ...malformed,
    })),
  ]);
});

describe('fragments', () => {
  const later = (id: number, more = false) =>
    ipv4({ ...nat, id, fragmentOffset: 32, moreFragments: more }, fragment(datagram, nat, 32));
  const first6 = ipv6(
    { source: U6, destination: WN6, extensions: [fragmentExtension(0, true, 77)] },
    fragment(datagram, { source: U6, destination: WN6 }, 0, 32),
  );
  const later6 = (destination: string) =>
    ipv6(
      { source: U6, destination, extensions: [fragmentExtension(32, false, 77)] },
      segment(17, datagram.bytes.slice(32)),
    );
  const wholeNat = fragment(datagram, { source: U, destination: '10.0.3.11' }, 0, 32);
  testPackets(world, [
    {
      name: 'a first fragment goes its way, NAT included',
      in: first(1),
      ...forwarded,
      out: fromEngine(
        '02:00:00:00:03:01',
        ipv4({ source: U, destination: '10.0.3.11', id: 1, moreFragments: true }, wholeNat),
      ),
    },
    {
      name: 'a later fragment follows its first',
      before: [first(2)],
      in: toEngine(later(2)),
      ...forwarded,
      out: fromEngine(
        '02:00:00:00:03:01',
        ipv4({ source: U, destination: '10.0.3.11', id: 2, fragmentOffset: 32 }, fragment(datagram, nat, 32)),
      ),
    },
    {
      name: 'a later IPv6 fragment follows its first',
      before: [toEngine(first6)],
      in: toEngine(later6(WN6)),
      ...forwarded,
      out: fromEngine('02:00:00:00:03:01', later6('fd00::11')),
    },
    {
      name: 'a later fragment of another packet is unknown',
      before: [first(3)],
      in: toEngine(later(4)),
      reason: 'DROP_FRAGMENT_UNKNOWN',
    },
    {
      name: 'a later fragment from another origin is unknown',
      before: [first(5)],
      in: toEngine(later(5), { from: FIREWALL }),
      reason: 'DROP_FRAGMENT_UNKNOWN',
    },
    {
      name: 'a later fragment between strangers is passed',
      in: toEngine(ipv4({ source: U, destination: '203.0.113.1', fragmentOffset: 32 }, segment(17, new Uint8Array(9)))),
      reason: 'PASSED_NO_SERVICE',
    },
    {
      name: 'a later fragment without ports needs no first',
      in: toEngine(ipv4({ source: U, destination: W, fragmentOffset: 32 }, segment(132, new Uint8Array(9)))),
      ...forwarded,
      out: fromEngine(
        '02:00:00:00:03:01',
        ipv4({ source: U, destination: '10.0.3.11', fragmentOffset: 32 }, segment(132, new Uint8Array(9))),
      ),
    },
    {
      name: 'an atomic fragment is a whole packet',
      in: toEngine(ipv6({ ...ends6, extensions: [fragmentExtension(0, false, 5)] }, syn)),
      ...forwarded,
      out: fromEngine(FIREWALL, ipv6({ ...ends6, extensions: [fragmentExtension(0, false, 5)] }, syn)),
    },
    {
      name: 'a first fragment cut off within TCP is malformed',
      in: toEngine(ipv4({ ...ends, moreFragments: true }, segment(6, syn.bytes.slice(0, 16)))),
      ...malformed,
    },
  ]);
});
