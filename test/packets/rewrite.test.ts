import { describe } from 'vitest';
import { icmp, icmp6, ipv4, ipv6, type Packet, patched, quote, type Segment, tcp, udp } from './frame.ts';
import { testPackets } from './rows.ts';
import {
  CLIENT,
  FIREWALL,
  fromEngine,
  ip,
  request,
  S,
  S6,
  SERVER,
  toEngine,
  U,
  U6,
  W,
  WN,
  WN6,
  world,
} from './world.ts';

const forwarded = { reason: 'FORWARDED' } as const;
const fromServer = { from: SERVER };
const text = (length: number) => Buffer.from('x'.repeat(length));

function answer(source: string, port: number, protocol: 'tcp' | 'udp', length = 5): Packet {
  const ports = { source: port, destination: 5000 };
  const segment = protocol === 'tcp' ? tcp(ports, text(length)) : udp(ports, text(length));
  return ip(source, source.includes(':') ? U6 : U, segment);
}

describe('NAT', () => {
  const query = (destination: string, more = {}) =>
    ip(destination.includes(':') ? U6 : U, destination, udp({ source: 5000, destination: 53, ...more }, text(7)));
  const ping = (destination: string) => ip(U, destination, icmp(8, 0, text(9), 0x12340001));
  const ping6 = (destination: string) => ip(U6, destination, icmp6(128, 0, text(9), 0x12340001));
  testPackets(world, [
    {
      name: 'IPv4 TCP to the server',
      in: toEngine(request(WN, 443)),
      ...forwarded,
      out: fromEngine(SERVER, request(S, 8443)),
    },
    {
      name: 'IPv6 TCP to the server',
      in: toEngine(request(WN6, 443)),
      ...forwarded,
      out: fromEngine(SERVER, request(S6, 8443)),
    },
    {
      name: 'IPv4 TCP and back',
      in: toEngine(answer(S, 8443, 'tcp'), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, answer(WN, 443, 'tcp')),
    },
    {
      name: 'IPv6 TCP and back',
      in: toEngine(answer(S6, 8443, 'tcp'), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, answer(WN6, 443, 'tcp')),
    },
    { name: 'IPv4 UDP', in: toEngine(query(WN)), ...forwarded, out: fromEngine(SERVER, query(S)) },
    { name: 'IPv6 UDP', in: toEngine(query(WN6)), ...forwarded, out: fromEngine(SERVER, query(S6)) },
    {
      name: 'UDP and back',
      in: toEngine(answer(S, 53, 'udp'), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, answer(WN, 53, 'udp')),
    },
    {
      name: 'no UDP checksum stays none',
      in: toEngine(query(WN, { noChecksum: true })),
      ...forwarded,
      out: fromEngine(SERVER, query(S, { noChecksum: true })),
    },
    { name: 'ICMP echo: only the header', in: toEngine(ping(WN)), ...forwarded, out: fromEngine(SERVER, ping(S)) },
    {
      name: 'ICMPv6 echo: its checksum too',
      in: toEngine(ping6(WN6)),
      ...forwarded,
      out: fromEngine(SERVER, ping6(S6)),
    },
    {
      name: 'options and traffic class stay',
      in: toEngine(
        ipv4(
          { source: U, destination: WN, tos: 0xb8, ttl: 1, options: text(8) },
          tcp({ source: 5000, destination: 443 }),
        ),
      ),
      ...forwarded,
      out: fromEngine(
        SERVER,
        ipv4(
          { source: U, destination: S, tos: 0xb8, ttl: 1, options: text(8) },
          tcp({ source: 5000, destination: 8443 }),
        ),
      ),
    },
    {
      name: 'a wrong checksum stays as wrong as it was',
      in: patched(toEngine(request(WN, 443)), 50, 0x1111),
      ...forwarded,
      out: patched(
        fromEngine(SERVER, request(S, 8443)),
        50,
        wrongBy(toEngine(request(WN, 443)), fromEngine(SERVER, request(S, 8443))),
      ),
      wrongChecksums: true,
    },
    // Every value of the last payload word is not needed: a run of them crosses the carry in both directions.
    ...Array.from({ length: 64 }, (_, turn) => {
      const body = Uint8Array.of(0xff - turn, turn * 37, 0xff, 0xff - turn * 3);
      const datagram = (to: string) => ip(U, to, udp({ source: 5000 + turn * 977, destination: 53 }, body));
      return {
        name: `carries of the sum, ${turn}`,
        in: toEngine(datagram(WN)),
        ...forwarded,
        out: fromEngine(SERVER, datagram(S)),
      };
    }),
  ]);
});

/** The checksum at 50 that is off by the same amount after the rewriting as 0x1111 was before. */
function wrongBy(before: Uint8Array, after: Uint8Array): number {
  const at = (frame: Uint8Array) => new DataView(frame.buffer).getUint16(50);
  const sum = 0x1111 + at(after) - at(before);
  return ((sum % 0xffff) + 0xffff) % 0xffff;
}

describe('ICMP errors', () => {
  const sent = (source: string, port: number, more: Segment | undefined = undefined) =>
    ip(source, source.includes(':') ? U6 : U, more ?? tcp({ source: port, destination: 5000 }, text(40)));
  const got = (destination: string, port: number) =>
    ip(destination.includes(':') ? U6 : U, destination, tcp({ source: 5000, destination: port }, text(40)));
  /** The client (or a router before it) says that a packet of the service did not arrive. */
  const fromClient = (source: string, outer: string, quoted: Packet, length?: number) =>
    outer.includes(':')
      ? ip(source, outer, icmp6(2, 0, quote(quoted, length), 1400))
      : ip(source, outer, icmp(3, 4, quote(quoted, length), 1400));
  const router = '203.0.113.1';
  testPackets(world, [
    {
      name: 'a quoted packet of a service goes forward',
      in: toEngine(fromClient(U, W, sent(W, 443))),
      ...forwarded,
      out: fromEngine(FIREWALL, fromClient(U, W, sent(W, 443))),
      trace: { direction: 1 },
    },
    {
      name: 'NAT in quote and header',
      in: toEngine(fromClient(router, WN, sent(WN, 443))),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(router, S, sent(S, 8443))),
    },
    {
      name: 'NAT in quote and header, IPv6',
      in: toEngine(fromClient(U6, WN6, sent(WN6, 443))),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(U6, S6, sent(S6, 8443))),
    },
    {
      name: 'a quote of 8 bytes behind the header',
      in: toEngine(fromClient(U, WN, sent(WN, 443), 28)),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(U, S, sent(S, 8443), 28)),
    },
    {
      name: 'a quote of 4 bytes behind the header',
      in: toEngine(fromClient(U, WN, sent(WN, 443), 24)),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(U, S, sent(S, 8443), 24)),
    },
    {
      name: 'a quote of 3 bytes behind the header is malformed',
      in: toEngine(fromClient(U, WN, sent(WN, 443), 23)),
      reason: 'DROP_MALFORMED',
    },
    {
      name: 'a quote of half a header is malformed',
      in: toEngine(fromClient(U, WN, sent(WN, 443), 12)),
      reason: 'DROP_MALFORMED',
    },
    {
      name: 'a short quote between strangers is passed',
      in: toEngine(fromClient(U, router, sent(router, 443), 12)),
      reason: 'PASSED_NO_SERVICE',
    },
    {
      name: 'quoted UDP',
      in: toEngine(fromClient(U, WN, sent(WN, 53, udp({ source: 53, destination: 5000 }, text(3))))),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(U, S, sent(S, 53, udp({ source: 53, destination: 5000 }, text(3))))),
    },
    {
      name: 'quoted UDP without checksum',
      in: toEngine(fromClient(U, WN, sent(WN, 53, udp({ source: 53, destination: 5000, noChecksum: true }, text(3))))),
      ...forwarded,
      out: fromEngine(
        SERVER,
        fromClient(U, S, sent(S, 53, udp({ source: 53, destination: 5000, noChecksum: true }, text(3)))),
      ),
    },
    {
      name: 'quoted echo',
      in: toEngine(fromClient(U, WN, sent(WN, 0, icmp(0, 0, text(8))))),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(U, S, sent(S, 0, icmp(0, 0, text(8))))),
    },
    {
      name: 'quoted ICMPv6 echo',
      in: toEngine(fromClient(U6, WN6, sent(WN6, 0, icmp6(129, 0, text(8))))),
      ...forwarded,
      out: fromEngine(SERVER, fromClient(U6, S6, sent(S6, 0, icmp6(129, 0, text(8))))),
    },
    {
      name: 'an error about an error is malformed',
      in: toEngine(fromClient(U, WN, sent(WN, 0, icmp(3, 1, text(8))))),
      reason: 'DROP_MALFORMED',
    },
    {
      name: 'an error to another address than it quotes is malformed',
      in: toEngine(fromClient(U, W, sent(WN, 443))),
      reason: 'DROP_MALFORMED',
    },
    {
      name: 'IPv6 in an IPv4 error is malformed',
      in: toEngine(ip(U, WN, icmp(3, 4, quote(sent(WN6, 443)), 1400))),
      reason: 'DROP_MALFORMED',
    },
    {
      name: "a server's own error: header and quote",
      in: toEngine(ip(S, U, icmp(3, 3, quote(got(S, 8443)))), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, ip(WN, U, icmp(3, 3, quote(got(WN, 443))))),
      trace: { direction: 2 },
    },
    {
      name: "a server's own error, IPv6",
      in: toEngine(ip(S6, U6, icmp6(1, 4, quote(got(S6, 8443)))), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, ip(WN6, U6, icmp6(1, 4, quote(got(WN6, 443))))),
    },
    {
      name: 'a router on the way keeps its own address',
      in: toEngine(ip(router, U, icmp(11, 0, quote(got(S, 8443)))), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, ip(router, U, icmp(11, 0, quote(got(WN, 443))))),
    },
    {
      name: 'a router on the way keeps its own address, IPv6',
      in: toEngine(ip('2001:db8:5::1', U6, icmp6(3, 0, quote(got(S6, 8443)))), fromServer),
      ...forwarded,
      out: fromEngine(CLIENT, ip('2001:db8:5::1', U6, icmp6(3, 0, quote(got(WN6, 443))))),
    },
    {
      name: "an error to the interface's own address is the kernel's",
      in: toEngine(fromClient(U, '192.0.2.1', sent(W, 443))),
      reason: 'PASSED_LOCAL',
    },
  ]);
});

describe('tags', () => {
  const link = { from: '02:00:00:00:0a:0a' };
  const tagged = { tags: [{ id: 100, priority: 5, dropEligible: true, type: 0x88a8 }] };
  testPackets(world, [
    {
      name: 'none to one',
      in: toEngine(request(W, 444)),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 444), { ...link, tags: [30] }),
    },
    {
      name: 'none to two',
      in: toEngine(request(W, 445)),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 445), { tags: [30, 31] }),
    },
    {
      name: 'one to none',
      in: toEngine(request(W, 443), tagged),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443)),
    },
    {
      name: 'one to one keeps type and priority',
      in: toEngine(request(W, 444), tagged),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 444), {
        ...link,
        tags: [{ id: 30, priority: 5, dropEligible: true, type: 0x88a8 }],
      }),
    },
    {
      name: 'one to two keeps the outer priority',
      in: toEngine(request(W, 445), tagged),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 445), { tags: [{ id: 30, priority: 5, dropEligible: true }, 31] }),
    },
    {
      name: 'NAT and tags together',
      in: toEngine(request(WN, 443), tagged),
      ...forwarded,
      out: fromEngine(SERVER, request(S, 8443)),
    },
  ]);
  const both = {
    ...world,
    origins: [{ mac: null, vlans: [100, 200], leg: 9, lookups: 0xfff, inline: false }] as const,
  };
  const stacked = {
    tags: [
      { id: 100, priority: 6, type: 0x8100 },
      { id: 200, priority: 3, type: 0x8100 },
    ],
  };
  testPackets(both, [
    {
      name: 'two to none',
      in: toEngine(request(W, 443), stacked),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443)),
    },
    {
      name: 'two to one keeps the outer priority',
      in: toEngine(request(W, 444), stacked),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 444), { ...link, tags: [{ id: 30, priority: 6 }] }),
    },
    {
      name: 'two to two keeps types and priorities',
      in: toEngine(request(W, 445), stacked),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 445), {
        tags: [
          { id: 30, priority: 6, type: 0x8100 },
          { id: 31, priority: 3, type: 0x8100 },
        ],
      }),
    },
    {
      name: 'IPv6 two to none',
      in: toEngine(ipv6({ source: U6, destination: WN6 }, tcp({ source: 5000, destination: 443 })), stacked),
      ...forwarded,
      out: fromEngine(SERVER, ipv6({ source: U6, destination: S6 }, tcp({ source: 5000, destination: 8443 }))),
    },
  ]);
});
