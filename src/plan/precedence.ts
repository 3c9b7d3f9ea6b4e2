/**
 * Packets that two keys of one origin, address and protocol both fit: which one the dataplane asks first
 * (docs/design/dataplane.md, "Step"), and whether the other service misses them.
 */
import type { Service } from '../model/types.ts';
import type { PortRange } from './buffer.ts';
import { protocolNumber } from './sequence.ts';
import { exactnessOf } from './uses.ts';

/** A client, or a NAT in front of it, sends from any port but the first ones (RFC 6056, RFC 4787). */
const FIRST_PORT_OF_CLIENTS = 1024;
/** A server that opens connections sends from these (net.ipv4.ip_local_port_range, and IANA's from 49152 on). */
const FIRST_PORT_OF_SERVERS = 32768;

/** Ports in host order; 0 to 0 is any. */
export function isVague({ from, to }: PortRange): boolean {
  return from !== to || from === 0;
}

/** Whether one key of a direction is asked before the other and takes packets that fit both. */
export function takesPart(fine: PortRange, coarse: PortRange): boolean {
  return exactnessOf(fine.from, fine.to) < exactnessOf(coarse.from, coarse.to) && portsMeet(fine, coarse);
}

/**
 * Whether `fine` may take its ports of what fits `coarse` too, within the way: `coarse` never gets such packets, because
 * all who open it open `fine` at the same address and port, and the entry asks for the finer ports first.
 *
 * @param address what both are opened at. Not looked at for outward services, which may have another one on the way.
 */
export function entersFirst(
  fine: { readonly service: Service; readonly ports: PortRange },
  coarse: { readonly service: Service; readonly ports: PortRange },
  address: string,
): boolean {
  const [a, b] = [fine.service, coarse.service];
  const isCommon = (each: string): boolean => a.addresses.includes(each);
  return (
    (b.outward ? b.addresses.every(isCommon) : b.addresses.includes(address) && isCommon(address)) &&
    protocolNumber(a.protocol) === protocolNumber(b.protocol) &&
    hasPorts(a, fine.ports) &&
    hasPorts(b, coarse.ports) &&
    // What comes out of a tunnel is not what went in.
    !b.sequence.some((step) => step.kind === 'through' && step.reveals !== undefined) &&
    b.from.every((party) => a.from.some(({ kind, name }) => kind === party.kind && name === party.name))
  );
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

function hasPorts({ ports }: Service, { from, to }: PortRange): boolean {
  return ports === 'any' ? from === 0 : ports.some((each) => each.from === from && each.to === to);
}
