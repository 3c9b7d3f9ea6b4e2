/** So many changes lie over a map before they and it become a new one. */
const MOST = 256;

/**
 * `map` with one name set (no value: without it), and `map` left as it is. Costs as good as nothing however large it
 * is: only now and then everything is copied. A name that is set again keeps its place.
 */
export function changedMap<Value>(
  map: ReadonlyMap<string, Value>,
  name: string,
  value?: Value,
): ReadonlyMap<string, Value> {
  return map instanceof ChangedMap ? map.with(name, value) : new ChangedMap(map, new Map([[name, value]]));
}

/** A map and what is different from it: new values by name, undefined for names that went. */
class ChangedMap<Value> implements ReadonlyMap<string, Value> {
  readonly size: number;
  readonly #under: ReadonlyMap<string, Value>;
  readonly #over: ReadonlyMap<string, Value | undefined>;

  constructor(under: ReadonlyMap<string, Value>, over: ReadonlyMap<string, Value | undefined>) {
    this.#under = under;
    this.#over = over;
    let { size } = under;
    for (const [name, value] of over) size += Number(value !== undefined) - Number(under.has(name));
    this.size = size;
  }

  get parts(): { readonly under: ReadonlyMap<string, Value>; readonly over: ReadonlyMap<string, Value | undefined> } {
    return { under: this.#under, over: this.#over };
  }

  with(name: string, value: Value | undefined): ReadonlyMap<string, Value> {
    const changed = new ChangedMap(this.#under, new Map(this.#over).set(name, value));
    return changed.#over.size > MOST ? new Map(changed) : changed;
  }

  get(name: string): Value | undefined {
    return this.#over.has(name) ? this.#over.get(name) : this.#under.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *entries(): Generator<[string, Value], undefined> {
    for (const entry of this.#under) {
      if (!this.#over.has(entry[0])) yield entry;
      else {
        const value = this.#over.get(entry[0]);
        if (value !== undefined) yield [entry[0], value];
      }
    }
    for (const [name, value] of this.#over) if (value !== undefined && !this.#under.has(name)) yield [name, value];
  }

  *keys(): Generator<string, undefined> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<Value, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, Value], undefined> {
    return this.entries();
  }

  forEach(call: (value: Value, name: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [name, value] of this.entries()) call(value, name, this);
  }
}

/** The map that a changed one lies over, and what is different; undefined for any other map. */
export function changesOf<Value>(
  map: ReadonlyMap<string, Value>,
): { readonly under: ReadonlyMap<string, Value>; readonly over: ReadonlyMap<string, Value | undefined> } | undefined {
  return map instanceof ChangedMap ? (map as ChangedMap<Value>).parts : undefined;
}
