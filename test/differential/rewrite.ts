/** What a step changes, as docs/design/dataplane.md, "Rewrite", has it; checksums by RFC 1624, a sum at a time. */
import type { LegPlan } from '../../src/plan/types.ts';
import { address16, concat, macBytes, word, words } from '../packets/bytes.ts';
import { layout } from './door.ts';
import type { Link } from './link.ts';
import { isSourceOwn } from './lookup.ts';
import { addressHex, type Packet, TCP, UDP, type Version } from './parse.ts';
import { has, type Step, type Tables } from './tables.ts';

/** A checksum over bytes that change, and the checksums that cover it in turn. */
interface Sum {
  readonly at: number;
  readonly isUdp: boolean;
  readonly covered: readonly Sum[];
}

const DIRECTIONS = ['FORWARD', 'RETURN', 'OUTWARD', 'INWARD'];

/** Steps 1 and 2, and 3 where `leg` is given, on a copy of the frame. */
export function rewritePacket(frame: Uint8Array, packet: Packet, step: Step, how: { tables: Tables; leg?: LegPlan }) {
  const bytes = Uint8Array.from(frame);
  const direction = DIRECTIONS.find((name) => layout(name) === step.direction) ?? '';
  const side = isSourceOwn(direction) ? 'source' : 'destination';
  if (has(step, 'SLOT_ADDRESS')) {
    setAddress(bytes, packet, side, { from: step.address, to: how.tables.rewrites.get(step.rewrite) ?? '' });
  }
  if (has(step, 'SLOT_PORT') && (direction === 'FORWARD' || direction === 'RETURN')) {
    setPort(bytes, packet, side, step.newPort);
  }
  if (direction === 'FORWARD' && how.leg?.nat !== undefined) {
    setAddress(bytes, packet, side, { from: step.address, to: addressHex(address16(how.leg.nat)) });
  }
  return bytes;
}

type Side = 'source' | 'destination';

function setAddress(bytes: Uint8Array, packet: Packet, side: Side, change: { from: string; to: string }): void {
  const value = Buffer.from(change.to, 'hex').subarray(packet.version === 4 ? 12 : 0);
  const flow = packet.quote?.flow;
  if (flow !== undefined) {
    const inside = [icmpSum(packet)];
    const header = headerSums(flow.ip, flow.version, inside);
    write(bytes, addressAt(flow.ip, flow.version, other(side)), value, [
      ...header,
      ...upperSums(flow, packet.end, inside),
      ...inside,
    ]);
    if (packet[side] !== change.from) {
      return;
    }
  }
  const upper = packet.isError ? (packet.version === 6 ? [icmpSum(packet)] : []) : upperSums(packet, packet.end, []);
  write(bytes, addressAt(packet.ip, packet.version, side), value, [
    ...headerSums(packet.ip, packet.version, []),
    ...upper,
  ]);
}

function setPort(bytes: Uint8Array, packet: Packet, side: Side, port: number): void {
  const flow = packet.quote?.flow ?? packet;
  if (flow.upper === undefined || (flow.protocol !== TCP && flow.protocol !== UDP)) {
    return;
  }
  const isSource = (flow === packet ? side : other(side)) === 'source';
  const inside = flow === packet ? [] : [icmpSum(packet)];
  write(bytes, flow.upper + (isSource ? 0 : 2), words(port), [...upperSums(flow, packet.end, inside), ...inside]);
}

function other(side: Side): Side {
  return side === 'source' ? 'destination' : 'source';
}

function addressAt(ip: number, version: Version, side: Side): number {
  const [first, length] = version === 4 ? [12, 4] : [8, 16];
  return ip + first + (side === 'source' ? 0 : length);
}

function icmpSum(packet: Packet): Sum {
  return { at: (packet.upper ?? 0) + 2, isUdp: false, covered: [] };
}

function headerSums(ip: number, version: Version, covered: readonly Sum[]): Sum[] {
  return version === 4 ? [{ at: ip + 10, isUdp: false, covered }] : [];
}

type Upper = Pick<Packet, 'upper' | 'protocol' | 'version'>;

/** The checksum of TCP, UDP or ICMPv6, where the frame shows it. */
function upperSums(flow: Upper, end: number, covered: readonly Sum[]): Sum[] {
  const offset =
    flow.protocol === TCP ? 16 : flow.protocol === UDP ? 6 : flow.protocol === 58 && flow.version === 6 ? 2 : undefined;
  if (flow.upper === undefined || offset === undefined || flow.upper + offset + 2 > end) {
    return [];
  }
  return [{ at: flow.upper + offset, isUdp: flow.protocol === UDP, covered }];
}

/** Overwrites bytes and carries the difference into every checksum over them. */
function write(bytes: Uint8Array, at: number, value: Uint8Array, sums: readonly Sum[]): void {
  const old = bytes.slice(at, at + value.length);
  bytes.set(value, at);
  for (const sum of sums) {
    const before = word(bytes, sum.at);
    if (sum.isUdp && before === 0) {
      continue;
    }
    const after = updatedChecksum(before, old, value);
    write(bytes, sum.at, words(sum.isUdp && after === 0 ? 0xffff : after), sum.covered);
  }
}

/** A checksum after some of the words it covers changed (RFC 1624, equation 3: ~(~sum + ~old + new)). */
export function updatedChecksum(sum: number, old: Uint8Array, value: Uint8Array): number {
  let total = ~sum & 0xffff;
  for (let at = 0; at < value.length; at += 2) {
    total += (~word(old, at) & 0xffff) + word(value, at);
  }
  while (total > 0xffff) {
    total = (total & 0xffff) + Math.floor(total / 0x10000);
  }
  return ~total & 0xffff;
}

/** Where a frame goes, for step 4: a leg, or a neighbour the kernel's route names. */
export interface Hop {
  readonly mac: string;
  readonly sourceMac: string;
  readonly vlans: readonly [number, number];
}

/** Step 4: addresses and tags. */
export function readdress(frame: Uint8Array, link: Link, hop: Hop): Uint8Array {
  const ids = hop.vlans.filter((id) => id !== 0);
  const isSame = ids.length === link.tags.length;
  const tags = ids.map((id, place) => {
    const kept = isSame || place === 0 ? (link.tags[place]?.control ?? 0) & 0xf000 : 0;
    const type = ids.length === 2 && place === 0 ? 0x88a8 : 0x8100;
    return words((isSame ? link.tags[place]?.type : undefined) ?? type, kept | id);
  });
  return concat(macBytes(hop.mac), macBytes(hop.sourceMac), ...tags, frame.subarray(link.network - 2));
}
