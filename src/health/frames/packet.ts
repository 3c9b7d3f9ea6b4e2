import type { Mac, Vlans } from '../../plan/types.ts';
import type { AddressWords } from '../../terms/address.ts';
import { isIpv4 } from '../../terms/address.ts';

/** Where a frame goes on the wire: both MACs and the tags of the segment. */
export interface Link {
  readonly to: Mac;
  readonly from: Mac;
  readonly vlans: Vlans;
}

export const EtherType = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  experimental: 0x88b5,
} as const;
export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

/** Shortest frame of Ethernet, without its checksum and without tags. */
const SHORTEST = 60;
const TTL = 64;
const ADDRESSES = 12;

/** Bytes that Ethernet and the tags take. */
export const linkLength = ({ vlans }: Pick<Link, 'vlans'>): number => 14 + 4 * vlans.filter((id) => id !== 0).length;

/** A frame with its Ethernet header written and room for `payload` bytes; the room begins at `linkLength`. */
export function newFrame(link: Link, etherType: number, payload: number): Uint8Array {
  const tags = link.vlans.filter((id) => id !== 0);
  const header = linkLength(link);
  const bytes = new Uint8Array(Math.max(SHORTEST + 4 * tags.length, header + payload));
  writeMac(bytes, 0, link.to);
  writeMac(bytes, 6, link.from);
  for (const [i, id] of tags.entries()) {
    write16(bytes, ADDRESSES + 4 * i, tags.length === 2 && i === 0 ? EtherType.serviceVlan : EtherType.vlan);
    write16(bytes, ADDRESSES + 4 * i + 2, id);
  }
  write16(bytes, header - 2, etherType);
  return bytes;
}

/** The two ends of an IP packet; both of one family. */
export interface Ends {
  readonly source: AddressWords;
  readonly destination: AddressWords;
}

/** Bytes of the IP header. */
export const ipLength = ({ source }: Ends): number => (isIpv4(source) ? 20 : 40);

export const etherTypeOf = ({ source }: Ends): number => (isIpv4(source) ? EtherType.ipv4 : EtherType.ipv6);

/** Writes an IP header, checksum included, at `at`; `length` bytes of `protocol` follow it. */
export function writeIp(bytes: Uint8Array, at: number, ends: Ends, protocol: number, length: number): void {
  if (isIpv4(ends.source)) {
    bytes[at] = 0x45;
    write16(bytes, at + 2, 20 + length);
    // Not to be fragmented: every device may take it as it is or not at all.
    bytes[at + 6] = 0x40;
    bytes[at + 8] = TTL;
    bytes[at + 9] = protocol;
    writeAddress(bytes, at + 12, ends.source);
    writeAddress(bytes, at + 16, ends.destination);
    write16(bytes, at + 10, checksum(sumOf(bytes, at, 20)));
    return;
  }
  bytes[at] = 0x60;
  write16(bytes, at + 4, length);
  bytes[at + 6] = protocol;
  bytes[at + 7] = TTL;
  writeAddress(bytes, at + 8, ends.source);
  writeAddress(bytes, at + 24, ends.destination);
}

/** Checksum of TCP, UDP and ICMPv6 over the pseudo header and `length` bytes from `at` on, their checksum field 0. */
export function transportChecksum(bytes: Uint8Array, at: number, ends: Ends, protocol: number, length: number): number {
  const ip = at - ipLength(ends);
  const [addresses, size] = isIpv4(ends.source) ? [ip + 12, 8] : [ip + 8, 32];
  return checksum(sumOf(bytes, addresses, size) + protocol + length + sumOf(bytes, at, length));
}

/** The Internet checksum of bytes alone (IPv4 ICMP). */
export const plainChecksum = (bytes: Uint8Array, at: number, length: number): number =>
  checksum(sumOf(bytes, at, length));

export function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}

export const read16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export function writeMac(bytes: Uint8Array, at: number, mac: Mac): void {
  for (let i = 0; i < 6; i++) bytes[at + i] = (digit(mac, 3 * i) << 4) | digit(mac, 3 * i + 1);
}

/** A hexadecimal digit of a text; letters differ from digits in bit 6, and in their place by 9. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return (code & 15) + (code & 64 ? 9 : 0);
}

/** An address on the wire: 4 bytes of IPv4, 16 of IPv6. */
function writeAddress(bytes: Uint8Array, at: number, words: AddressWords): void {
  const first = isIpv4(words) ? 3 : 0;
  for (let word = first; word < 4; word++) {
    const value = words[word]!;
    const place = at + 4 * (word - first);
    for (let i = 0; i < 4; i++) bytes[place + i] = (value >>> (8 * i)) & 0xff;
  }
}

function sumOf(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  for (let i = 0; i + 1 < length; i += 2) sum += read16(bytes, at + i);
  return length % 2 === 0 ? sum : sum + (bytes[at + length - 1]! << 8);
}

function checksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}
