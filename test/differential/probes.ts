/** Probes as docs/design/dataplane.md, "Probes", has them: which there are in a case, and what a frame is to them. */
import type { ProbeFrame } from '../../src/dataplane/probe/prober-types.ts';
import type { InterfacePlan, OriginPlan } from '../../src/plan/types.ts';
import { addressBytes, concat, macBytes, word } from '../packets/bytes.ts';
import { ethernet, ipv4, ipv6, type Packet as Made, raw, type Segment, tcp, udp } from '../packets/frame.ts';
import { COOKIE, markOf, SOURCE, SOURCE6, sequenceOf } from '../packets/probes.ts';
import { hexText } from './aim.ts';
import { layout } from './door.ts';
import type { Link } from './link.ts';
import { addressHex, type Packet, TCP, UDP } from './parse.ts';
import type { Tables } from './tables.ts';

/** How often each probe was sent. */
export const ROUNDS = 3;
export const EXPERIMENTAL = 0x88b5;
const MOST_LEGS = 6;
const SOURCES = [SOURCE, SOURCE6].map((address) => addressHex(addressBytes(address)));

/** A probe, and the sender whose frame it comes back as. */
export interface Probe extends ProbeFrame {
  readonly nic: InterfacePlan;
  readonly sender: OriginPlan;
  readonly packet: Made;
}

/** The same probes for the same tables: of all kinds, from the first few legs. */
export function probesOf(tables: Tables): Probe[] {
  const probes: Probe[] = [];
  const senders = tables.fabric.origins.filter(({ mac }) => mac !== null).slice(0, MOST_LEGS);
  for (const sender of senders) {
    const nic = tables.fabric.interfaces.find(({ number }) => number === sender.interfaceNumber);
    if (nic === undefined) continue;
    const add = (kind: ProbeFrame['kind'], make: (id: number) => Made, header: number): void => {
      const packet = make(probes.length + 1);
      const bytes = ethernet({ to: sender.mac ?? '', from: nic.mac }, packet);
      const base = { id: probes.length + 1, kind, bytes, ifindex: nic.ifindex, arrivesFrom: sender.leg };
      probes.push({ ...base, offset: 14 + header, nic, sender, packet });
    };
    add('marked', (id) => raw(EXPERIMENTAL, concat(markOf(id, 0), new Uint8Array(14))), 0);
    const datagram = (id: number): Segment => udp({ source: 9, destination: 9 }, markOf(id, 0));
    const { address4, address6 } = nic;
    if (address4) add('marked', (id) => ipv4({ source: '10.9.9.9', destination: address4 }, datagram(id)), 28);
    if (address6) add('marked', (id) => ipv6({ source: '2001:db8::99', destination: address6 }, datagram(id)), 48);
    for (const step of tables.all.filter((one) => one.origin === sender.leg && one.direction === layout('RETURN'))) {
      if (step.protocol !== TCP || step.port === 0 || probes.length > 40) continue;
      const to = hexText(step.address);
      const syn = (id: number): Segment =>
        tcp({ source: layout('PROBE_PORT_BASE') + id, destination: step.port, sequence: 0, flags: 2 });
      if (to.includes(':')) add('handshake', (id) => ipv6({ source: SOURCE6, destination: to }, syn(id)), 40);
      else add('handshake', (id) => ipv4({ source: SOURCE, destination: to }, syn(id)), 20);
    }
    const given = udp({ source: 1, destination: 2 }, Uint8Array.of(sender.leg, 1, 2, 3));
    add('frame', () => ipv4({ source: '203.0.113.5', destination: '203.0.113.77' }, given), 0);
    add('frame', () => raw(0x9000, Uint8Array.of(1, 2, 3, sender.leg)), 0);
  }
  return probes;
}

/** Where handshakes come from; nowhere without any. */
export function isSource(probes: readonly Probe[], address: string): boolean {
  return SOURCES.includes(address) && probes.some(({ kind }) => kind === 'handshake');
}

/** Whether the mark of a probe from this leg stands there. */
export function hasMark(probes: readonly Probe[], frame: Uint8Array, at: number, leg: number): boolean {
  if (at + 32 > frame.length) {
    return false;
  }
  const [magic, cookie, id, round = 0, complement] = new Uint32Array(frame.slice(at, at + 20).buffer);
  const probe = probes.find((one) => one.id === id && one.kind === 'marked' && one.arrivesFrom === leg);
  const isWhole = magic === layout('PROBE_MAGIC') && cookie === COOKIE && complement === ~round >>> 0;
  return probe !== undefined && isWhole && isRound(round);
}

const isRound = (round: number): boolean => round !== 0 && ((ROUNDS - round) | 0) >= 0;

/** Whether a packet for an own address is a probe of ours. */
export function isLocalProbe(probes: readonly Probe[], frame: Uint8Array, packet: Packet, leg: number): boolean {
  const at = (packet.upper ?? 0) + 8;
  const type = frame[packet.upper ?? 0] ?? 0;
  const isEcho = packet.version === 4 ? packet.protocol === 1 && [0, 8].includes(type) : isEcho6(packet, type);
  const mayHold = packet.fragment === 'whole' && at + 32 <= packet.end && (packet.protocol === UDP || isEcho);
  return (mayHold && hasMark(probes, frame, at, leg)) || isGivenPacket(probes, frame, packet, leg);
}

const isEcho6 = (packet: Packet, type: number): boolean => packet.protocol === 58 && [128, 129].includes(type);

/** Whether a frame that is not IP is somebody's own. */
export function isGivenFrame(probes: readonly Probe[], frame: Uint8Array, link: Link, leg: number): boolean {
  return probes.some(({ kind, arrivesFrom, packet }) => {
    const found = frame.subarray(link.network, link.network + packet.bytes.length);
    return kind === 'frame' && packet.type === 0x9000 && arrivesFrom === leg && !Buffer.compare(found, packet.bytes);
  });
}

/** Whether a packet is somebody's own: what is behind its header, who it is between, but for the checksum of UDP. */
export function isGivenPacket(probes: readonly Probe[], frame: Uint8Array, packet: Packet, leg: number): boolean {
  if (packet.version === 6) {
    return false;
  }
  const seen = essence(frame.subarray(packet.ip, packet.end));
  return probes.some(
    (one) =>
      one.kind === 'frame' &&
      one.packet.type === 0x0800 &&
      one.arrivesFrom === leg &&
      essence(one.packet.bytes) === seen,
  );
}

function essence(ip: Uint8Array): string {
  const header = ((ip[0] ?? 0) & 0xf) * 4;
  const body = ip.slice(header);
  if (ip[9] === UDP) {
    body.fill(0, 6, 8);
  }
  return `${ip[9]} ${Buffer.from(ip.subarray(12, 20)).toString('hex')} ${Buffer.from(body).toString('hex')}`;
}

const RST = 4;
const ACK = 16;

/** What a packet for where handshakes come from is; undefined: one like others. With the reset, where it is answered. */
export function judgeHandshake(
  probes: readonly Probe[],
  frame: Uint8Array,
  packet: Packet,
  leg: number,
): { readonly reason: string; readonly reset?: Made } | undefined {
  const stray = { reason: 'PROBE_STRAY' };
  const id = packet.destinationPort - layout('PROBE_PORT_BASE');
  const probe = probes.find((one) => one.kind === 'handshake' && one.id === id);
  if (packet.protocol !== TCP || packet.fragment !== 'whole' || probe === undefined) {
    return stray;
  }
  if (probe.arrivesFrom !== leg) {
    return undefined;
  }
  const upper = packet.upper ?? 0;
  const flags = frame[upper + 13] ?? 0;
  const acknowledged = word(frame, upper + 8) * 0x10000 + word(frame, upper + 10);
  const asked = word(probe.bytes, probe.offset + 2);
  const isAnswerer = packet.source === answererOf(probe) && packet.sourcePort === asked;
  if (!isAnswerer || (flags & ACK) === 0) {
    return stray;
  }
  if ((flags & RST) !== 0) {
    const rounds = Array.from({ length: ROUNDS }, (_, i) => (sequenceOf(id, i + 1) + 1) >>> 0);
    return rounds.includes(acknowledged) ? { reason: 'PROBE_ANSWERED' } : stray;
  }
  if (packet.labels > 0) {
    return { reason: 'PROBE_ANSWERED' };
  }
  return { reason: 'ANSWERED_RESET', reset: resetOf(packet, acknowledged) };
}

function answererOf({ packet }: Probe): string {
  return addressHex(packet.type === 0x0800 ? packet.bytes.subarray(16, 20) : packet.bytes.subarray(24, 40));
}

function resetOf(packet: Packet, sequence: number): Made {
  const ends = { source: hexText(packet.destination), destination: hexText(packet.source) };
  const ports = { source: packet.destinationPort, destination: packet.sourcePort };
  const body = tcp({ ...ports, sequence, flags: RST });
  body.bytes.set([0, 0], 14);
  return packet.version === 4 ? ipv4({ ...ends, id: 0, dontFragment: true }, body) : ipv6(ends, body);
}

/** The answer to a frame: its tags, both MACs the other way round. */
export function turnedRound(frame: Uint8Array, link: Link, packet: Made): Uint8Array {
  return concat(macBytes(link.from), macBytes(link.to), frame.subarray(12, link.network), packet.bytes);
}
