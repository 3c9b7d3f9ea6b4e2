import { Limit } from '../../terms/constants.ts';
import {
  type Ends,
  etherTypeOf,
  ipLength,
  type Link,
  linkLength,
  newFrame,
  Protocol,
  transportChecksum,
  write16,
  writeIp,
} from './packet.ts';

/** A header and one option. */
const LENGTH = 24;
const SYN = 0x02;
const WINDOW = 64_240;
const MSS_OPTION = 2;
/** The largest segment asked for: what Ethernet carries. */
const LARGEST = 1500;

export interface Syn {
  readonly link: Link;
  readonly ends: Ends;
  readonly port: number;
  readonly id: number;
  /** Of the NIC it leaves by. */
  readonly mtu: number;
}

/** The first packet of a TCP connection, its sequence number 0: the prober fills it in. */
export function synFrame({ link, ends, port, id, mtu }: Syn): { bytes: Uint8Array; offset: number } {
  const bytes = newFrame(link, etherTypeOf(ends), ipLength(ends) + LENGTH);
  const ip = linkLength(link);
  const offset = ip + ipLength(ends);
  writeIp(bytes, ip, ends, Protocol.tcp, LENGTH);
  write16(bytes, offset, Limit.PROBE_PORT_BASE + id);
  write16(bytes, offset + 2, port);
  bytes[offset + 12] = (LENGTH / 4) << 4;
  bytes[offset + 13] = SYN;
  write16(bytes, offset + 14, WINDOW);
  bytes[offset + 20] = MSS_OPTION;
  bytes[offset + 21] = 4;
  write16(bytes, offset + 22, Math.min(mtu, LARGEST) - ipLength(ends) - 20);
  write16(bytes, offset + 16, transportChecksum(bytes, offset, ends, Protocol.tcp, LENGTH));
  return { bytes, offset };
}
