import { Direction, SlotFlag } from '../terms/constants.ts';
import type { Target } from './ends.ts';
import type { DevicePlace, Places, PoolPlace } from './place-types.ts';
import type { Word } from './words.ts';

type Side = 'outside' | 'inside';

/** A device or pool of a sequence: where packets enter it and leave it, worked out once for all services. */
export class Node {
  readonly name: string;
  readonly members: readonly DevicePlace[];
  /** The pool word; undefined for a device that steps name by its leg. */
  readonly pool: PoolPlace | undefined;
  /** Whether a member takes packets under its own address. */
  readonly hasNat: boolean;
  readonly #places: Places;
  readonly #targets: { [side in Side]?: Target } = {};
  readonly #legs: { [side in Side]?: readonly number[] } = {};
  readonly #answering: { [side in Side]?: readonly number[] } = {};

  constructor(name: string, members: readonly DevicePlace[], pool: PoolPlace | undefined, places: Places) {
    this.name = name;
    this.members = members;
    this.pool = pool;
    this.hasNat = members.some(({ device }) => device.mode === 'nat');
    this.#places = places;
  }

  /** Where packets of this direction enter, and the NICs they may leave by whatever the pool's word says. */
  target(direction: number): Target {
    const side = entered(direction);
    this.#targets[side] ??= this.#target(side);
    return this.#targets[side];
  }

  /** The members' legs by which packets of this direction come out. */
  legs(direction: number): readonly number[] {
    const side = left(direction);
    this.#legs[side] ??= this.members.map((member) => member[side]);
    return this.#legs[side];
  }

  /** The same, with the legs of whoever may answer in a member's place. */
  answeringLegs(direction: number): readonly number[] {
    const side = left(direction);
    this.#answering[side] ??= this.members.flatMap((member) => answeringLegs(member, direction, this.#places));
    return this.#answering[side];
  }

  #target(side: Side): Target {
    const { members, pool } = this;
    const nics = members.map((member) => nicOf(member, side));
    if (pool === undefined) return { target: members[0]![side], flags: 0, nics };
    const flags = SlotFlag.SLOT_POOL | (side === 'outside' ? 0 : SlotFlag.SLOT_INSIDE);
    return { target: pool.pool, flags, nics: [...nics, ...nicsBeside(pool, side, this.#places)] };
  }
}

/** Every {@link Node} of some {@link Places}. */
export class Nodes {
  readonly #devices = new Map<string, Node>();
  readonly #pools = new WeakMap<PoolPlace, Node>();

  /** What a step leads to: the pool word, or else the device; without members where there is no such device. */
  of(target: string, isPool: boolean, pool: PoolPlace | undefined, places: Places): Node {
    const known = pool === undefined ? this.#devices.get(target) : this.#pools.get(pool);
    if (known !== undefined) return known;
    const device = isPool ? undefined : places.devices.get(target);
    const node = new Node(target, pool?.members ?? (device === undefined ? [] : [device]), pool, places);
    if (pool !== undefined) this.#pools.set(pool, node);
    else this.#devices.set(target, node);
    return node;
  }
}

/** The legs by which packets of this direction come from a device, or from whoever may answer in its place. */
export function answeringLegs(member: DevicePlace, direction: number, { devices }: Places): readonly number[] {
  const side = left(direction);
  return [member[side], ...member.device.answeredBy.flatMap((name) => devices.get(name)?.[side] ?? [])];
}

/** Towards the service's far end packets enter a device on one side, back on the other. */
function entered(direction: number): Side {
  return direction === Direction.FORWARD || direction === Direction.INWARD ? 'outside' : 'inside';
}

function left(direction: number): Side {
  return entered(direction) === 'outside' ? 'inside' : 'outside';
}

/** NICs of those that packets enter instead where the word, or one it leads to, is bypassed. */
function nicsBeside({ word }: PoolPlace, side: Side, places: Places): number[] {
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

function nicOf(place: DevicePlace, side: Side): number {
  return side === 'outside' ? place.outsideNic : place.insideNic;
}
