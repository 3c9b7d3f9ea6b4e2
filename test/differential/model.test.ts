import { describe, expect, test } from 'vitest';
import { dissect } from '../packets/dissect.ts';
import { arp, ethernet, fragment, icmp, ipv4, ipv6, type Packet, patched, quote, tcp, udp } from '../packets/frame.ts';
import { compileDefinitions } from './case.ts';
import { MACS, MODEL, NETWORK, S1, U1, U6, W1, W6 } from './example.ts';
import { type Outcome, type World, walk } from './model.ts';
import { updatedChecksum } from './rewrite.ts';

const [E0, E1, E2, E3] = MACS.e as unknown as [string, string, string, string];

function world(): World {
  const compiled = compileDefinitions({ model: MODEL, neighbours: new Map() }, NETWORK);
  return { tables: compiled!.tables, routes: () => undefined, probes: [], fragments: new Map() };
}

function arrive(nic: number, from: string, packet: Packet, more: object = {}): Outcome {
  return walk(world(), ethernet({ to: MACS.e[nic]!, from, ...more }, packet), 10 + nic);
}

const ip = (source: string, destination: string, body: Parameters<typeof ipv4>[1], more: object = {}): Packet =>
  source.includes(':') ? ipv6({ source, destination, ...more }, body) : ipv4({ source, destination, ...more }, body);

/** A frame of TABLES: interface, MACs, addresses, ports. */
interface Row {
  readonly nic: number;
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly destination: string;
  readonly ports: readonly [number, number];
  readonly tags?: readonly number[];
}

const row = (
  nic: number,
  from: string,
  to: string,
  source: string,
  destination: string,
  ports: readonly [number, number],
  tags: readonly number[] = [],
): Row => ({ nic, from, to, source, destination, ports, tags });

function rowOf(sent: Outcome['sent'][number]): Row {
  const { from, to, tags, ip: packet, checksumsValid } = dissect(sent.bytes);
  expect(checksumsValid).toBe(true);
  const ports = [packet!.sourcePort!, packet!.destinationPort!] as const;
  return row(
    sent.ifindex - 10,
    from,
    to,
    packet!.source,
    packet!.destination,
    ports,
    tags.map(({ id }) => id),
  );
}

describe('TABLES, figure 8 with NAT: P1 = 20, TP1 = 2020', () => {
  const out = (from: string): Packet => ip(U1, from, tcp({ source: 40000, destination: 20 }));
  test.each<[string, number, string, Packet, readonly Row[]]>([
    ['1-2: client to the firewall', 0, MACS.router, out(W1), [row(1, E1, MACS.fw0, U1, W1, [40000, 20])]],
    [
      '3-4: firewall to IDS and server',
      2,
      MACS.fw1,
      out(W1),
      [row(3, E3, MACS.server, U1, S1, [40000, 2020]), row(1, E1, MACS.ids, U1, W1, [40000, 20], [7])],
    ],
    [
      '5-6: server to IDS and firewall',
      3,
      MACS.server,
      ip(S1, U1, tcp({ source: 2020, destination: 40000 })),
      [row(2, E2, MACS.fw1, W1, U1, [20, 40000]), row(1, E1, MACS.ids, W1, U1, [20, 40000], [7])],
    ],
    [
      '7-8: firewall to the router',
      1,
      MACS.fw0,
      ip(W1, U1, tcp({ source: 20, destination: 40000 })),
      [row(0, E0, MACS.router, W1, U1, [20, 40000])],
    ],
  ])('%s', (_, nic, from, packet, rows) => {
    expect(arrive(nic, from, packet).sent.map(rowOf)).toEqual(rows);
  });
  test('an answer of the IDS goes to the server, with NAT and its port', () => {
    const { sent } = arrive(1, MACS.ids, out(W1), { tags: [7] });
    expect(sent.map(rowOf)).toEqual([row(3, E3, MACS.server, U1, S1, [40000, 2020])]);
  });
});

describe('verdicts', () => {
  const request = tcp({ source: 40000, destination: 20 });
  const answer = tcp({ source: 2020, destination: 40000 });
  test.each<[string, string, Outcome]>([
    ['the server address from another MAC', 'DROP_WRONG_ORIGIN', arrive(3, MACS.fw0, ip(S1, U1, answer))],
    ['the service address as source from outside', 'DROP_WRONG_ORIGIN', arrive(0, MACS.router, ip(W1, U1, answer))],
    [
      'a port nobody defined',
      'DROP_UNDEFINED_PORT',
      arrive(0, MACS.router, ip(U1, W1, tcp({ source: 1, destination: 21 }))),
    ],
    [
      'the untranslated port from the server',
      'DROP_WRONG_ORIGIN',
      arrive(3, MACS.server, ip(S1, U1, tcp({ source: 20, destination: 40000 }))),
    ],
    ['the engine itself', 'PASSED_LOCAL', arrive(0, MACS.router, ip(U1, '10.0.0.1', request))],
    ['another address of the engine', 'PASSED_LOCAL', arrive(0, MACS.router, ip(U1, '10.0.2.1', request))],
    ['nobody', 'PASSED_NO_SERVICE', arrive(0, MACS.router, ip(U1, '192.0.2.99', request))],
    [
      'another MAC',
      'PASSED_NOT_FOR_US',
      walk(world(), ethernet({ to: E1, from: MACS.router }, ip(U1, W1, request)), 10),
    ],
    [
      'a NIC that is not ours',
      'REASON_NONE',
      walk(world(), ethernet({ to: E0, from: MACS.router }, ip(U1, W1, request)), 99),
    ],
    ['a third tag', 'DROP_TOO_MANY_HEADERS', arrive(0, MACS.router, ip(U1, W1, request), { tags: [1, 2, 3] })],
    [
      'a ninth label',
      'DROP_TOO_MANY_HEADERS',
      arrive(0, MACS.router, ip(U1, W1, request), { labels: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
    ],
    ['eight labels', 'FORWARDED', arrive(0, MACS.router, ip(U1, W1, request), { labels: [1, 2, 3, 4, 5, 6, 7, 8] })],
    [
      'a total length beyond the frame',
      'DROP_MALFORMED',
      arrive(0, MACS.router, ip(U1, W1, request, { totalLength: 41 })),
    ],
    ['padding behind it', 'FORWARDED', arrive(0, MACS.router, ip(U1, W1, request), { padding: 6 })],
    [
      'a later fragment alone',
      'DROP_FRAGMENT_UNKNOWN',
      arrive(0, MACS.router, ip(U1, W1, request, { fragmentOffset: 8 })),
    ],
    ['ICMP to a service of TCP', 'DROP_UNDEFINED_PORT', arrive(0, MACS.router, ip(U1, W1, icmp(8)))],
  ])('%s: %s', (_, reason, outcome) => {
    expect(outcome.reason).toBe(reason);
  });
});

describe('rewriting', () => {
  test('the checksum of RFC 1624, section 4', () => {
    expect(updatedChecksum(0xdd2f, Uint8Array.of(0x55, 0x55), Uint8Array.of(0x32, 0x85))).toBe(0);
  });
  test('a UDP checksum of 0 stays', () => {
    const { sent } = arrive(0, MACS.router, ip(U1, W1, udp({ source: 4000, destination: 53, noChecksum: true })));
    expect(sent[0]!.bytes.slice(14 + 20 + 6, 14 + 20 + 8)).toEqual(Uint8Array.of(0, 0));
    expect(dissect(sent[0]!.bytes).ip!.destination).toBe(S1);
  });
  test('a wrong checksum stays as wrong as it was', () => {
    const right = ethernet({ to: E0, from: MACS.router }, ip(U1, W1, udp({ source: 4000, destination: 53 })));
    const sum = (right[40]! << 8) | right[41]!;
    const sent = [right, patched(right, 40, (sum + 5) & 0xffff)].map(
      (frame) => walk(world(), frame, 10).sent[0]!.bytes,
    );
    expect(((sent[1]![40]! << 8) | sent[1]![41]!) - ((sent[0]![40]! << 8) | sent[0]![41]!)).toBe(5);
  });
  test('two tags are put on, the priority of the one that was there is not made up', () => {
    const { sent } = arrive(0, MACS.router, ip(U6, W6, tcp({ source: 4000, destination: 443 })));
    const { tags, to } = dissect(sent[0]!.bytes);
    expect([to, tags]).toEqual([
      MACS.server,
      [
        { type: 0x88a8, id: 100, priority: 0 },
        { type: 0x8100, id: 200, priority: 0 },
      ],
    ]);
  });
  test('an error about a packet of the way back is quoted and sent as the server knows it', () => {
    const quoted = quote(ip(W1, U1, udp({ source: 53, destination: 4000 })), 28);
    const { sent } = arrive(0, MACS.router, ip('192.0.2.250', W1, icmp(3, 4, quoted, 1200)));
    const { ip: packet, checksumsValid } = dissect(sent[0]!.bytes);
    expect([packet!.source, packet!.destination, packet!.quoted!.source]).toEqual(['192.0.2.250', S1, S1]);
    expect([packet!.icmp!.rest, checksumsValid]).toEqual([1200, true]);
  });
  test('an error about a packet of the way in quotes the service, and keeps the router that sent it', () => {
    const quoted = quote(ip(U1, S1, tcp({ source: 4000, destination: 2020 })), 48);
    const { sent } = arrive(3, MACS.server, ip('10.0.3.254', U1, icmp(11, 0, quoted)));
    const { ip: packet, checksumsValid } = dissect(sent[0]!.bytes);
    expect([packet!.source, packet!.quoted!.destination, packet!.quoted!.destinationPort, checksumsValid]).toEqual([
      '10.0.3.254',
      W1,
      20,
      true,
    ]);
  });
  test('later fragments follow the first one', () => {
    const here = world();
    const whole = udp({ source: 4000, destination: 53 }, new Uint8Array(24).fill(7));
    const pieces = [
      ip(U1, W1, fragment(whole, { source: U1, destination: W1 }, 0, 16), { moreFragments: true }),
      ip(U1, W1, fragment(whole, { source: U1, destination: W1 }, 16), { fragmentOffset: 16 }),
    ];
    const outcomes = pieces.map((piece) => walk(here, ethernet({ to: E0, from: MACS.router }, piece), 10));
    expect(outcomes.map(({ sent }) => dissect(sent[0]!.bytes).ip!.destination)).toEqual([S1, S1]);
  });
});

describe('answers of the engine', () => {
  test('ARP for a service address', () => {
    const packet = arp({ operation: 1, senderMac: MACS.router, sender: '192.0.2.1', target: W1 });
    const outcome = walk(world(), ethernet({ to: 'ff:ff:ff:ff:ff:ff', from: MACS.router }, packet), 10);
    const expected = arp({ operation: 2, senderMac: E0, sender: W1, targetMac: MACS.router, target: '192.0.2.1' });
    expect(outcome.frame).toEqual(ethernet({ to: MACS.router, from: E0 }, expected));
  });
  test('too big for IPv4, quoting 548 bytes', () => {
    const packet = ip(U1, W1, udp({ source: 4000, destination: 53 }, new Uint8Array(1300)), { dontFragment: true });
    const outcome = arrive(0, MACS.router, packet);
    const expected = ipv4({ source: W1, destination: U1, id: 0 }, icmp(3, 4, quote(packet, 548), 1300));
    expect(outcome.frame).toEqual(ethernet({ to: MACS.router, from: E0 }, expected));
  });
  test('too big behind two tags is told 4 bytes less, and IPv4 without DF is dropped', () => {
    const six = arrive(0, MACS.router, ip(U6, W6, tcp({ source: 4000, destination: 443 }, new Uint8Array(1237))));
    expect([six.reason, dissect(six.frame).ip!.icmp!.rest]).toEqual(['ANSWERED_TOO_BIG', 1296]);
    const four = arrive(0, MACS.router, ip(U1, W1, udp({ source: 4000, destination: 53 }, new Uint8Array(1300))));
    expect(four.reason).toBe('DROP_TOO_BIG');
  });
});
