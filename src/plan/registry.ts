/** What has a number in the tables. */
export type Kind = 'service' | 'leg' | 'pool' | 'copyset' | 'interface' | 'rewrite';

const LONGEST_NAME = 63;

/**
 * Gives numbers to names and keeps them: a name has the same number as long as it exists. The number of a name that
 * went is given out again only after {@link reuse}, when nothing in the kernel counts or sends under it any more.
 * Interfaces count from 0, everything else from 1.
 */
export class Registry {
  readonly #kinds = new Map<Kind, Numbers>();

  /** The number of a name: the one it has, or had before it was released, or the smallest that nobody has. */
  number(kind: Kind, name: string): number {
    return this.#of(kind).give(fitName(name));
  }

  /** The number of a name that has one. */
  find(kind: Kind, name: string): number | undefined {
    return this.#of(kind).byName.get(fitName(name));
  }

  /** The name of a number, also of one that is released but not to be reused yet. */
  name(kind: Kind, id: number): string | undefined {
    return this.#of(kind).byId.get(id);
  }

  /** Every name that has a number. */
  names(kind: Kind): ReadonlyMap<string, number> {
    return this.#of(kind).byName;
  }

  /**
   * What the `names` table (rewrites: the `addresses` table) of an engine that runs already says.
   * @throws Error when the name or the number is taken otherwise.
   */
  restore(kind: Kind, id: number, name: string): void {
    this.#of(kind).restore(kind, id, fitName(name));
  }

  /** The name is gone; its number rests until {@link reuse}. */
  release(kind: Kind, name: string): void {
    this.#of(kind).release(fitName(name));
  }

  /** Nothing uses the released number any more. A number whose name came back stays. */
  reuse(kind: Kind, id: number): void {
    this.#of(kind).reuse(id);
  }

  #of(kind: Kind): Numbers {
    let numbers = this.#kinds.get(kind);
    if (numbers === undefined) {
      numbers = new Numbers(kind === 'interface' ? 0 : 1);
      this.#kinds.set(kind, numbers);
    }
    return numbers;
  }
}

class Numbers {
  readonly byName = new Map<string, number>();
  /** Released ones too. */
  readonly byId = new Map<number, string>();
  readonly #released = new Map<string, number>();
  readonly #first: number;
  /** No smaller number is free. */
  #lowest: number;

  constructor(first: number) {
    this.#first = first;
    this.#lowest = first;
  }

  give(name: string): number {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const id = this.#released.get(name) ?? this.#free();
    this.#released.delete(name);
    this.byName.set(name, id);
    this.byId.set(id, name);
    return id;
  }

  restore(kind: Kind, id: number, name: string): void {
    const holder = this.byId.get(id);
    const number = this.byName.get(name) ?? this.#released.get(name);
    if (holder === name && number === id) return;
    if (id < this.#first) throw new Error(`restore ${kind} ${id} ${name}: numbers begin at ${this.#first}`);
    if (holder !== undefined) throw new Error(`restore ${kind} ${id} ${name}: it is already called ${holder}`);
    if (number !== undefined) throw new Error(`restore ${kind} ${id} ${name}: the name already has number ${number}`);
    this.byName.set(name, id);
    this.byId.set(id, name);
  }

  release(name: string): void {
    const id = this.byName.get(name);
    if (id === undefined) return;
    this.byName.delete(name);
    this.#released.set(name, id);
  }

  reuse(id: number): void {
    const name = this.byId.get(id);
    if (name === undefined || this.#released.get(name) !== id) return;
    this.#released.delete(name);
    this.byId.delete(id);
    this.#lowest = Math.min(this.#lowest, id);
  }

  #free(): number {
    while (this.byId.has(this.#lowest)) this.#lowest++;
    return this.#lowest;
  }
}

/** A name as the `names` table can hold it: what is longer ends in a hash of the whole, so that two never become one. */
export function fitName(name: string): string {
  // UTF-8 needs at most 3 bytes per UTF-16 unit: short names, the usual ones, are not measured.
  if (name.length * 3 <= LONGEST_NAME || utf8Length(name) <= LONGEST_NAME) return name;
  let cut = '';
  for (const character of name) {
    if (utf8Length(cut + character) > LONGEST_NAME - 9) break;
    cut += character;
  }
  return `${cut}~${hashText(name).toString(16).padStart(8, '0')}`;
}

/** FNV-1a over the UTF-16 units, the same on every machine. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
