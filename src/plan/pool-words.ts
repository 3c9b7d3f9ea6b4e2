import type { Model, Service, Step } from '../model/types.ts';
import type { DevicePlace, PoolPlace } from './place-types.ts';
import type { Registry } from './registry.ts';
import type { Uses } from './uses.ts';
import { type ServiceWords, type Word, WordBook } from './words.ts';

type Through = Extract<Step, { kind: 'through' }>;

/** Gives every pool word that services need its number. */
export class PoolWords {
  readonly places = new Map<string, PoolPlace>();
  readonly #book: WordBook;
  readonly #model: Model;
  readonly #devices: ReadonlyMap<string, DevicePlace>;
  readonly #registry: Registry;
  /** Words every pool has, whatever services need. */
  readonly #plain = new Set<string>();

  /** Every pool has its plain word; `before`: words of the plan before, of definitions that are the same. */
  constructor(
    model: Model,
    devices: ReadonlyMap<string, DevicePlace>,
    registry: Registry,
    before: Iterable<PoolPlace> = [],
  ) {
    this.#book = new WordBook(model);
    this.#model = model;
    this.#devices = devices;
    this.#registry = registry;
    for (const name of model.pools.keys()) {
      const first = this.#book.plain(name);
      for (let word: Word | undefined = first; word !== undefined; word = word.next) this.#plain.add(word.name);
      this.#place(first);
    }
    for (const { word } of before) {
      if (model.pools.has(word.definition) || model.devices.has(word.definition)) this.#place(word);
    }
  }

  /** The words of the steps of one service at one address, one after the other. */
  reader(
    service: Service,
    address: string,
  ): (step: Through, way: keyof ServiceWords, place: number) => PoolPlace | undefined {
    let words: ServiceWords | undefined;
    return (step, way, place) => {
      // On the way back a device or pool has the word of the way out, whatever is said again.
      const alike = way === 'out' ? this.#book.alike(step) : undefined;
      if (alike !== undefined) return this.#place(alike);
      if (way === 'out' && !this.#book.hasWord(step)) return undefined;
      // All at once: they may be one another's neighbours.
      words ??= this.#placeAll(this.#book.of(service, address));
      const word = words[way][place];
      return word && this.#place(word);
    };
  }

  /** Those that pools have anyway, and those that steps lead to. */
  needed(uses: Pick<Uses, 'hasWord'>): readonly (readonly [name: string, place: PoolPlace])[] {
    return [...this.places].filter(([name]) => this.#plain.has(name) || uses.hasWord(name));
  }

  /** Forgets the others; returns them. */
  prune(uses: Pick<Uses, 'hasWord'>): readonly PoolPlace[] {
    const kept = new Set(this.needed(uses).map(([name]) => name));
    const gone = [...this.places].filter(([name]) => !kept.has(name));
    for (const [name] of gone) this.places.delete(name);
    return gone.map(([, place]) => place);
  }

  /** Those that {@link prune} forgot, under the same numbers. */
  restore(places: readonly PoolPlace[]): void {
    for (const place of places) this.places.set(place.word.name, place);
  }

  #placeAll(words: ServiceWords): ServiceWords {
    for (const word of [...words.out, ...words.back]) if (word !== undefined) this.#place(word);
    return words;
  }

  #place(word: Word): PoolPlace {
    const known = this.places.get(word.name);
    if (known !== undefined) return known;
    const { name, definition } = word;
    const place = {
      pool: this.#registry.number('pool', name),
      word,
      active: this.#model.pools.get(definition)?.active ?? definition,
      members: reachedBy(word).flatMap((member) => this.#devices.get(member) ?? []),
    };
    this.places.set(name, place);
    if (word.next !== undefined) this.#place(word.next);
    return place;
  }
}

function reachedBy(word: Word): string[] {
  const members = new Set(word.members);
  for (let next = word.next; next !== undefined; next = next.next)
    for (const member of next.members) members.add(member);
  return [...members];
}
