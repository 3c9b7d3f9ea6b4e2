import { applicationOf, passagesOf } from '../../model/applications.ts';
import type { Service, Step } from '../../model/types.ts';
import type { Word, WordBook } from '../../plan/words.ts';

/** Who asks a device or pool for an application: how many services, and one or two of them. */
export interface Use {
  readonly count: number;
  readonly first: User;
  readonly second: User | undefined;
}

interface User {
  readonly service: string;
  /** How its packets look there. */
  readonly address: string;
}

type Through = Extract<Step, { kind: 'through' }>;

/** The version of IP that packets to an address are of. */
export const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

/** Ends the key of an application whose packets are IPv6. */
const IPV6 = ' ipv6';
const keyOf = (application: string, family: 4 | 6): string => (family === 6 ? application + IPV6 : application);

/** The application of a key of {@link Uses}. */
export const applicationIn = (key: string): string => (key.endsWith(IPV6) ? key.slice(0, -IPV6.length) : key);

/** The first address of each family. */
function firstOfEach(addresses: readonly string[]): readonly string[] {
  const [first] = addresses;
  const other = addresses.find((address) => familyOf(address) !== familyOf(first!));
  return other === undefined ? [first!] : [first!, other];
}

/** Applications by name, for each version of IP; the empty one stands for packets that are not judged by their own. */
export type Uses = ReadonlyMap<string, Use>;

/** What services ask of the fabric, added up. Changes of single services lie over what was added up before. */
export class Usage {
  readonly #book: WordBook;
  readonly #under: Usage | undefined;
  readonly #uses = new Map<string, Map<string, Use>>();
  readonly #words = new Map<string, { readonly word: Word; readonly count: number }>();
  /** By device or pool: how many services use it in IPv4, and in IPv6. */
  readonly #families = new Map<string, readonly [number, number]>();
  /** What the service that was known for it no longer asks for: another one has to be found. */
  readonly #orphans = new Set<string>();

  constructor(book: WordBook, under?: Usage) {
    this.#book = book;
    this.#under = under;
  }

  /** Of a device that sequences name directly, or a pool. */
  usesOf(target: string): Uses {
    return this.#uses.get(target) ?? this.#under?.usesOf(target) ?? NOBODY;
  }

  /** The versions of IP that a device or pool is used in. */
  familiesOf(target: string): readonly (4 | 6)[] {
    const [four, six] = this.#familyCounts(target);
    return [...(four > 0 ? [4 as const] : []), ...(six > 0 ? [6 as const] : [])];
  }

  #familyCounts(target: string): readonly [number, number] {
    const known = this.#families.get(target);
    if (known !== undefined) return known;
    return this.#under === undefined ? [0, 0] : this.#under.#familyCounts(target);
  }

  /** Every device and pool that is used. */
  targets(): Set<string> {
    return new Set([...(this.#under?.targets() ?? []), ...this.#uses.keys()]);
  }

  /** Pool words that are used, and those they lead to. */
  words(): Word[] {
    const all = new Map(this.#under?.counts());
    for (const [name, entry] of this.#words) all.set(name, entry);
    return [...all.values()].flatMap(({ word, count }) => (count > 0 ? word : []));
  }

  counts(): ReadonlyMap<string, { readonly word: Word; readonly count: number }> {
    return this.#words;
  }

  /** Whether it has to be added up anew. */
  get isStale(): boolean {
    return this.#orphans.size > 0;
  }

  add(service: Service): void {
    this.#take(service, 1);
  }

  remove(service: Service): void {
    this.#take(service, -1);
  }

  #take(service: Service, by: 1 | -1): void {
    const addresses = firstOfEach(service.addresses);
    let hasOwnWords = false;
    let isJudged = false;
    for (const step of service.sequence) {
      if (step.kind === 'copy') continue;
      hasOwnWords = this.#takeStep(step, by) || hasOwnWords;
      this.#countFamilies(step.target, addresses, by);
      if (this.#book.isJudged(step.target)) isJudged = true;
      else if (!this.#book.hasWord(step)) this.#countPlain(step.target, service.name, addresses, by);
    }
    for (const step of service.return ?? []) {
      if (step.kind === 'copy' || service.sequence.some((each) => 'target' in each && each.target === step.target))
        continue;
      hasOwnWords = this.#takeStep(step, by) || hasOwnWords;
    }
    if (hasOwnWords) this.#takeWords(service, by);
    if (isJudged) for (const address of addresses) this.#takeApplications(service, address, by);
  }

  #countPlain(target: string, service: string, addresses: readonly string[], by: 1 | -1): void {
    for (const address of addresses) this.#count(target, '', service, address, by);
  }

  #countFamilies(target: string, addresses: readonly string[], by: 1 | -1): void {
    const [four, six] = this.#familyCounts(target);
    const has = (family: 4 | 6): number => (addresses.some((address) => familyOf(address) === family) ? by : 0);
    this.#families.set(target, [four + has(4), six + has(6)]);
  }

  /** Whether it has a word that is not the same everywhere: that one is not counted yet. */
  #takeStep(step: Through, by: 1 | -1): boolean {
    const word = this.#book.alike(step);
    if (word !== undefined) this.#countWord(word, by);
    return word === undefined && this.#book.hasWord(step);
  }

  #takeApplications(service: Service, entered: string, by: 1 | -1): void {
    for (const passage of passagesOf(service, entered)) {
      const { step, address } = passage;
      if (!this.#book.isJudged(step.target)) continue;
      this.#count(step.target, applicationOf(passage) ?? '', service.name, address, by);
    }
  }

  #takeWords(service: Service, by: 1 | -1): void {
    const words = new Set<Word | undefined>();
    for (const address of service.addresses) {
      const { out, back } = this.#book.of(service, address);
      for (const word of [...out, ...back]) words.add(word);
    }
    for (const word of words) if (word !== undefined && !this.#book.isAlike(word)) this.#countWord(word, by);
  }

  #countWord(word: Word, by: 1 | -1): void {
    const known = this.#words.get(word.name) ?? this.#under?.counts().get(word.name);
    this.#words.set(word.name, { word, count: (known?.count ?? 0) + by });
    if (word.next !== undefined) this.#countWord(word.next, by);
  }

  #count(target: string, name: string, service: string, address: string, by: 1 | -1): void {
    const application = keyOf(name, familyOf(address));
    let uses = this.#uses.get(target);
    if (uses === undefined) {
      uses = new Map(this.#under?.usesOf(target));
      this.#uses.set(target, uses);
    }
    const known = uses.get(application);
    if (by > 0) {
      const isFirst = known === undefined || this.#forget(target, application);
      const user = { service, address };
      if (isFirst) uses.set(application, { count: (known?.count ?? 0) + 1, first: user, second: undefined });
      else uses.set(application, { count: known.count + 1, first: known.first, second: known.second ?? user });
      return;
    }
    const left = known === undefined ? undefined : without(known, service);
    if (left === undefined) {
      uses.delete(application);
      this.#forget(target, application);
    } else {
      uses.set(application, left);
      if (left.first.service === service) this.#orphans.add(`${target} ${application}`);
    }
  }

  /** Whether nobody was known who asks for it. */
  #forget(target: string, application: string): boolean {
    return this.#orphans.size > 0 && this.#orphans.delete(`${target} ${application}`);
  }
}

/** One service fewer; undefined where it was the last. Where no other one is known, the one that went stays named. */
function without({ count, first, second }: Use, service: string): Use | undefined {
  if (count <= 1) return undefined;
  if (first.service === service && second !== undefined) return { count: count - 1, first: second, second: undefined };
  return { count: count - 1, first, second: second?.service === service ? undefined : second };
}

const NOBODY: Uses = new Map();
