import { isIpv4 } from '../../terms/address.ts';
import { MARK_LENGTH, writeMark } from './mark.ts';
import {
  type Ends,
  etherTypeOf,
  ipLength,
  type Link,
  linkLength,
  newFrame,
  Protocol,
  plainChecksum,
  transportChecksum,
  write16,
  writeIp,
} from './packet.ts';

/** Both ends' UDP port: the same both ways, so that a stateful device has one flow for each probe and its way back. */
const PORT = 33_461;
const HEADER = 8;
const ECHO_REQUEST = 8;
const ECHO_REQUEST_6 = 128;

export interface MarkedPacket {
  readonly link: Link;
  readonly ends: Ends;
  readonly by: 'udp' | 'icmp';
  readonly cookie: number;
  readonly id: number;
}

/** A packet between two addresses of the engine, its payload the mark: what a routing device carries. */
export function markedPacket({ link, ends, by, cookie, id }: MarkedPacket): { bytes: Uint8Array; offset: number } {
  const length = HEADER + MARK_LENGTH;
  const bytes = newFrame(link, etherTypeOf(ends), ipLength(ends) + length);
  const ip = linkLength(link);
  const at = ip + ipLength(ends);
  const offset = at + HEADER;
  const version4 = isIpv4(ends.source);
  const protocol = by === 'udp' ? Protocol.udp : version4 ? Protocol.icmp : Protocol.icmp6;
  writeIp(bytes, ip, ends, protocol, length);
  writeMark(bytes, offset, cookie, id);
  if (by === 'udp') {
    write16(bytes, at, PORT);
    write16(bytes, at + 2, PORT);
    write16(bytes, at + 4, length);
    // 0 would mean "none".
    write16(bytes, at + 6, transportChecksum(bytes, at, ends, protocol, length) || 0xffff);
    return { bytes, offset };
  }
  bytes[at] = version4 ? ECHO_REQUEST : ECHO_REQUEST_6;
  write16(bytes, at + 4, id & 0xffff);
  const sum = version4 ? plainChecksum(bytes, at, length) : transportChecksum(bytes, at, ends, protocol, length);
  write16(bytes, at + 2, sum);
  return { bytes, offset };
}
