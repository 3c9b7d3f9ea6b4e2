import { describe, expect, test } from 'vitest';
import { probeImage } from '../../src/dataplane/probe/probe-image.ts';
import type { ProbeFrame } from '../../src/dataplane/probe/prober-types.ts';
import { Limit } from '../../src/terms/constants.ts';
import { concat } from './bytes.ts';
import { arp, ethernet, icmp, icmp6, neighbourAdvertisement, neighbourSolicitation, raw, tcp, udp } from './frame.ts';
import { COOKIE, markOf, ProbeBench, SOURCE, SOURCE6, sequenceOf } from './probes.ts';
import { testPackets } from './rows.ts';
import { ENGINE } from './tables.ts';
import { BRIDGE, CLIENT, FIREWALL, fromEngine, ip, LEG, S, SERVER, toEngine, U, U6, W, W6, world } from './world.ts';

const OWN = '192.0.2.1';
const OWN6 = '2001:db8:9::1';
const EXPERIMENTAL = 0x88b5;
/** Not the engine's own: where this round of probes came from. */
const FAR = '192.0.2.200';
const FAR6 = '2001:db8:9::200';

const ID = { bridge: 1, routed: 2, routed6: 3, ping: 4, shake: 5, shake6: 6, given: 7, alike: 8, foreign: 9, nat: 10 };
const SENT = 7;

const marked = (id: number, sequence = SENT, changes: object = {}): Uint8Array => markOf(id, sequence, changes);
const bridged = (mark: Uint8Array) => raw(EXPERIMENTAL, concat(mark, new Uint8Array(14)));
const datagram = (id: number, from: string, to: string, sequence?: number, changes?: object) =>
  ip(from, to, udp({ source: 9, destination: 9 }, marked(id, sequence, changes)));

const syn = (to: string, port: number, id: number) =>
  ip(
    to.includes(':') ? SOURCE6 : SOURCE,
    to,
    tcp({ source: Limit.PROBE_PORT_BASE + id, destination: port, sequence: 0, flags: 2 }),
  );
const SYN_ACK = 0x12;
const RST_ACK = 0x14;
const answer = (from: string, port: number, id: number, flags: number, sequence = SENT, more: object = {}) => {
  const acknowledgement = (sequenceOf(id, sequence) + 1) >>> 0;
  const segment = { source: port, destination: Limit.PROBE_PORT_BASE + id, flags, sequence: 77, acknowledgement };
  return ip(from, from.includes(':') ? SOURCE6 : SOURCE, tcp({ ...segment, ...more }));
};
const reset = (to: string, port: number, id: number, sequence = SENT) => {
  const segment = { source: Limit.PROBE_PORT_BASE + id, destination: port, flags: 4 };
  const body = tcp({ ...segment, sequence: (sequenceOf(id, sequence) + 1) >>> 0, acknowledgement: 0 });
  body.bytes.set([0, 0], 14); // no window
  return ip(to.includes(':') ? SOURCE6 : SOURCE, to, body, to.includes(':') ? {} : { id: 0, dontFragment: true });
};

const given = ip('203.0.113.5', '203.0.113.9', udp({ source: 1000, destination: 2000 }, Buffer.from('a question')));
const alike = ip('203.0.113.5', '203.0.113.9', udp({ source: 1000, destination: 2000 }, Buffer.from('b question')));
const foreign = raw(0x9000, Buffer.from('somebody else'));

const frame = (id: number, kind: ProbeFrame['kind'], bytes: Uint8Array, arrivesFrom: number, offset = 0) => ({
  id,
  kind,
  bytes,
  ifindex: 1,
  arrivesFrom,
  offset,
});
const link = { to: FIREWALL, from: ENGINE };
const probes: readonly ProbeFrame[] = [
  frame(ID.bridge, 'marked', ethernet(link, bridged(marked(ID.bridge, 0))), LEG.tagged, 14),
  frame(ID.routed, 'marked', ethernet(link, datagram(ID.routed, FAR, OWN, 0)), LEG.firewall, 42),
  frame(ID.routed6, 'marked', ethernet(link, datagram(ID.routed6, FAR6, OWN6, 0)), LEG.firewall, 62),
  frame(ID.ping, 'marked', ethernet(link, ip(FAR, OWN, icmp(8, 0, marked(ID.ping, 0)))), LEG.firewall, 42),
  frame(ID.shake, 'handshake', ethernet(link, syn(W, 443, ID.shake)), LEG.nat, 34),
  frame(ID.shake6, 'handshake', ethernet(link, syn(W6, 443, ID.shake6)), LEG.nat, 54),
  frame(ID.nat, 'handshake', ethernet(link, syn(S, 8443, ID.nat)), LEG.nat, 34),
  frame(ID.given, 'frame', ethernet(link, given), LEG.firewall),
  frame(ID.alike, 'frame', ethernet(link, alike), LEG.firewall),
  frame(ID.foreign, 'frame', ethernet(link, foreign), LEG.firewall),
];

const bench = new ProbeBench(probes.map(probeImage), SENT);
const tables = { ...world, probes: bench };
const came = (packet: Parameters<typeof toEngine>[0], from: string, more: object = {}) =>
  toEngine(packet, { from, ...more });
const consumed = (id: number, sequence = SENT, refused = false) => ({
  reason: 'PROBE_ANSWERED' as const,
  check: () => expect(bench.answer(id)).toEqual({ answered: sequence, refused }),
});
const unanswered = (id: number) => ({ check: () => expect(bench.answer(id).answered).toBe(0) });

describe('marked frames', () => {
  const routed = (sequence?: number, changes?: object) => datagram(ID.routed, FAR, OWN, sequence, changes);
  testPackets(tables, [
    { name: 'come back through a bridge', in: came(bridged(marked(ID.bridge)), BRIDGE), ...consumed(ID.bridge) },
    {
      name: 'of an earlier round count as that one',
      in: came(bridged(marked(ID.bridge, SENT - 2)), BRIDGE),
      ...consumed(ID.bridge, SENT - 2),
    },
    {
      name: 'that come late undo nothing',
      before: [came(bridged(marked(ID.bridge)), BRIDGE)],
      in: came(bridged(marked(ID.bridge, SENT - 1)), BRIDGE),
      ...consumed(ID.bridge),
    },
    {
      name: 'of a round not sent yet are nobody’s',
      in: came(bridged(marked(ID.bridge, SENT + 1)), BRIDGE),
      reason: 'PASSED_NOT_IP',
      ...unanswered(ID.bridge),
    },
    {
      name: 'from another leg are frames like others',
      in: came(bridged(marked(ID.bridge)), FIREWALL),
      reason: 'PASSED_NOT_IP',
      ...unanswered(ID.bridge),
    },
    {
      name: 'for another MAC are not ours',
      in: came(bridged(marked(ID.bridge)), BRIDGE, { to: '02:00:00:00:0c:0c' }),
      reason: 'PASSED_NOT_IP',
      ...unanswered(ID.bridge),
    },
    {
      name: 'of another engine are not ours',
      in: came(bridged(marked(ID.bridge, SENT, { cookie: COOKIE + 1 })), BRIDGE),
      reason: 'PASSED_NOT_IP',
      ...unanswered(ID.bridge),
    },
    {
      name: 'with a number nobody has are not ours',
      in: came(bridged(marked(4000)), BRIDGE),
      reason: 'PASSED_NOT_IP',
    },
    {
      name: 'cut off in the mark are not ours',
      in: came(raw(EXPERIMENTAL, marked(ID.bridge).subarray(0, 31)), BRIDGE),
      reason: 'PASSED_NOT_IP',
      ...unanswered(ID.bridge),
    },
    { name: 'come back through a router', in: came(routed(), FIREWALL), ...consumed(ID.routed) },
    {
      name: 'come back through a router for IPv6',
      in: came(datagram(ID.routed6, FAR6, OWN6), FIREWALL),
      ...consumed(ID.routed6),
    },
    {
      name: 'come back as an echo request',
      in: came(ip(FAR, OWN, icmp(8, 0, marked(ID.ping))), FIREWALL),
      ...consumed(ID.ping),
    },
    {
      name: 'come back as an echo reply',
      in: came(ip(FAR6, OWN6, icmp6(129, 0, marked(ID.ping))), FIREWALL),
      ...consumed(ID.ping),
    },
    {
      name: 'in another ICMP message are not looked at',
      in: came(ip(FAR, OWN, icmp(13, 0, marked(ID.ping))), FIREWALL),
      reason: 'PASSED_LOCAL',
      ...unanswered(ID.ping),
    },
    {
      name: 'from another leg go to the kernel',
      in: came(routed(), SERVER),
      reason: 'PASSED_LOCAL',
      ...unanswered(ID.routed),
    },
    { name: 'from clients go to the kernel', in: came(routed(), CLIENT), reason: 'PASSED_LOCAL' },
    {
      name: 'whose complement is wrong go to the kernel',
      in: came(routed(SENT, { complement: SENT }), FIREWALL),
      reason: 'PASSED_LOCAL',
      ...unanswered(ID.routed),
    },
    {
      name: 'cut off at the end of IP go to the kernel',
      in: came(ip(FAR, OWN, udp({ source: 9, destination: 9 }, marked(ID.routed).subarray(0, 31))), FIREWALL, {
        padding: 8,
      }),
      reason: 'PASSED_LOCAL',
      ...unanswered(ID.routed),
    },
  ]);
});

describe('handshakes', () => {
  const closed = (id: number, to: string, port: number, sequence = SENT) => ({
    reason: 'ANSWERED_RESET' as const,
    out: fromEngine(SERVER, reset(to, port, id, sequence)),
    check: () => expect(bench.answer(id)).toEqual({ answered: sequence, refused: false }),
  });
  testPackets(tables, [
    {
      name: 'are answered and taken down',
      in: came(answer(W, 443, ID.shake, SYN_ACK), SERVER),
      ...closed(ID.shake, W, 443),
    },
    {
      name: 'with options and padding, too',
      in: came(answer(W, 443, ID.shake, SYN_ACK, SENT, { options: Uint8Array.of(2, 4, 5, 0xb4) }), SERVER, {
        padding: 9,
      }),
      ...closed(ID.shake, W, 443),
    },
    {
      name: 'over IPv6',
      in: came(answer(W6, 443, ID.shake6, SYN_ACK), SERVER),
      ...closed(ID.shake6, W6, 443),
    },
    {
      name: "to a server's own address",
      in: came(answer(S, 8443, ID.nat, SYN_ACK), SERVER),
      ...closed(ID.nat, S, 8443),
    },
    {
      name: 'of an earlier round count as that one',
      in: came(answer(W, 443, ID.shake, SYN_ACK, SENT - 3), SERVER),
      ...closed(ID.shake, W, 443, SENT - 3),
    },
    {
      name: 'that were refused are',
      in: came(answer(W, 443, ID.shake, RST_ACK), SERVER),
      ...consumed(ID.shake, SENT, true),
    },
    {
      name: 'refused for another round are strays',
      in: came(answer(W, 443, ID.shake, RST_ACK, SENT + 1), SERVER),
      reason: 'PROBE_STRAY',
      ...unanswered(ID.shake),
    },
    {
      name: 'whose reset was lost are taken down, and answer nothing',
      in: came(answer(W, 443, ID.shake, 0x10), SERVER),
      reason: 'ANSWERED_RESET',
      out: fromEngine(SERVER, reset(W, 443, ID.shake)),
      ...unanswered(ID.shake),
    },
    {
      name: 'that have not come out of the devices go on as the service',
      in: came(answer(W, 443, ID.shake, SYN_ACK), FIREWALL),
      reason: 'FORWARDED',
      out: fromEngine(CLIENT, answer(W, 443, ID.shake, SYN_ACK)),
      ...unanswered(ID.shake),
    },
    {
      name: 'answered by another port are strays',
      in: came(answer(W, 444, ID.shake, SYN_ACK), SERVER),
      reason: 'PROBE_STRAY',
      ...unanswered(ID.shake),
    },
    {
      name: 'answered by somebody else are strays',
      in: came(answer(S, 443, ID.shake, SYN_ACK), SERVER),
      reason: 'PROBE_STRAY',
      ...unanswered(ID.shake),
    },
    { name: 'of nobody are strays', in: came(answer(W, 443, 4000, SYN_ACK), SERVER), reason: 'PROBE_STRAY' },
    {
      name: 'a datagram to where they come from is a stray',
      in: came(ip(S, SOURCE, udp({ source: 1, destination: Limit.PROBE_PORT_BASE + ID.nat })), SERVER),
      reason: 'PROBE_STRAY',
    },
  ]);
});

describe("somebody's own frames", () => {
  testPackets(tables, [
    { name: 'come back', in: came(given, FIREWALL), ...consumed(ID.given) },
    { name: 'are told from others alike', in: came(alike, FIREWALL), ...consumed(ID.alike) },
    {
      name: 'come back with another TTL and type of service',
      in: came(
        ip('203.0.113.5', '203.0.113.9', udp({ source: 1000, destination: 2000 }, Buffer.from('a question')), {
          ttl: 3,
          tos: 8,
          id: 99,
        }),
        FIREWALL,
      ),
      ...consumed(ID.given),
    },
    { name: 'that are not IP come back', in: came(foreign, FIREWALL), ...consumed(ID.foreign) },
    { name: 'with padding behind them', in: came(foreign, FIREWALL, { padding: 12 }), ...consumed(ID.foreign) },
    { name: 'from another leg are packets like others', in: came(given, SERVER), reason: 'PASSED_NO_SERVICE' },
    {
      name: 'with another byte are not these',
      in: came(
        ip('203.0.113.5', '203.0.113.9', udp({ source: 1000, destination: 2000 }, Buffer.from('c question'))),
        FIREWALL,
      ),
      reason: 'PASSED_NO_SERVICE',
    },
    {
      name: 'between others are not these',
      in: came(
        ip('203.0.113.5', '203.0.113.8', udp({ source: 1000, destination: 2000 }, Buffer.from('a question'))),
        FIREWALL,
      ),
      reason: 'PASSED_NO_SERVICE',
    },
  ]);
});

describe('where handshakes come from', () => {
  const request = arp({ operation: 1, senderMac: SERVER, sender: S, target: SOURCE });
  const reply = arp({ operation: 2, senderMac: ENGINE, sender: SOURCE, targetMac: SERVER, target: S });
  const solicited = (target: string) =>
    ip(U6, 'ff02::1:ff00:8', neighbourSolicitation(target, SERVER), { hopLimit: 255 });
  testPackets(tables, [
    {
      name: 'a device that asks for it is answered',
      in: came(request, SERVER, { to: 'ff:ff:ff:ff:ff:ff' }),
      reason: 'ANSWERED_ARP',
      out: fromEngine(SERVER, reply),
    },
    {
      name: 'a device that asks for the IPv6 one is answered',
      in: came(solicited(SOURCE6), SERVER, { to: '33:33:ff:00:00:08' }),
      reason: 'ANSWERED_ND',
      out: fromEngine(SERVER, ip(SOURCE6, U6, neighbourAdvertisement(SOURCE6, ENGINE, 3), { hopLimit: 255 })),
    },
    {
      name: 'a question to the MAC that a bridge gives back is a packet like others',
      in: came(solicited(SOURCE6), BRIDGE, { to: '02:00:00:00:0a:0a' }),
      reason: 'PASSED_NO_SERVICE',
    },
    {
      name: 'clients that ask for it are not',
      in: came(arp({ operation: 1, senderMac: CLIENT, sender: U, target: SOURCE }), CLIENT, {
        to: 'ff:ff:ff:ff:ff:ff',
      }),
      reason: 'PASSED_MULTICAST',
    },
  ]);
});

test('a mark that could not be one is refused', () => {
  const bytes = ethernet(link, bridged(marked(1, 0)));
  expect(() => probeImage(frame(1, 'marked', bytes, 1, 40))).toThrow('no mark fits in at 40');
  expect(() => probeImage(frame(0, 'marked', bytes, 1, 14))).toThrow('numbers are 1 to 32767');
  expect(() => probeImage(frame(1, 'handshake', bytes, 1, 14))).toThrow('no TCP header stands at 14');
});
