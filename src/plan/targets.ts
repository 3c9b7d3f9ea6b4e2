import type { Target } from '../terms/health/target.ts';
import type { Places } from './place-types.ts';

/** Where health, or a command, turned pool words, by name; the active member works where nothing is said. */
export type PoolTargets = ReadonlyMap<string, Target>;

export const NO_TARGETS: PoolTargets = new Map();

/** Numbers of the legs that a pool word names: what {@link targetLegs} stores. 0: packets are dropped. */
export interface PoolLegs {
  readonly outside: number;
  readonly inside: number;
}

type Side = keyof PoolLegs;

/** Words that lead to words that lead to words: more than any sequence has. */
const DEEPEST = 64;

/**
 * The legs to store for a pool word. `bypass` enters the next device by its outside leg and, on the way back, the one
 * before by its inside leg (at the client's end: the gateway's leg); where that is a pool, and for `next`, it is where
 * that word's packets go now: it has to be stored again when that one moves.
 * @param name of the word. @param targets where the other words are.
 */
export function targetLegs(places: Places, name: string, target: Target, targets: PoolTargets): PoolLegs {
  const all = targets.get(name) === target ? targets : new Map(targets).set(name, target);
  return { outside: legOf(places, name, all, 'outside', 0), inside: legOf(places, name, all, 'inside', 0) };
}

function legOf(places: Places, name: string, targets: PoolTargets, side: Side, depth: number): number {
  const end = leadsTo(places, name, targets, side);
  if (end === undefined || depth > DEEPEST) return 0;
  if (end.kind === 'word') return legOf(places, end.name, targets, side, depth + 1);
  return end.kind === 'device' ? (places.devices.get(end.name)?.[side] ?? 0) : (places.legs(end.name)?.leg ?? 0);
}

/** What packets that enter a word by one side come to first. */
function leadsTo(
  places: Places,
  name: string,
  targets: PoolTargets,
  side: Side,
): { readonly kind: 'device' | 'word' | 'leg'; readonly name: string } | undefined {
  const place = places.pools.get(name);
  if (place === undefined) return undefined;
  const target = targets.get(name) ?? { to: 'member', member: place.active };
  switch (target.to) {
    case 'member':
      return { kind: 'device', name: target.member };
    case 'next':
      return { kind: 'word', name: target.pool };
    case 'bypass':
      return side === 'outside' ? place.word.inner : place.word.outer;
    default:
      return undefined;
  }
}
