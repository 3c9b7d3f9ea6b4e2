import { legName } from '../../model/leg-names.ts';
import type { Device, Leg } from '../../model/types.ts';
import type { NicState } from '../../plan/network.ts';
import type { LegPlan } from '../../plan/types.ts';
import { type AddressWords, isIpv4, parseAddress } from '../../terms/address.ts';
import type { Watched } from '../types.ts';
import type { Link } from './packet.ts';

/** A probe cannot be sent as things are; the message says why and what to do. */
export class Unable extends Error {
  override readonly name = 'Unable';
}

/** A leg as frames need it: everything about it is known. */
export interface ReadyLeg {
  readonly name: string;
  readonly leg: Leg;
  readonly plan: LegPlan;
  readonly nic: NicState;
  /** The engine's addresses where the leg is: those of its NIC, or of the kernel's device for its VLAN. */
  readonly addresses: NicState['addresses'];
  /** Addresses that answered the kernel with this leg's MAC. */
  readonly seenAt: () => readonly string[];
  /** Of frames that are sent to it. */
  readonly link: Link;
}

/** Finds legs, NICs and addresses of what is in force. */
export class Site {
  readonly watched: Watched;
  readonly #legs: ReadonlyMap<number, LegPlan>;

  constructor(watched: Watched) {
    this.watched = watched;
    this.#legs = new Map(watched.fabric.legs.map((leg) => [leg.leg, leg]));
  }

  /** @throws Unable where the definitions in force have no such device. */
  device(name: string): Device {
    const device = this.watched.model.devices.get(name);
    if (device === undefined) throw new Unable(`there is no device ${name}`);
    return device;
  }

  /** Number of a device's leg. */
  legNumber(device: Device, side: 'outside' | 'inside'): number {
    return this.watched.places.devices.get(device.name)?.[side] ?? 0;
  }

  /** A leg that can be sent to. @throws Unable */
  ready(device: Device, side: 'outside' | 'inside'): ReadyLeg {
    const { model, network } = this.watched;
    const leg = device[side];
    const name = legName(device, side);
    const nicName = model.interfaces.get(leg.interface)?.nic ?? leg.interface;
    const nic = network.nics.get(nicName);
    const plan = this.#legs.get(this.legNumber(device, side));
    if (nic === undefined || plan === undefined || plan.ifindex === 0) {
      throw new Unable(`${name} is on ${nicName}, which is not there (ip link show ${nicName})`);
    }
    if (plan.mac === null) throw new Unable(`${name} has no MAC yet (${cureForMac(device, leg, nicName)})`);
    const { mac } = plan;
    const addresses = this.#addressesAt(nic, leg);
    return {
      name,
      leg,
      plan,
      nic,
      addresses,
      seenAt: () => this.#seenAt(nicName, mac),
      link: { to: plan.mac, from: plan.sourceMac, vlans: plan.vlans },
    };
  }

  #addressesAt(nic: NicState, { vlans }: Leg): NicState['addresses'] {
    const { network } = this.watched;
    const [id] = vlans;
    if (id === undefined) return nic.addresses;
    const device = network.vlanDevices?.find((each) => each.parent === nic.name && each.id === id);
    return [...(network.nics.get(device?.name ?? '')?.addresses ?? []), ...nic.addresses];
  }

  #seenAt(nic: string, mac: string): readonly string[] {
    const seen: string[] = [];
    for (const [key, each] of this.watched.network.neighbours) {
      const [on, address] = key.split(' ');
      if (on === nic && each === mac) seen.push(address!);
    }
    return seen;
  }
}

function cureForMac(device: Device, leg: Leg, nic: string): string {
  if (device.forwards === 'bridge') return `ip link show ${nic}`;
  const address = leg.address ?? device.address;
  if (address === undefined) return 'give it `mac`, or `address` to learn it by';
  return `does ${address} answer on ${nic}? else give it \`mac\``;
}

/**
 * Both ends of packets between two legs of a routing device: the engine's own addresses there. `family`: the version of IP they
 * have to be of. @throws Unable
 */
export function ownEnds(
  outside: ReadyLeg,
  inside: ReadyLeg,
  family?: 4 | 6,
): { outside: AddressWords; inside: AddressWords } {
  for (const version4 of family === undefined ? familiesOf(outside) : [family === 4]) {
    const near = ownAddress(outside, version4, undefined);
    const far = ownAddress(inside, version4, outside.nic === inside.nic ? near : undefined);
    const [first, second] = [near, far].map((text) => (text === undefined ? undefined : parseAddress(text)));
    if (first !== undefined && second !== undefined) return { outside: first, inside: second };
  }
  const bare = [outside, inside].find((leg) => ownAddress(leg, family !== 6, undefined) === undefined) ?? inside;
  const nic = bare.nic.name;
  if (outside.nic === inside.nic && bare.addresses.some(({ scope }) => scope === 'global')) {
    const cure = `ip address add ADDRESS/LENGTH dev ${nic}, in the network of ${inside.name}`;
    throw new Unable(`both legs are on ${nic}, where the engine has one address (${cure})`);
  }
  const version = family === undefined ? '' : ` IPv${family}`;
  throw new Unable(`the engine has no${version} address on ${nic} (ip address add ADDRESS/LENGTH dev ${nic})`);
}

/** IPv4 first, unless the device is said to be in an IPv6 network. */
function familiesOf({ leg }: ReadyLeg): readonly boolean[] {
  return leg.address?.includes(':') ? [false, true] : [true, false];
}

/**
 * The engine's address where a leg is: the one in the leg's own network. Of a leg that is known by its MAC alone that is where
 * the kernel saw this MAC. @throws Unable where there are several and nothing says which.
 */
function ownAddress(ready: ReadyLeg, version4: boolean, taken: string | undefined): string | undefined {
  const { addresses, leg, seenAt } = ready;
  const own = addresses.filter(
    ({ address, scope }) => scope === 'global' && address.includes(':') !== version4 && address !== taken,
  );
  if (own.length < 2 && leg.address === undefined) return own[0]?.address;
  const known = leg.address === undefined ? seenAt() : [leg.address];
  const near = own.find((each) => known.some((address) => isInNetwork(address, each)));
  if (near !== undefined || leg.address !== undefined) return (near ?? own[0])?.address;
  const all = own.map(({ address, prefix }) => `${address}/${prefix}`).join(', ');
  throw new Unable(
    `${ready.name} is known by its MAC alone, and the engine has several addresses there: ${all} (give the leg its \`address\`, too)`,
  );
}

function isInNetwork(
  text: string,
  { address, prefix }: { readonly address: string; readonly prefix: number },
): boolean {
  const [a, b] = [parseAddress(text), parseAddress(address)];
  if (a === undefined || b === undefined || isIpv4(a) !== isIpv4(b)) return false;
  const bits = isIpv4(a) ? 96 + prefix : prefix;
  for (let bit = 0; bit < bits; bit++) {
    // Words are little end first: the bit on the wire is counted within its byte.
    const mask = 0x80 >>> (bit & 7);
    const shift = 8 * ((bit >>> 3) & 3);
    if (((a[bit >>> 5]! ^ b[bit >>> 5]!) >>> shift) & mask) return false;
  }
  return true;
}
