import { farLegName, openerLegName } from '../model/end-legs.ts';
import type { Model, Service } from '../model/types.ts';
import { bypasses, type Place, wordName } from './word-names.ts';

/** What stands next to a word in a sequence: a device, another word, or (at its ends) a leg by its name. */
export interface Neighbour {
  readonly kind: 'device' | 'word' | 'leg';
  readonly name: string;
}

/** Whom packets enter instead of a word's own members, by the outside leg (`inner`) and by the inside one (`outer`). */
export interface Beside {
  readonly inner: Neighbour | undefined;
  readonly outer: Neighbour | undefined;
}

/** One way through a service's devices, and the leg it ends at. */
interface Way {
  readonly places: readonly Place[];
  readonly end: string | undefined;
}

/** Both ways of a service at one address. */
export class Neighbourhood {
  readonly #out: Way;
  readonly #back: Way;
  readonly #outward: boolean;
  readonly #links: (place: Place) => readonly Place[];
  readonly #pools: Model['pools'];

  /** @param written the way back where it is written. */
  constructor(
    service: Service,
    address: string,
    model: Pick<Model, 'interfaces' | 'devices' | 'pools'>,
    places: { readonly out: readonly Place[]; readonly written: readonly Place[] | undefined },
    links: (place: Place) => readonly Place[],
  ) {
    const { out, written } = places;
    const far = service.outward ? farLegName(service, address, model) : undefined;
    // The last device is where the way back begins, unless an outward service goes on behind it.
    const turns = !service.outward || isGateway(out.at(-1), model);
    this.#out = { places: out, end: far };
    this.#back = {
      places: written ?? out.slice(0, turns ? -1 : undefined).reverse(),
      end: openerLegName(service, address, model),
    };
    this.#outward = service.outward;
    this.#links = links;
    this.#pools = model.pools;
  }

  /** Who is next to a place, outside and inside of it. */
  beside(place: Place): Beside {
    const [ahead, behind] = [this.#next(this.#out, place), this.#next(this.#back, place)];
    return this.#outward ? { inner: behind, outer: ahead } : { inner: ahead, outer: behind };
  }

  /** The same in words that tell any two neighbourhoods apart: "i0, vpn1". */
  around(place: Place): string {
    const [ahead, behind] = [this.#chain(this.#out, place), this.#chain(this.#back, place)];
    return this.#outward ? `${ahead}, ${behind}` : `${behind}, ${ahead}`;
  }

  #next(way: Way, place: Place): Neighbour | undefined {
    const at = way.places.indexOf(place);
    if (at < 0) return undefined;
    const next = way.places[at + 1];
    if (next === undefined) return way.end === undefined ? undefined : { kind: 'leg', name: way.end };
    if (isPlainDevice(next)) return { kind: 'device', name: next.target };
    const links = this.#links(next);
    return { kind: 'word', name: wordName(links, this.#pools, bypasses(links) ? this.around(next) : undefined) };
  }

  /** Who is next, and where it may be bypassed who comes then. */
  #chain(way: Way, place: Place): string {
    const at = way.places.indexOf(place);
    if (at < 0) return 'nobody';
    const next = way.places[at + 1];
    if (next === undefined) return way.end ?? 'nobody';
    if (isPlainDevice(next)) return next.target;
    const links = this.#links(next);
    const name = wordName(links, this.#pools);
    return bypasses(links) ? `${name}>${this.#chain(way, next)}` : name;
  }
}

/** A device that steps name by its leg. */
export function isPlainDevice({ isPool, allDown }: Place): boolean {
  return !isPool && allDown === 'keep';
}

function isGateway(place: Place | undefined, { devices, pools }: Pick<Model, 'devices' | 'pools'>): boolean {
  if (place === undefined) return false;
  const name = place.isPool ? pools.get(place.target)?.members[0] : place.target;
  return devices.get(name ?? '')?.kind === 'gateway';
}
