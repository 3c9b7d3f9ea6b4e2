import { Limit, ProbeKind } from '../../terms/constants.ts';
import { encode } from '../codec/codec.ts';
import { Probe, ProbeMark } from '../codec/layout.ts';
import type { ProbeFrame } from './prober-types.ts';

/** A definition as `probes` holds it, `next` 0. */
export interface ProbeImage {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Key of `given_probes`, for somebody's own frames. */
  readonly given?: { readonly leg: number; readonly length: number };
}

const ETHERNET = 14;
const TAGS = [0x8100, 0x88a8];
const VERSIONS: Readonly<Record<number, 4 | 6>> = { 2048: 4, 34525: 6 };
const TCP = 6;
const TCP_BYTES = 20;
/** Where checksums stand behind the beginning of their header, by protocol. */
const CHECKSUMS: Readonly<Record<number, number>> = { [TCP]: 16, 17: 6 };
const NO_CHECKSUM = 0xffff;

/** @throws RangeError with what the frame cannot be. */
export function probeImage(frame: ProbeFrame): ProbeImage {
  const { id, bytes, ifindex, arrivesFrom, offset } = frame;
  const wrong = (why: string): RangeError => new RangeError(`define probe ${id}: ${why}`);
  if (!(Number.isInteger(id) && id >= 1 && id <= Limit.MAX_PROBES)) throw wrong(`numbers are 1 to ${Limit.MAX_PROBES}`);
  if (bytes.length < ETHERNET || bytes.length > Limit.PROBE_BYTES) {
    throw wrong(`frames have ${ETHERNET} to ${Limit.PROBE_BYTES} bytes, not ${bytes.length}`);
  }
  if (!(ifindex > 0) || !(arrivesFrom > 0)) throw wrong('it needs a NIC to leave by and a leg to come from');
  const link = readLink(bytes);
  const common = { ...EMPTY, ifindex, arrivesFrom, length: bytes.length, offset, version: link.version };
  const image = (fields: Partial<Probe>): Uint8Array => {
    const padded = new Uint8Array(EMPTY.frame.length);
    padded.set(bytes);
    return encode(Probe, { ...common, ...fields, frame: padded });
  };
  if (frame.kind === 'marked') {
    if (offset < ETHERNET || offset + ProbeMark.size > bytes.length) throw wrong(`no mark fits in at ${offset}`);
    return { id, bytes: image({ kind: ProbeKind.PROBE_MARKED }) };
  }
  if (frame.kind === 'handshake') {
    const answerer = answererOf(bytes, link, offset);
    if (answerer === undefined) throw wrong(`no TCP header stands at ${offset}`);
    return { id, bytes: image({ kind: ProbeKind.PROBE_HANDSHAKE, ...answerer }) };
  }
  const payload = payloadOf(bytes, link);
  if (payload === undefined) throw wrong('its IP header is cut off');
  const length = link.version === 0 ? Limit.GIVEN_NOT_IP : payload.compared;
  return { id, bytes: image({ kind: ProbeKind.PROBE_GIVEN, ...payload }), given: { leg: arrivesFrom, length } };
}

const EMPTY: Probe = {
  ifindex: 0,
  arrivesFrom: 0,
  length: 0,
  offset: 0,
  network: 0,
  payload: 0,
  kind: 0,
  version: 0,
  port: 0,
  address: new Uint8Array(16),
  checksum: NO_CHECKSUM,
  compared: 0,
  next: 0,
  frame: new Uint8Array(1536),
};

interface Link {
  /** Where IP begins, or whatever it is. */
  readonly network: number;
  readonly version: 0 | 4 | 6;
}

function readLink(bytes: Uint8Array): Link {
  const typeAt = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  let at = ETHERNET - 2;
  for (let tags = 0; tags < 2 && TAGS.includes(typeAt(at)) && at + 6 <= bytes.length; tags++) at += 4;
  return { network: at + 2, version: VERSIONS[typeAt(at)] ?? 0 };
}

/** Who answers a SYN. */
function answererOf(bytes: Uint8Array, { network, version }: Link, offset: number) {
  const header = version === 4 ? 20 : 40;
  if (version === 0 || offset < network + header || offset + TCP_BYTES > bytes.length) return undefined;
  const address = new Uint8Array(16);
  if (version === 4) address.set([0xff, 0xff, ...bytes.subarray(network + 16, network + 20)], 10);
  else address.set(bytes.subarray(network + 24, network + 40));
  return { address, port: (bytes[offset + 2]! << 8) | bytes[offset + 3]! };
}

/** What of somebody's frame has to come back as it was. What is behind the IP packet is padding. */
function payloadOf(bytes: Uint8Array, { network, version }: Link) {
  if (version === 0) return { payload: network, compared: bytes.length - network };
  const header = version === 4 ? (bytes[network]! & 0xf) * 4 : 40;
  const total = version === 4 ? 2 : 4;
  const length = ((bytes[network + total]! << 8) | bytes[network + total + 1]!) + (version === 4 ? 0 : header);
  if (network + header > bytes.length || length < header || network + length > bytes.length) return undefined;
  const checksum = CHECKSUMS[bytes[network + (version === 4 ? 9 : 6)]!] ?? NO_CHECKSUM;
  return { network, payload: network + header, compared: length - header, checksum };
}
