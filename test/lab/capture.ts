/** What was seen on the engine's legs, read into fields and into lines for people. */
import { type Dissected, dissect } from '../packets/dissect.ts';
import type { Seen } from './wire.ts';

/** A frame on the cable of one of the engine's interfaces. */
export interface CapturedFrame {
  /** The engine's interface: "i0". */
  readonly leg: string;
  /** Towards the engine (`in`), or from it (`out`). */
  readonly way: 'in' | 'out';
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  readonly fields: Dissected;
}

/**
 * The tap is at the far end of the engine's cable: what leaves there goes to the engine. Several segments that arrived
 * may have been put together by GRO on their way to the tap; their checksum says nothing then.
 */
export function captured({ tap, left, unfinished, time, bytes }: Seen, legs: readonly string[]): CapturedFrame {
  const fields = dissect(bytes);
  const merged = unfinished && !left;
  return {
    leg: legs[tap] ?? `tap ${tap}`,
    way: left ? 'in' : 'out',
    time,
    bytes,
    fields: merged ? { ...fields, checksumsValid: true } : fields,
  };
}

const FLAGS = ['F', 'S', 'R', 'P', 'A', 'U'];

/** Bits of TCP flags as letters: "SA". */
export function flagText(flags: number): string {
  return FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0).join('');
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

function packetText(ip: NonNullable<Dissected['ip']>): string {
  const end = (address: string, port: number | undefined): string =>
    port === undefined ? address : ip.version === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  const protocol = PROTOCOLS[ip.protocol] ?? `protocol ${ip.protocol}`;
  const flags = ip.tcpFlags === undefined ? '' : ` ${flagText(ip.tcpFlags)}`;
  const type = ip.icmp === undefined ? '' : ` ${ip.icmp.type}/${ip.icmp.code}`;
  const quoted = ip.quoted === undefined ? '' : ` (quotes ${packetText(ip.quoted)})`;
  const fragment = ip.fragmentOffset > 0 || ip.moreFragments ? ` fragment ${ip.fragmentOffset}` : '';
  const ends = `${end(ip.source, ip.sourcePort)} > ${end(ip.destination, ip.destinationPort)}`;
  return `${ends} ${protocol}${type}${flags}${fragment} ttl ${ip.ttl} ${ip.payload.length} B${quoted}`;
}

function contentText({ arp, ip, type }: Dissected): string {
  if (arp) {
    return arp.operation === 1
      ? `arp who has ${arp.target}, tell ${arp.sender}`
      : `arp ${arp.sender} is at ${arp.senderMac}`;
  }
  return ip ? packetText(ip) : `type 0x${type.toString(16)}`;
}

/** One frame as a line, without its time: "i1 out 02:..:ee:01 > 02:..:01:01 192.0.2.7:40000 > 198.51.100.10:80 tcp S ttl 64 0 B". */
export function frameLine(frame: CapturedFrame): string {
  const { fields } = frame;
  const tags =
    fields.tags.map((tag) => ` vlan ${tag.id}`).join('') + fields.labels.map((label) => ` label ${label}`).join('');
  const wrong = fields.checksumsValid ? '' : ' WRONG CHECKSUM';
  return `${frame.leg} ${frame.way.padEnd(3)} ${fields.from} > ${fields.to}${tags} ${contentText(fields)}${wrong}`;
}

/** All frames, a line each, with milliseconds since the first. */
export function readable(frames: readonly CapturedFrame[]): string {
  const start = frames[0]?.time ?? 0n;
  return frames
    .map((frame) => `${(Number(frame.time - start) / 1e6).toFixed(3).padStart(10)} ${frameLine(frame)}`)
    .join('\n');
}
