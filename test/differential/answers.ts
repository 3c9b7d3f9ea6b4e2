/** Frames the engine makes itself: answers to ARP and ND, and "too big". */
import type { InterfacePlan } from '../../src/plan/types.ts';
import { addressBytes, checksum, concat, macBytes, pseudoHeader, word, words } from '../packets/bytes.ts';
import type { Link } from './link.ts';
import { addressHex, isMapped, type Packet } from './parse.ts';

interface Question {
  readonly reason: 'ANSWERED_ARP' | 'ANSWERED_ND';
  /** 32 hex digits. */
  readonly target: string;
  readonly answer: (nic: InterfacePlan) => Uint8Array;
}

/** The address an ARP request asks for, and the answer; undefined for any other frame. */
export function readArpRequest(frame: Uint8Array, link: Link): Question | undefined {
  const arp = frame.subarray(link.network);
  if (
    link.type !== 0x0806 ||
    arp.length < 28 ||
    Buffer.from(arp.subarray(0, 8)).toString('hex') !== '0001080006040001'
  ) {
    return undefined;
  }
  const [sender, target] = [arp.subarray(14, 18), arp.subarray(24, 28)];
  if (Buffer.compare(sender, target) === 0) {
    return undefined;
  }
  return {
    reason: 'ANSWERED_ARP',
    target: addressHex(target),
    answer: (nic) =>
      concat(
        turned(frame, link, nic.mac),
        words(1, 0x0800, 0x0604, 2),
        macBytes(nic.mac),
        target,
        arp.subarray(8, 18),
        arp.subarray(28),
      ),
  };
}

/** The address a neighbour solicitation asks for, and the answer; undefined for any other frame. */
export function readSolicitation(frame: Uint8Array, link: Link): Question | undefined {
  const ip = frame.subarray(link.network);
  if (link.type !== 0x86dd || ip.length < 64 || (ip[0] ?? 0) >> 4 !== 6 || ip[6] !== 58 || ip[7] !== 255) {
    return undefined;
  }
  const length = word(ip, 4);
  const target = ip.subarray(48, 64);
  if (length < 24 || 40 + length > ip.length || word(ip, 40) !== 135 << 8 || isMapped(addressHex(target))) {
    return undefined;
  }
  return { reason: 'ANSWERED_ND', target: addressHex(target), answer: (nic) => advertise(frame, link, nic) };
}

function advertise(frame: Uint8Array, link: Link, nic: InterfacePlan): Uint8Array {
  const ip = frame.subarray(link.network);
  const [source, target] = [ip.subarray(8, 24), ip.subarray(48, 64)];
  const isProbe = source.every((byte) => byte === 0);
  const asker = isProbe ? addressBytes('ff02::1') : source;
  const body = concat(words(136 << 8, 0, isProbe ? 0x2000 : 0x6000, 0), target, words(0x0201), macBytes(nic.mac));
  body.set(words(checksum(pseudoHeader(target, asker, 58, body.length), body)), 2);
  const header = concat(words(0x6000, 0, body.length), Uint8Array.of(58, 255), target, asker);
  const answer = concat(turned(frame, link, nic.mac), header, body);
  answer.set(isProbe ? macBytes('33:33:00:00:00:01') : []);
  return answer;
}

/** Ethernet and tags of an answer to a frame that may have been sent to a group. */
function turned(frame: Uint8Array, link: Link, mac: string): Uint8Array {
  return concat(macBytes(link.from), macBytes(mac), frame.subarray(12, link.network));
}

/** "Packet too big" to the sender of a packet, quoting it as it came. */
export function tooBig(frame: Uint8Array, link: Link, packet: Packet, mtu: number): Uint8Array {
  const ends = packet.version === 4 ? [12, 16, 20] : [8, 24, 40];
  const [source, destination] = [0, 1].map((place) =>
    frame.subarray(packet.ip + (ends[place] ?? 0), packet.ip + (ends[place + 1] ?? 0)),
  ) as [Uint8Array, Uint8Array];
  const most = packet.version === 4 ? 576 - 28 : 1280 - 48;
  const quoted = frame.subarray(packet.ip, Math.min(packet.end, packet.ip + most));
  const body = concat(packet.version === 4 ? words(0x0304, 0, 0, mtu) : words(0x0200, 0, 0, mtu), quoted);
  const pseudo = packet.version === 4 ? new Uint8Array(0) : pseudoHeader(destination, source, 58, body.length);
  body.set(words(checksum(pseudo, body)), 2);
  const header =
    packet.version === 4
      ? concat(words(0x4500, 20 + body.length, 0, 0, 0x4001, 0), destination, source)
      : concat(words(0x6000, 0, body.length, (58 << 8) | 64), destination, source);
  if (packet.version === 4) {
    header.set(words(checksum(header)), 10);
  }
  return concat(frame.subarray(6, 12), frame.subarray(0, 6), frame.subarray(12, link.network), header, body);
}
