import { applicationOf, type Passage, passagesOf } from '../model/applications.ts';
import type { AllDown } from '../model/health-types.ts';
import type { Model, Service, Step } from '../model/types.ts';
import { type Applications, applicationsJudged, judges, rulesOf } from '../model/watch.ts';
import { bypasses, linksOf, ownPolicy, type Place, wordName } from './word-names.ts';
import { type Beside, isPlainDevice, type Neighbour, Neighbourhood } from './word-neighbours.ts';

type Through = Extract<Step, { kind: 'through' }>;

/** One pool word: what one store of a fail-over changes. docs/design/plan.md, "Pool words". */
export interface Word {
  /** Unique: "firewalls", "firewalls tcp/25", "firewalls bypass(i0, vpn1)". */
  readonly name: string;
  /** The pool of the definitions, or the device where a step names one directly. */
  readonly definition: string;
  readonly application?: string;
  readonly members: readonly string[];
  /** `next` names the word it leads to. */
  readonly allDown: AllDown;
  /** The word that `next` names. */
  readonly next?: Word;
  /** Of `bypass`: whom packets enter instead by the outside leg, and by the inside leg; undefined where none do. */
  readonly inner?: Neighbour;
  readonly outer?: Neighbour;
}

/** The words of one service at one of its addresses, in the order of the devices and pools of `sequence`, and of `return`. */
export interface ServiceWords {
  /** Undefined for a device that its steps name by its leg. */
  readonly out: readonly (Word | undefined)[];
  readonly back: readonly (Word | undefined)[];
}

const NO_WORDS: ServiceWords = { out: [], back: [] };

/** Knows every word there can be. It depends on interfaces, devices and pools alone. */
export class WordBook {
  readonly #fabric: Pick<Model, 'interfaces' | 'devices' | 'pools'>;
  readonly #words = new Map<string, Word>();
  /** By device or pool: what is judged by application. */
  readonly #judged: ReadonlyMap<string, readonly Applications[]>;
  /** Words that are the same in every sequence, by pool. */
  readonly #alike = new Map<string, Word | undefined>();

  constructor(fabric: Pick<Model, 'interfaces' | 'devices' | 'pools'>) {
    this.#fabric = fabric;
    const rules = rulesOf(fabric);
    const byTarget = new Map<string, Applications[]>();
    for (const device of fabric.devices.values()) {
      for (const judged of applicationsJudged(device, rules(device))) {
        const all = byTarget.get(judged.target);
        if (all === undefined) byTarget.set(judged.target, [judged]);
        else all.push(judged);
      }
    }
    this.#judged = byTarget;
  }

  /** The word every pool has, whatever services say: of no application, and without neighbours. */
  plain(pool: string): Word {
    const allDown = ownPolicy(pool, this.#fabric.pools);
    return this.#word(this.#links({ target: pool, isPool: true, application: undefined, allDown }), undefined);
  }

  /** Whether this device, or a member of this pool, is judged by application. */
  isJudged(target: string): boolean {
    return this.#judged.has(target);
  }

  /** The application by which packets that come there are judged. */
  judgedApplication({ step, protocol, ports }: Passage): string | undefined {
    if (!this.#judged.has(step.target)) return undefined;
    return this.#applicationAt(step.target, applicationOf({ protocol, ports }));
  }

  /** Whether a step has a word at all. */
  hasWord(step: Through): boolean {
    return step.isPool || (step.allDown !== undefined && step.allDown !== 'keep');
  }

  /** The word of a pool that is the same in every sequence; undefined where it is not. */
  alike(step: Through): Word | undefined {
    if (!step.isPool || step.allDown !== undefined) return undefined;
    const { target } = step;
    const known = this.#alike.get(target);
    if (known !== undefined || this.#alike.has(target)) return known;
    const depends = this.isJudged(target) || ownPolicy(target, this.#fabric.pools) !== 'keep';
    const word = depends ? undefined : this.plain(target);
    this.#alike.set(target, word);
    return word;
  }

  /** Whether {@link alike} gave it. */
  isAlike(word: Word): boolean {
    return this.#alike.get(word.definition) === word;
  }

  /** The words of a service, most often those of {@link alike}. */
  of(service: Service, address = service.addresses[0]!): ServiceWords {
    const { sequence, return: back } = service;
    const isWord = (step: Step): boolean => step.kind === 'through' && this.hasWord(step);
    if (!sequence.some(isWord) && !back?.some(isWord)) return NO_WORDS;
    const out = passagesOf(service, address).map((passage) => this.#placeOf(passage));
    const written = back?.flatMap((step) => (step.kind === 'through' ? placeBack(step, out, this.#fabric.pools) : []));
    let around: Neighbourhood | undefined;
    const word = (place: Place): Word | undefined => {
      if (isPlainDevice(place)) return undefined;
      const links = this.#links(place);
      if (!bypasses(links)) return this.#word(links, undefined);
      around ??= new Neighbourhood(service, address, this.#fabric, { out, written }, (each) => this.#links(each));
      return this.#word(links, { ...around.beside(place), text: around.around(place) });
    };
    return { out: out.map(word), back: written?.map(word) ?? [] };
  }

  #placeOf(passage: Passage): Place {
    const { target, isPool, allDown } = passage.step;
    const application = this.judgedApplication(passage);
    return { target, isPool, application, allDown: allDown ?? ownPolicy(target, this.#fabric.pools) };
  }

  #links(place: Place): Place[] {
    return linksOf(place, this.#fabric.pools, (target, application) => this.#applicationAt(target, application));
  }

  #applicationAt(target: string, application: string | undefined): string | undefined {
    if (application === undefined) return undefined;
    return this.#judged.get(target)?.some((each) => judges(each, application)) ? application : undefined;
  }

  #word(links: readonly Place[], beside: (Beside & { readonly text: string }) | undefined): Word {
    const name = wordName(links, this.#fabric.pools, beside?.text);
    const known = this.#words.get(name);
    if (known !== undefined) return known;
    const [{ target, isPool, application, allDown }, ...rest] = links as [Place, ...Place[]];
    const next = typeof allDown === 'object' && rest.length > 0 ? this.#word(rest, beside) : undefined;
    const word: Word = {
      name,
      definition: target,
      ...(application === undefined ? {} : { application }),
      members: isPool ? this.#fabric.pools.get(target)!.members : [target],
      allDown: typeof allDown === 'object' ? (next === undefined ? 'keep' : { next: next.name }) : allDown,
      ...(next === undefined ? {} : { next }),
    };
    const whole = allDown === 'bypass' ? bypassing(word, beside) : word;
    this.#words.set(name, whole);
    return whole;
  }
}

/** Where nothing stands around it, there is nowhere to go but where it is. */
function bypassing(word: Word, beside: Beside | undefined): Word {
  if (beside === undefined) return { ...word, allDown: 'keep' };
  const { inner, outer } = beside;
  return { ...word, ...(inner === undefined ? {} : { inner }), ...(outer === undefined ? {} : { outer }) };
}

/** A device or pool has one word both ways. */
function placeBack({ target, isPool, allDown }: Through, out: readonly Place[], pools: Model['pools']): Place {
  const there = out.find((place) => place.target === target);
  return there ?? { target, isPool, application: undefined, allDown: allDown ?? ownPolicy(target, pools) };
}
