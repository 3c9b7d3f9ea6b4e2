import { applicationOf, passagesOf } from '../../model/applications.ts';
import type { Service } from '../../model/types.ts';
import type { Word, WordBook } from '../../plan/words.ts';

/** Who asks a device or pool for an application: how many services, and one of them. */
export interface Use {
  readonly count: number;
  readonly service: string;
  /** How the packets of that one look there. */
  readonly address: string;
}

/** Applications by name; the empty one stands for packets that are not judged by their own. */
export type Uses = ReadonlyMap<string, Use>;

/** What services ask of the fabric, added up. Changes of single services lie over what was added up before. */
export class Usage {
  readonly #book: WordBook;
  readonly #under: Usage | undefined;
  readonly #uses = new Map<string, Map<string, Use>>();
  readonly #words = new Map<string, { readonly word: Word; readonly count: number }>();
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
    let special = false;
    for (const step of [...service.sequence, ...(service.return ?? [])]) {
      if (step.kind === 'copy') continue;
      const word = this.#book.alike(step);
      if (word !== undefined) this.#countWord(word, by);
      else if (this.#book.hasWord(step) || this.#book.isJudged(step.target)) special = true;
      else this.#count(step.target, '', service.name, service.addresses[0]!, by);
    }
    if (special) this.#takeSpecial(service, by);
  }

  #takeSpecial(service: Service, by: 1 | -1): void {
    for (const passage of passagesOf(service)) {
      const { step, address } = passage;
      if (this.#book.alike(step) !== undefined) continue;
      if (!this.#book.hasWord(step) && !this.#book.isJudged(step.target)) continue;
      const application = applicationOf(passage) ?? '';
      this.#count(step.target, application, service.name, address, by);
    }
    for (const address of service.addresses) {
      const { out, back } = this.#book.of(service, address);
      const words = new Set([...out, ...back]);
      for (const word of words) if (word !== undefined && !this.#book.isAlike(word)) this.#countWord(word, by);
    }
  }

  #countWord(word: Word, by: 1 | -1): void {
    const known = this.#words.get(word.name) ?? this.#under?.counts().get(word.name);
    this.#words.set(word.name, { word, count: (known?.count ?? 0) + by });
    if (word.next !== undefined) this.#countWord(word.next, by);
  }

  #count(target: string, application: string, service: string, address: string, by: 1 | -1): void {
    let uses = this.#uses.get(target);
    if (uses === undefined) {
      uses = new Map(this.#under?.usesOf(target));
      this.#uses.set(target, uses);
    }
    const known = uses.get(application);
    const count = (known?.count ?? 0) + by;
    const key = `${target} ${application}`;
    if (by > 0 && (known === undefined || this.#orphans.delete(key)))
      uses.set(application, { count, service, address });
    else if (count > 0) uses.set(application, { ...known!, count });
    else uses.delete(application);
    if (by < 0 && count > 0 && known!.service === service) this.#orphans.add(key);
    else if (count <= 0) this.#orphans.delete(key);
  }
}

const NOBODY: Uses = new Map();
