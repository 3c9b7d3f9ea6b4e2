import type { AddressWords } from './address.ts';
import type { PortRange } from './buffer.ts';
import type { Target } from './ends.ts';
import { Direction, SlotFlag } from './layout.ts';
import type { DevicePlace, Places } from './places.ts';
import type { PoolPlace } from './pool-words.ts';
import type { Identity, Node } from './sequence.ts';
import type { Word } from './words.ts';

/** Who hands over packets on a link, and how what they send looks. */
export interface Sender {
  readonly leg: number;
  readonly address: AddressWords;
  readonly ports: readonly PortRange[];
  readonly flags: number;
  readonly rewrite: number;
  readonly newPort: number;
}

/** Whoever sends packets as the link's identity says, unchanged but for the port. */
export function sender(leg: number, identity: Identity, flags = 0, newPort = 0): Sender {
  return { leg, address: identity.address, ports: identity.ports, flags, rewrite: 0, newPort };
}

/** Towards the service's far end packets enter a device on one side, back on the other. */
function entersOutside(direction: number): boolean {
  return direction === Direction.FORWARD || direction === Direction.INWARD;
}

/** The leg by which packets of this direction come out of a device. */
export function leavingLeg(place: DevicePlace, direction: number): number {
  return entersOutside(direction) ? place.inside : place.outside;
}

/** Where packets of this direction enter a device or pool, and the NICs they may leave by whatever its word says. */
export function targetOf({ members, pool }: Node, direction: number, places: Places): Target {
  const outside = entersOutside(direction);
  const nics = members.map((member) => (outside ? member.outsideNic : member.insideNic));
  if (pool === undefined) return { target: outside ? members[0]!.outside : members[0]!.inside, flags: 0, nics };
  const flags = SlotFlag.SLOT_POOL | (outside ? 0 : SlotFlag.SLOT_INSIDE);
  return { target: pool.pool, flags, nics: [...nics, ...nicsBeside(pool, outside ? 'outside' : 'inside', places)] };
}

/** NICs of those that packets enter instead where the word, or one it leads to, is bypassed. */
function nicsBeside({ word }: PoolPlace, side: 'outside' | 'inside', places: Places): number[] {
  const beside: number[] = [];
  for (let each: Word | undefined = word; each !== undefined; each = each.next) {
    const neighbour = side === 'outside' ? each.inner : each.outer;
    if (neighbour === undefined) continue;
    const { kind, name } = neighbour;
    if (kind === 'leg') beside.push(places.legs(name)?.nic ?? 0);
    else if (kind === 'device') beside.push(nicOf(places.devices.get(name)!, side));
    else {
      const next = places.pools.get(name)!;
      beside.push(...next.members.map((member) => nicOf(member, side)), ...nicsBeside(next, side, places));
    }
  }
  return beside;
}

function nicOf(place: DevicePlace, side: 'outside' | 'inside'): number {
  return side === 'outside' ? place.outsideNic : place.insideNic;
}
