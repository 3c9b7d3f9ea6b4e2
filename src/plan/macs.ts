import type { Device, Interface, Leg } from '../model/types.ts';
import type { NetworkState } from './network.ts';
import { hashText } from './registry.ts';
import type { Mac } from './types.ts';

/** MACs of a leg: the device's (null: nobody has said), and the engine's own towards it. */
export interface LegMacs {
  readonly mac: Mac | null;
  readonly sourceMac: Mac;
}

export const NO_MAC: Mac = '00:00:00:00:00:00';

/** MACs of a device's legs by side, given or learnt; those of a bridging device are the engine's own. */
export function deviceMacs(
  device: Device,
  interfaces: ReadonlyMap<string, Interface>,
  network: NetworkState,
): Record<'outside' | 'inside', LegMacs> {
  const nicMac = (leg: Leg): Mac | undefined => network.nics.get(interfaces.get(leg.interface)?.nic ?? '')?.mac;
  if (device.forwards === 'bridge') return bridgeMacs(device, nicMac(device.outside), nicMac(device.inside));
  const macs = (leg: Leg): LegMacs => ({
    mac: learntMac(leg.mac, interfaces.get(leg.interface)?.nic, leg.address ?? device.address, network),
    sourceMac: nicMac(leg) ?? NO_MAC,
  });
  return { outside: macs(device.outside), inside: macs(device.inside) };
}

/** A given MAC, or what ARP and ND say on a NIC that exists; else null. */
export function learntMac(
  given: Mac | undefined,
  nic: string | undefined,
  address: string | undefined,
  network: NetworkState,
): Mac | null {
  if (nic === undefined || !network.nics.has(nic)) return null;
  if (given !== undefined) return given.toLowerCase();
  return address === undefined ? null : (network.neighbours.get(`${nic} ${address}`) ?? null);
}

/**
 * Frames enter a bridging device from A to B on the outside and come out unchanged on the inside, and the other way
 * round. A and B are the NICs' own MACs; where both legs share a NIC, made-up ones, the same after every restart.
 */
function bridgeMacs(
  device: Device,
  outside: Mac | undefined,
  inside: Mac | undefined,
): Record<'outside' | 'inside', LegMacs> {
  if (outside === undefined || inside === undefined) {
    return { outside: { mac: null, sourceMac: outside ?? NO_MAC }, inside: { mac: null, sourceMac: inside ?? NO_MAC } };
  }
  const shared = outside === inside;
  const a = shared ? madeUpMac(`${device.name} outside`) : outside;
  const b = shared ? madeUpMac(`${device.name} inside`) : inside;
  return { outside: { mac: b, sourceMac: a }, inside: { mac: a, sourceMac: b } };
}

/** A locally administered unicast MAC, by a hash of the text. */
function madeUpMac(text: string): Mac {
  const high = hashText(text);
  const low = hashText(text, high ^ 0x9e3779b9);
  const bytes = [0x02, high >>> 24, (high >>> 16) & 255, (high >>> 8) & 255, low >>> 24, (low >>> 16) & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
