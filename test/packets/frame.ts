/**
 * Frames for tests, from the inside out: `ethernet({to, from}, ipv4({source, destination}, tcp({source, destination})))`.
 * Lengths and checksums are right unless said otherwise.
 */
import { addressBytes, checksum, concat, macBytes, pseudoHeader, word, words } from './bytes.ts';

export { dissect } from './dissect.ts';

/** What IP carries: its checksum is filled in by the IP layer, which knows the addresses. */
export interface Segment {
  readonly protocol: number;
  readonly bytes: Uint8Array;
  /** Where the checksum stands; absent: none to fill in. */
  readonly checksumAt?: number;
  /** Over the pseudo header too (ICMP for IPv4 is not). */
  readonly pseudo?: boolean;
}

/** What Ethernet carries. */
export interface Packet {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export interface Tag {
  readonly id: number;
  readonly priority?: number;
  readonly dropEligible?: boolean;
  /** Default 0x8100; 0x88a8 for the outer of two. */
  readonly type?: number;
}

export interface EthernetFields {
  readonly to: string;
  readonly from: string;
  /** Outer first; a number is a VLAN id. */
  readonly tags?: readonly (number | Tag)[];
  /** MPLS labels, top first. */
  readonly labels?: readonly number[];
  /** Zero bytes behind the packet. */
  readonly padding?: number;
}

/** A whole frame. */
export function ethernet(fields: EthernetFields, packet: Packet): Uint8Array {
  const tags = (fields.tags ?? []).map((tag) => (typeof tag === 'number' ? { id: tag } : tag));
  const tagBytes = tags.map((tag: Tag, place) =>
    words(
      tag.type ?? (place === 0 && tags.length === 2 ? 0x88a8 : 0x8100),
      ((tag.priority ?? 0) << 13) | (tag.dropEligible ? 0x1000 : 0) | tag.id,
    ),
  );
  const labels = fields.labels ?? [];
  const labelBytes = labels.map((label, place) =>
    words(label >> 4, ((label & 0xf) << 12) | (place === labels.length - 1 ? 0x100 : 0) | 64),
  );
  return concat(
    macBytes(fields.to),
    macBytes(fields.from),
    ...tagBytes,
    words(labels.length > 0 ? 0x8847 : packet.type),
    ...labelBytes,
    packet.bytes,
    new Uint8Array(fields.padding ?? 0),
  );
}

/** A packet of any type. */
export function raw(type: number, bytes: Uint8Array): Packet {
  return { type, bytes };
}

function withChecksum(segment: Segment, source: Uint8Array, destination: Uint8Array): Uint8Array {
  if (segment.checksumAt === undefined) {
    return segment.bytes;
  }
  const header =
    segment.pseudo === false
      ? new Uint8Array(0)
      : pseudoHeader(source, destination, segment.protocol, segment.bytes.length);
  const bytes = Uint8Array.from(segment.bytes);
  const sum = checksum(header, bytes);
  bytes.set(words(sum === 0 && segment.protocol === 17 ? 0xffff : sum), segment.checksumAt);
  return bytes;
}

export interface Ipv4Fields {
  readonly source: string;
  readonly destination: string;
  readonly ttl?: number;
  /** The whole type-of-service byte. */
  readonly tos?: number;
  readonly id?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** In bytes, a multiple of 8. */
  readonly fragmentOffset?: number;
  /** A multiple of 4 bytes. */
  readonly options?: Uint8Array;
  /** Where it should be wrong. */
  readonly totalLength?: number;
  readonly headerWords?: number;
  readonly version?: number;
}

/** An IPv4 packet. Of a fragment, give the bytes of the fragment (see {@link fragment}). */
export function ipv4(fields: Ipv4Fields, segment: Segment): Packet {
  const source = addressBytes(fields.source);
  const destination = addressBytes(fields.destination);
  const options = fields.options ?? new Uint8Array(0);
  const body = withChecksum(segment, source, destination);
  const length = 20 + options.length;
  const header = concat(
    Uint8Array.of(((fields.version ?? 4) << 4) | (fields.headerWords ?? length / 4), fields.tos ?? 0),
    words(
      fields.totalLength ?? length + body.length,
      fields.id ?? 0x1234,
      ((fields.fragmentOffset ?? 0) >> 3) | (fields.moreFragments ? 0x2000 : 0) | (fields.dontFragment ? 0x4000 : 0),
    ),
    Uint8Array.of(fields.ttl ?? 64, segment.protocol),
    words(0),
    source,
    destination,
    options,
  );
  header.set(words(checksum(header)), 10);
  return { type: 0x0800, bytes: concat(header, body) };
}

/** An IPv6 extension header: its type, and its bytes from the third on (padded to a multiple of 8). */
export interface Extension {
  readonly type: 0 | 43 | 44 | 51 | 60;
  readonly bytes?: Uint8Array;
}

export interface Ipv6Fields {
  readonly source: string;
  readonly destination: string;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly extensions?: readonly Extension[];
  /** Where it should be wrong. */
  readonly payloadLength?: number;
}

function extensionBytes(extension: Extension, next: number): Uint8Array {
  const given = extension.bytes ?? new Uint8Array(6);
  const length = Math.ceil((given.length + 2) / 8) * 8;
  const header = new Uint8Array(length);
  header.set(given, 2);
  header[0] = next;
  // Authentication counts words of 4 bytes minus 2, fragment has no length, the others words of 8 minus 1.
  header[1] = extension.type === 44 ? 0 : extension.type === 51 ? length / 4 - 2 : length / 8 - 1;
  return header;
}

/** The bytes of a fragment header (type 44): offset in bytes. */
export function fragmentExtension(offset: number, more: boolean, id: number): Extension {
  return { type: 44, bytes: words(offset | (more ? 1 : 0), id >>> 16, id & 0xffff) };
}

/** An IPv6 packet. */
export function ipv6(fields: Ipv6Fields, segment: Segment): Packet {
  const source = addressBytes(fields.source);
  const destination = addressBytes(fields.destination);
  const extensions = fields.extensions ?? [];
  const types = [...extensions.map((extension) => extension.type), segment.protocol];
  const chain = concat(
    ...extensions.map((extension, place) => extensionBytes(extension, types[place + 1] ?? 0)),
    withChecksum(segment, source, destination),
  );
  const traffic = fields.trafficClass ?? 0;
  return {
    type: 0x86dd,
    bytes: concat(
      words(0x6000 | (traffic << 4), 0, fields.payloadLength ?? chain.length),
      Uint8Array.of(types[0] ?? 59, fields.hopLimit ?? 64),
      source,
      destination,
      chain,
    ),
  };
}

export interface TcpFields {
  readonly source: number;
  readonly destination: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** Bits as on the wire: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags?: number;
  readonly options?: Uint8Array;
  /** Where it should be wrong. */
  readonly headerWords?: number;
}

export function tcp(fields: TcpFields, payload: Uint8Array = new Uint8Array(0)): Segment {
  const options = fields.options ?? new Uint8Array(0);
  const sequence = fields.sequence ?? 1;
  const acknowledgement = fields.acknowledgement ?? 0;
  const header = concat(
    words(fields.source, fields.destination, sequence >>> 16, sequence & 0xffff),
    words(acknowledgement >>> 16, acknowledgement & 0xffff),
    words(((fields.headerWords ?? 5 + options.length / 4) << 12) | (fields.flags ?? 0x10), 0xffff, 0, 0),
    options,
  );
  return { protocol: 6, bytes: concat(header, payload), checksumAt: 16 };
}

export interface UdpFields {
  readonly source: number;
  readonly destination: number;
  /** Leave the checksum 0. */
  readonly noChecksum?: boolean;
  /** Where it should be wrong. */
  readonly length?: number;
}

export function udp(fields: UdpFields, payload: Uint8Array = new Uint8Array(0)): Segment {
  const header = words(fields.source, fields.destination, fields.length ?? 8 + payload.length, 0);
  const bytes = concat(header, payload);
  return fields.noChecksum ? { protocol: 17, bytes } : { protocol: 17, bytes, checksumAt: 6 };
}

/** ICMP for IPv4: `rest` is the second 32-bit word. */
export function icmp(type: number, code = 0, body: Uint8Array = new Uint8Array(0), rest = 0): Segment {
  const bytes = concat(words((type << 8) | code, 0, rest >>> 16, rest & 0xffff), body);
  return { protocol: 1, bytes, checksumAt: 2, pseudo: false };
}

/** ICMPv6: `rest` is the second 32-bit word. */
export function icmp6(type: number, code = 0, body: Uint8Array = new Uint8Array(0), rest = 0): Segment {
  const bytes = concat(words((type << 8) | code, 0, rest >>> 16, rest & 0xffff), body);
  return { protocol: 58, bytes, checksumAt: 2 };
}

/** A segment of any protocol, without checksum. */
export const segment = (protocol: number, bytes: Uint8Array): Segment => ({ protocol, bytes });

/** Bytes `from` to `to` of a segment, its checksum being that of the whole: what one fragment carries. */
export function fragment(
  whole: Segment,
  ends: { readonly source: string; readonly destination: string },
  from: number,
  to: number = whole.bytes.length,
): Segment {
  const bytes = withChecksum(whole, addressBytes(ends.source), addressBytes(ends.destination));
  return { protocol: whole.protocol, bytes: bytes.slice(from, to) };
}

/** What an ICMP error quotes: the first bytes of the packet of a frame, without its Ethernet header. */
export function quote(packet: Packet, length: number = packet.bytes.length): Uint8Array {
  return packet.bytes.slice(0, length);
}

export interface ArpFields {
  readonly operation: 1 | 2;
  readonly senderMac: string;
  readonly sender: string;
  readonly targetMac?: string;
  readonly target: string;
}

export function arp(fields: ArpFields): Packet {
  return {
    type: 0x0806,
    bytes: concat(
      words(1, 0x0800, 0x0604, fields.operation),
      macBytes(fields.senderMac),
      addressBytes(fields.sender),
      macBytes(fields.targetMac ?? '00:00:00:00:00:00'),
      addressBytes(fields.target),
    ),
  };
}

/** A link-layer address option of neighbour discovery: 1 source, 2 target. */
function linkLayer(type: 1 | 2, mac: string): Uint8Array {
  return concat(Uint8Array.of(type, 1), macBytes(mac));
}

/** The ICMPv6 of a neighbour solicitation; without `mac` as in duplicate address detection. */
export function neighbourSolicitation(target: string, mac?: string): Segment {
  const option = mac === undefined ? new Uint8Array(0) : linkLayer(1, mac);
  return icmp6(135, 0, concat(addressBytes(target), option));
}

/** The ICMPv6 of a neighbour advertisement; flags: router 4, solicited 2, override 1. */
export function neighbourAdvertisement(target: string, mac: string, flags: number): Segment {
  return icmp6(136, 0, concat(addressBytes(target), linkLayer(2, mac)), (flags << 29) >>> 0);
}

/** Overwrites 16 bits of a frame: for packets that are wrong on purpose. */
export function patched(frame: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(frame);
  word(copy, at);
  copy.set(words(value), at);
  return copy;
}
