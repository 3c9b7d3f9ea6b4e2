/** MPLS, IP and what it carries, as docs/design/dataplane.md, "Parse", has it: written for being read, not for speed. */
import { word } from '../packets/bytes.ts';
import type { Link, Verdict } from './link.ts';

export const TCP = 6;
export const UDP = 17;
const ICMP = { 4: 1, 6: 58 } as const;
const ERRORS = { 4: [3, 4, 11, 12], 6: [1, 2, 3, 4] } as const;
const EXTENSIONS = [0, 43, 44, 51, 60];
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const MAX_EXTENSIONS = 8;
const MAX_LABELS = 8;

export type Version = 4 | 6;

/** Addresses are 32 hex digits, the 16 bytes of the tables; positions are counted from the start of the frame. */
export interface Flow {
  readonly version: Version;
  readonly ip: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Where the upper header begins; undefined in later fragments. */
  readonly upper?: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface Packet extends Flow {
  readonly labels: number;
  /** Behind the last byte that the IP length covers. */
  readonly end: number;
  readonly mayFragment: boolean;
  readonly fragment: 'whole' | 'first' | 'later';
  readonly fragmentId: number;
  readonly isError: boolean;
  /** What an ICMP error quotes; `flow` undefined: not enough of it to find a step by. */
  readonly quote?: {
    readonly flow?: Flow;
    readonly addresses?: { readonly source: string; readonly destination: string };
  };
}

type Header = Omit<Packet, 'sourcePort' | 'destinationPort' | 'isError' | 'quote' | 'labels' | 'upper'> & {
  readonly after: number;
};

/** Reads everything behind Ethernet; a verdict where it is not IP or contradicts itself. */
export function readPacket(frame: Uint8Array, link: Link): Packet | Verdict {
  const begin = readLabels(frame, link);
  if (typeof begin === 'string') {
    return begin;
  }
  const header = begin.version === 4 ? readIpv4(frame, begin.ip) : readIpv6(frame, begin.ip);
  return typeof header === 'string' ? header : readUpper(frame, { ...header, labels: begin.labels });
}

function readLabels(frame: Uint8Array, link: Link): { ip: number; labels: number; version: Version } | Verdict {
  if (link.type === 0x0800 || link.type === 0x86dd) {
    return { ip: link.network, labels: 0, version: link.type === 0x0800 ? 4 : 6 };
  }
  if (link.type !== 0x8847 && link.type !== 0x8848) {
    return 'PASSED_NOT_IP';
  }
  let at = link.network;
  let labels = 0;
  for (let bottom = false; !bottom; at += 4) {
    if (labels === MAX_LABELS) {
      return 'DROP_TOO_MANY_HEADERS';
    }
    if (at + 4 > frame.length) {
      return 'DROP_MALFORMED';
    }
    bottom = (word(frame, at + 2) & 0x100) !== 0;
    labels += 1;
  }
  const first = frame[at];
  if (first === undefined) {
    return 'DROP_MALFORMED';
  }
  const version = first >> 4;
  return version === 4 || version === 6 ? { ip: at, labels, version } : 'PASSED_NOT_IP';
}

function readIpv4(frame: Uint8Array, ip: number): Header | Verdict {
  if (ip + 20 > frame.length) {
    return 'DROP_MALFORMED';
  }
  const first = frame[ip] ?? 0;
  const length = (first & 0xf) * 4;
  const total = word(frame, ip + 2);
  if (first >> 4 !== 4 || length < 20 || ip + length > frame.length || total < length || ip + total > frame.length) {
    return 'DROP_MALFORMED';
  }
  const flags = word(frame, ip + 6);
  return {
    version: 4,
    ip,
    ...addresses(frame, ip, 4),
    protocol: frame[ip + 9] ?? 0,
    after: ip + length,
    end: ip + total,
    mayFragment: (flags & 0x4000) === 0,
    fragment: fragmentOf((flags & 0x1fff) !== 0, (flags & 0x2000) !== 0),
    fragmentId: word(frame, ip + 4),
  };
}

function readIpv6(frame: Uint8Array, ip: number): Header | Verdict {
  if (ip + 40 > frame.length || (frame[ip] ?? 0) >> 4 !== 6 || ip + 40 + word(frame, ip + 4) > frame.length) {
    return 'DROP_MALFORMED';
  }
  const end = ip + 40 + word(frame, ip + 4);
  if (hasMapped(frame, ip)) {
    return 'DROP_MALFORMED';
  }
  const chain = readChain(frame, ip, end);
  return typeof chain === 'string'
    ? chain
    : { version: 6, ip, ...addresses(frame, ip, 6), end, mayFragment: false, ...chain };
}

type Chain = Pick<Header, 'protocol' | 'after' | 'fragment' | 'fragmentId'>;

function readChain(frame: Uint8Array, ip: number, end: number): Chain | Verdict {
  let protocol = frame[ip + 6] ?? 0;
  let after = ip + 40;
  let fragment: Packet['fragment'] = 'whole';
  let fragmentId = 0;
  for (let count = 0; fragment !== 'later' && EXTENSIONS.includes(protocol); count += 1) {
    if (count === MAX_EXTENSIONS) {
      return 'DROP_TOO_MANY_HEADERS';
    }
    if (after + 8 > end) {
      return 'DROP_MALFORMED';
    }
    const length = extensionLength(protocol, frame[after + 1] ?? 0);
    if (after + length > end) {
      return 'DROP_MALFORMED';
    }
    if (protocol === FRAGMENT) {
      const field = word(frame, after + 2);
      const here = fragmentOf(field >> 3 !== 0, (field & 1) !== 0);
      fragment = here === 'whole' ? fragment : here;
      fragmentId = word(frame, after + 4) * 0x10000 + word(frame, after + 6);
    }
    protocol = frame[after] ?? 0;
    after += length;
  }
  return { protocol, after, fragment, fragmentId };
}

function extensionLength(type: number, units: number): number {
  if (type === FRAGMENT) {
    return 8;
  }
  return type === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
}

function fragmentOf(hasOffset: boolean, hasMore: boolean): Packet['fragment'] {
  return hasOffset ? 'later' : hasMore ? 'first' : 'whole';
}

function readUpper(frame: Uint8Array, header: Header & { labels: number }): Packet | Verdict {
  const { after, ...packet } = header;
  const room = packet.end - after;
  const none = { sourcePort: 0, destinationPort: 0, isError: false };
  if (packet.fragment === 'later') {
    return { ...packet, ...none };
  }
  if (packet.protocol === TCP) {
    const length = room < 20 ? 0 : ((frame[after + 12] ?? 0) >> 4) * 4;
    return length < 20 || length > room
      ? 'DROP_MALFORMED'
      : { ...packet, ...none, ...ports(frame, after), upper: after };
  }
  if (packet.protocol === UDP) {
    const length = room < 8 ? 0 : word(frame, after + 4);
    const isTooLong = length > room && packet.fragment !== 'first';
    return length < 8 || isTooLong ? 'DROP_MALFORMED' : { ...packet, ...none, ...ports(frame, after), upper: after };
  }
  return packet.protocol === ICMP[packet.version]
    ? readIcmp(frame, { ...packet, ...none }, after)
    : { ...packet, ...none, upper: after };
}

function readIcmp(frame: Uint8Array, packet: Packet, upper: number): Packet | Verdict {
  if (upper + 8 > packet.end) {
    return 'DROP_MALFORMED';
  }
  if (!isErrorType(packet.version, frame[upper] ?? 0)) {
    return { ...packet, upper };
  }
  return { ...packet, upper, isError: true, quote: readQuote(frame, packet.version, upper + 8, packet.end) };
}

function isErrorType(version: Version, type: number): boolean {
  return (ERRORS[version] as readonly number[]).includes(type);
}

function ports(frame: Uint8Array, at: number): { sourcePort: number; destinationPort: number } {
  return { sourcePort: word(frame, at), destinationPort: word(frame, at + 2) };
}

function addresses(frame: Uint8Array, ip: number, version: Version): { source: string; destination: string } {
  const [at, length] = version === 4 ? [ip + 12, 4] : [ip + 8, 16];
  return {
    source: addressHex(frame.subarray(at, at + length)),
    destination: addressHex(frame.subarray(at + length, at + 2 * length)),
  };
}

/** Whether an IPv6 header has an address that is read as an IPv4 one. */
function hasMapped(frame: Uint8Array, ip: number): boolean {
  const { source, destination } = addresses(frame, ip, 6);
  return isMapped(source) || isMapped(destination);
}

/** Whether an IPv6 address would be taken for an IPv4 one. */
export function isMapped(address: string): boolean {
  return address.startsWith('00000000000000000000ffff');
}

/** 4 or 16 bytes as the 32 hex digits that tables are asked by. */
export function addressHex(bytes: Uint8Array): string {
  return (bytes.length === 4 ? '00000000000000000000ffff' : '') + Buffer.from(bytes).toString('hex');
}

function readQuote(frame: Uint8Array, version: Version, ip: number, end: number): NonNullable<Packet['quote']> {
  const least = version === 4 ? 20 : 40;
  if (ip + least > end || (frame[ip] ?? 0) >> 4 !== version) {
    return {};
  }
  const length = version === 4 ? ((frame[ip] ?? 0) & 0xf) * 4 : 40;
  if (length < least || ip + length > end) {
    return {};
  }
  return version === 6 && hasMapped(frame, ip) ? {} : readQuoted(frame, version, ip, { length, end });
}

/** What an IP header that is all there says, and what it shows of what it carries. */
function readQuoted(
  frame: Uint8Array,
  version: Version,
  ip: number,
  { length, end }: { length: number; end: number },
): NonNullable<Packet['quote']> {
  const found = { addresses: addresses(frame, ip, version) };
  const chain = version === 4 ? quotedIpv4(frame, ip, ip + length) : readChain(frame, ip, end);
  if (typeof chain === 'string') {
    return found;
  }
  const { protocol, after } = chain;
  const base = { version, ip, ...found.addresses, protocol, sourcePort: 0, destinationPort: 0 };
  const isIcmp = protocol === ICMP[version];
  if (chain.fragment === 'later' || (protocol !== TCP && protocol !== UDP && !isIcmp)) {
    return { ...found, flow: base };
  }
  if (after + (isIcmp ? 1 : 4) > end || (isIcmp && isErrorType(version, frame[after] ?? 0))) {
    return found;
  }
  return { ...found, flow: { ...base, upper: after, ...(isIcmp ? {} : ports(frame, after)) } };
}

function quotedIpv4(frame: Uint8Array, ip: number, after: number): Chain {
  const flags = word(frame, ip + 6);
  return {
    protocol: frame[ip + 9] ?? 0,
    after,
    fragment: fragmentOf((flags & 0x1fff) !== 0, (flags & 0x2000) !== 0),
    fragmentId: 0,
  };
}
