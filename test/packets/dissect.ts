/** Reads a frame into plain fields, so that a failing test shows what differs in words. Knows nothing of the builder. */
import { addressText, checksum, macText, pseudoHeader, word } from './bytes.ts';

export interface Dissected {
  readonly to: string;
  readonly from: string;
  readonly tags: readonly { readonly type: number; readonly id: number; readonly priority: number }[];
  readonly labels: readonly number[];
  readonly type: number;
  readonly arp?: {
    readonly operation: number;
    readonly senderMac: string;
    readonly sender: string;
    readonly targetMac: string;
    readonly target: string;
  };
  readonly ip?: DissectedIp;
  /** Every checksum that could be verified is right (a UDP checksum of 0 counts as right). */
  readonly checksumsValid: boolean;
}

export interface DissectedIp {
  readonly version: 4 | 6;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly id?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments: boolean;
  readonly fragmentOffset: number;
  readonly extensions: readonly number[];
  readonly protocol: number;
  readonly headerChecksumValid: boolean;
  /** Undefined where there is none, or not the whole segment to check it by. */
  readonly checksumValid?: boolean;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly tcpFlags?: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly rest: number };
  /** The packet an ICMP error quotes; its segment is cut off, so its checksum is not judged. */
  readonly quoted?: DissectedIp;
  readonly payload: Uint8Array;
}

const ERRORS4 = new Set([3, 4, 11, 12]);
const ERRORS6 = new Set([1, 2, 3, 4]);
const EXTENSIONS = new Set([0, 43, 44, 51, 60]);

interface Carried {
  protocol: number;
  source: Uint8Array;
  destination: Uint8Array;
  body: Uint8Array;
  whole: boolean;
  first: boolean;
}

type Ports = Pick<
  DissectedIp,
  'checksumValid' | 'sourcePort' | 'destinationPort' | 'tcpFlags' | 'icmp' | 'quoted' | 'payload'
>;

function isChecksumValid(carried: Carried): boolean | undefined {
  const { protocol, body } = carried;
  const at = { 6: 16, 17: 6, 1: 2, 58: 2 }[protocol];
  if (at === undefined || !carried.whole || body.length < at + 2) {
    return undefined;
  }
  if (protocol === 17 && word(body, at) === 0) {
    return true;
  }
  const header = pseudoHeader(carried.source, carried.destination, protocol, body.length);
  return checksum(...(protocol === 1 ? [] : [header]), body) === 0;
}

function dissectCarried(carried: Carried): Ports {
  const { protocol, body } = carried;
  if (!carried.first || body.length < 4) {
    return { payload: body };
  }
  const valid = isChecksumValid(carried);
  const checked = valid === undefined ? {} : { checksumValid: valid };
  if (protocol === 6 || protocol === 17) {
    const length = protocol === 17 ? 8 : ((body[12] ?? 0x50) >> 4) * 4;
    return {
      ...checked,
      sourcePort: word(body, 0),
      destinationPort: word(body, 2),
      ...(protocol === 6 && body.length > 13 ? { tcpFlags: body[13] ?? 0 } : {}),
      payload: body.slice(length),
    };
  }
  if ((protocol === 1 || protocol === 58) && body.length >= 8) {
    return { ...checked, ...dissectIcmp(protocol, body) };
  }
  return { ...checked, payload: body };
}

function dissectIcmp(protocol: number, body: Uint8Array): Ports {
  const type = body[0] ?? 0;
  const rest = word(body, 4) * 0x10000 + word(body, 6);
  const isError = (protocol === 1 ? ERRORS4 : ERRORS6).has(type);
  const quoted = isError ? dissectIp(body.slice(8), true) : undefined;
  return {
    icmp: { type, code: body[1] ?? 0, rest },
    ...(quoted === undefined ? {} : { quoted }),
    payload: body.slice(8),
  };
}

function dissectIpv4(bytes: Uint8Array, isQuote: boolean): DissectedIp {
  const length = ((bytes[0] ?? 0) & 0xf) * 4;
  const fragment = word(bytes, 6);
  const offset = (fragment & 0x1fff) * 8;
  const more = (fragment & 0x2000) !== 0;
  const source = bytes.slice(12, 16);
  const destination = bytes.slice(16, 20);
  const body = bytes.slice(length, isQuote ? undefined : word(bytes, 2));
  const protocol = bytes[9] ?? 0;
  const whole = !isQuote && !more && offset === 0;
  return {
    version: 4,
    source: addressText(source),
    destination: addressText(destination),
    ttl: bytes[8] ?? 0,
    id: word(bytes, 4),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: more,
    fragmentOffset: offset,
    extensions: [],
    protocol,
    headerChecksumValid: checksum(bytes.slice(0, length)) === 0,
    ...dissectCarried({ protocol, source, destination, body, whole, first: offset === 0 }),
  };
}

function dissectIpv6(bytes: Uint8Array, isQuote: boolean): DissectedIp {
  const source = bytes.slice(8, 24);
  const destination = bytes.slice(24, 40);
  const packet = isQuote ? bytes : bytes.slice(0, 40 + word(bytes, 4));
  const extensions: number[] = [];
  let protocol = bytes[6] ?? 59;
  let at = 40;
  let fragment = 0;
  while (EXTENSIONS.has(protocol) && at + 8 <= packet.length) {
    extensions.push(protocol);
    const units = packet[at + 1] ?? 0;
    if (protocol === 44) {
      fragment = word(packet, at + 2);
    }
    const length = protocol === 44 ? 8 : protocol === 51 ? (units + 2) * 4 : (units + 1) * 8;
    protocol = packet[at] ?? 59;
    at += length;
  }
  const more = (fragment & 1) !== 0;
  const offset = fragment & 0xfff8;
  const carried = { protocol, source, destination, body: packet.slice(at), first: offset === 0 };
  return {
    version: 6,
    source: addressText(source),
    destination: addressText(destination),
    ttl: bytes[7] ?? 0,
    moreFragments: more,
    fragmentOffset: offset,
    extensions,
    protocol,
    headerChecksumValid: true,
    ...dissectCarried({ ...carried, whole: !isQuote && !more && offset === 0 }),
  };
}

function dissectIp(bytes: Uint8Array, isQuote: boolean): DissectedIp | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4 && bytes.length >= 20) {
    return dissectIpv4(bytes, isQuote);
  }
  return version === 6 && bytes.length >= 40 ? dissectIpv6(bytes, isQuote) : undefined;
}

function dissectArp(bytes: Uint8Array): NonNullable<Dissected['arp']> {
  return {
    operation: word(bytes, 6),
    senderMac: macText(bytes.slice(8, 14)),
    sender: addressText(bytes.slice(14, 18)),
    targetMac: macText(bytes.slice(18, 24)),
    target: addressText(bytes.slice(24, 28)),
  };
}

/** The fields of a frame; what cannot be read (cut off, another protocol) is left out. */
export function dissect(frame: Uint8Array): Dissected {
  const tags: Dissected['tags'][number][] = [];
  const labels: number[] = [];
  let at = 12;
  let type = word(frame, at);
  while ((type === 0x8100 || type === 0x88a8) && at + 6 <= frame.length) {
    const control = word(frame, at + 2);
    tags.push({ type, id: control & 0xfff, priority: control >> 13 });
    at += 4;
    type = word(frame, at);
  }
  at += 2;
  if (type === 0x8847 || type === 0x8848) {
    for (let bottom = false; !bottom && at + 4 <= frame.length; at += 4) {
      labels.push(word(frame, at) * 16 + (word(frame, at + 2) >> 12));
      bottom = (word(frame, at + 2) & 0x100) !== 0;
    }
  }
  const rest = frame.slice(at);
  const base = { to: macText(frame.slice(0, 6)), from: macText(frame.slice(6, 12)), tags, labels, type };
  if (type === 0x0806 && rest.length >= 28) {
    return { ...base, arp: dissectArp(rest), checksumsValid: true };
  }
  const isIp = type === 0x0800 || type === 0x86dd || labels.length > 0;
  const ip = isIp ? dissectIp(rest, false) : undefined;
  if (ip === undefined) {
    return { ...base, checksumsValid: true };
  }
  const valid = ip.headerChecksumValid && ip.checksumValid !== false && (ip.quoted?.headerChecksumValid ?? true);
  return { ...base, ip, checksumsValid: valid };
}
