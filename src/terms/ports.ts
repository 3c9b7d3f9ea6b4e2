/** Port ranges of keys, and which of two that fit a packet the dataplane asks first (docs/design/dataplane.md, "Step"). */
import { Exactness } from './constants.ts';

/** Ports of a key in host order, both included; 0 to 0 is any port. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export const ANY_PORT: PortRange = { from: 0, to: 0 };

/** A client, or a NAT in front of it, sends from any port but the first ones (RFC 6056, RFC 4787). */
const FIRST_PORT_OF_CLIENTS = 1024;
/** A server that opens connections sends from these (net.ipv4.ip_local_port_range, and IANA's from 49152 on). */
const FIRST_PORT_OF_SERVERS = 32768;

/** Exactness of a key with these ports. */
export function exactnessOf(from: number, to: number): number {
  if (from !== to) return Exactness.RANGE;
  return from === 0 ? Exactness.ANY : Exactness.EXACT;
}

/** Ports in host order; 0 to 0 is any. */
export function isVague({ from, to }: PortRange): boolean {
  return from !== to || from === 0;
}

/** Whether one key of a direction is asked before the other and takes packets that fit both. */
export function takesPart(fine: PortRange, coarse: PortRange): boolean {
  return exactnessOf(fine.from, fine.to) < exactnessOf(coarse.from, coarse.to) && portsMeet(fine, coarse);
}

/**
 * Whether a key that clients' packets are found by and one of an outward service take packets from each other: they
 * look at different ports of a packet (FORWARD and INWARD, RETURN and OUTWARD), so it is the one asked first that has
 * to fit the port the other's side happens to send from.
 */
export function crosses(inward: PortRange, outward: PortRange): boolean {
  const inwardFirst = exactnessOf(inward.from, inward.to) < exactnessOf(outward.from, outward.to);
  const first = inwardFirst ? inward : outward;
  if (first.from === 0) return true;
  return isVague(first) && first.to >= (inwardFirst ? FIRST_PORT_OF_SERVERS : FIRST_PORT_OF_CLIENTS);
}

/** Whether there is a port that fits both. */
export function portsMeet(a: PortRange, b: PortRange): boolean {
  return a.from === 0 || b.from === 0 || (a.from <= b.to && b.from <= a.to);
}
