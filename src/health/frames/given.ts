import { EtherType, type Link, linkLength, newFrame, Protocol, read16 } from './packet.ts';

const ADDRESSES = 12;
const TAGS: ReadonlySet<number> = new Set([EtherType.vlan, EtherType.serviceVlan, 0x9100]);

/** Somebody's frame on another link: MACs and tags are the link's, everything behind them is as it was. */
export function onLink(frame: Uint8Array, link: Link): Uint8Array {
  const at = endOfTags(frame);
  const bytes = newFrame(link, read16(frame, at), frame.length - at - 2);
  bytes.set(frame.subarray(at + 2), linkLength(link));
  return bytes;
}

/**
 * The frame that answers one: IP addresses and ports change places, which leaves every checksum as it is. What is not
 * IP is the same both ways.
 */
export function turnedRound(frame: Uint8Array): Uint8Array {
  // A copy, and none that shares its memory as what is cut from a Buffer does.
  const bytes = Uint8Array.from(frame);
  const at = endOfTags(frame);
  const ip = at + 2;
  const type = read16(frame, at);
  if (type === EtherType.ipv4 && bytes.length >= ip + 20) {
    swap(bytes, ip + 12, 4);
    const isFirst = (read16(bytes, ip + 6) & 0x1fff) === 0;
    if (isFirst) swapPorts(bytes, bytes[ip + 9]!, ip + 4 * (bytes[ip]! & 15));
  } else if (type === EtherType.ipv6 && bytes.length >= ip + 40) {
    swap(bytes, ip + 8, 16);
    swapPorts(bytes, bytes[ip + 6]!, ip + 40);
  }
  return bytes;
}

function swapPorts(bytes: Uint8Array, protocol: number, at: number): void {
  const hasPorts = protocol === Protocol.tcp || protocol === Protocol.udp;
  if (hasPorts && bytes.length >= at + 4) swap(bytes, at, 2);
}

/** Two neighbours of `length` bytes change places. */
function swap(bytes: Uint8Array, at: number, length: number): void {
  const first = bytes.slice(at, at + length);
  bytes.copyWithin(at, at + length, at + 2 * length);
  bytes.set(first, at + length);
}

/** Where the EtherType of what the frame carries is. */
function endOfTags(frame: Uint8Array): number {
  let at = ADDRESSES;
  while (at + 6 <= frame.length && TAGS.has(read16(frame, at))) at += 4;
  return at;
}
