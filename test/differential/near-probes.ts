/** Random frames that are answers to probes, or nearly. */
import { concat } from '../packets/bytes.ts';
import {
  arp,
  ethernet,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  neighbourSolicitation,
  type Packet,
  raw,
  type Segment,
  tcp,
  udp,
} from '../packets/frame.ts';
import { COOKIE, markOf, SOURCE, SOURCE6, sequenceOf } from '../packets/probes.ts';
import { hexText } from './aim.ts';
import { layout } from './door.ts';
import { addressHex } from './parse.ts';
import { EXPERIMENTAL, type Probe, probesOf, ROUNDS } from './probes.ts';
import type { Random } from './random.ts';
import type { Tables } from './tables.ts';

/** Undefined where a case has no probes. */
export function nearProbe(random: Random, tables: Tables): { ifindex: number; frame: Uint8Array } | undefined {
  const probes = probesOf(tables);
  const probe = random.maybe(probes);
  if (probe === undefined) {
    return undefined;
  }
  const place = random.chance(0.2) ? random.pick(probes) : probe;
  const { nic, sender } = place;
  const bridged = sender.bridged ? tables.legs.get(sender.leg)?.sourceMac : undefined;
  const to = random.chance(0.05) ? '02:00:00:c1:0e:0e' : (bridged ?? nic.mac);
  const from = random.chance(0.05) ? '02:00:00:c1:00:01' : (sender.mac ?? '');
  const tags = sender.vlans.filter((id) => id !== 0);
  const labels = random.chance(0.03) ? [17] : [];
  const padding = random.chance(0.2) ? random.between(1, 20) : 0;
  const packet = random.chance(0.06) ? question(random) : answerTo(random, probe);
  const isAsking = packet.type === 0x0806;
  const frame = ethernet(
    { to: isAsking ? 'ff:ff:ff:ff:ff:ff' : to, from, tags, labels: isAsking ? [] : labels, padding },
    packet,
  );
  return { ifindex: nic.ifindex, frame };
}

function question(random: Random): Packet {
  const senderMac = '02:00:00:c1:00:01';
  return random.chance(0.5)
    ? arp({ operation: 1, senderMac, sender: '10.0.3.5', target: SOURCE })
    : ipv6({ source: '2001:db8::5', destination: SOURCE6, hopLimit: 255 }, neighbourSolicitation(SOURCE6, senderMac));
}

function answerTo(random: Random, probe: Probe): Packet {
  if (probe.kind === 'marked') {
    return markedAnswer(random, probe);
  }
  if (probe.kind === 'handshake') {
    return handshakeAnswer(random, probe);
  }
  const bytes = probe.packet.bytes.slice();
  if (random.chance(0.3)) {
    const at = random.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7));
  }
  return { ...probe.packet, bytes };
}

function markedAnswer(random: Random, { id, packet }: Probe): Packet {
  const round = random.pick([0, 1, ROUNDS, ROUNDS, ROUNDS, ROUNDS + 1, 0xffff_ffff]);
  const changes = random.pick([{}, {}, {}, { cookie: COOKIE + 1 }, { complement: round }]);
  const whole = markOf(random.chance(0.1) ? random.between(0, 70) : id, round, changes);
  const mark = random.chance(0.1) ? whole.subarray(0, random.between(0, 31)) : whole;
  if (packet.type === EXPERIMENTAL) {
    return raw(random.chance(0.1) ? 0x88b6 : EXPERIMENTAL, concat(mark, new Uint8Array(mark.length < 32 ? 0 : 14)));
  }
  const isIpv4 = packet.type === 0x0800;
  const [source, destination] = isIpv4
    ? [packet.bytes.subarray(12, 16), packet.bytes.subarray(16, 20)]
    : [packet.bytes.subarray(8, 24), packet.bytes.subarray(24, 40)];
  const ends = { source: hexText(addressHex(source)), destination: hexText(addressHex(destination)) };
  const type = isIpv4 ? random.pick([0, 8, 13]) : random.pick([128, 129, 130]);
  const echo = isIpv4 ? icmp(type, 0, mark) : icmp6(type, 0, mark);
  const body: Segment = random.chance(0.5) ? udp({ source: 9, destination: 9 }, mark) : echo;
  return isIpv4 ? ipv4({ ...ends, moreFragments: random.chance(0.05) }, body) : ipv6(ends, body);
}

function handshakeAnswer(random: Random, { id, packet, bytes, offset }: Probe): Packet {
  const isIpv4 = packet.type === 0x0800;
  const answerer = isIpv4 ? packet.bytes.subarray(16, 20) : packet.bytes.subarray(24, 40);
  const other = random.chance(0.1);
  const fallback = isIpv4 ? '10.0.3.5' : '2001:db8::5';
  const ends = {
    source: other ? fallback : hexText(addressHex(answerer)),
    destination: isIpv4 ? SOURCE : SOURCE6,
  };
  const asked = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
  const round = random.pick([0, 1, ROUNDS, ROUNDS, ROUNDS + 1]);
  const acknowledgement = (sequenceOf(id, round) + (random.chance(0.1) ? 2 : 1)) >>> 0;
  const number = random.chance(0.1) ? random.between(0, 70) : id;
  const ports = {
    source: random.chance(0.1) ? asked ^ 1 : asked,
    destination: (layout('PROBE_PORT_BASE') + number) & 0xffff,
  };
  const flags = random.pick([0x12, 0x12, 0x14, 0x10, 0x02, 0x04, 0x11]);
  const options = random.chance(0.5) ? { options: Uint8Array.of(2, 4, 5, 0xb4) } : {};
  const body = random.chance(0.1) ? udp(ports) : tcp({ ...ports, acknowledgement, flags, ...options });
  return isIpv4 ? ipv4({ ...ends, moreFragments: random.chance(0.05) }, body) : ipv6(ends, body);
}
