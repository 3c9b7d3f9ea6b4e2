import type { BpfMap } from '../../libbpf/index.ts';
import type { NamePlan } from '../../plan/types.ts';
import { checkRoom } from './capacity.ts';
import { type Tally, tallyCalls } from './tally.ts';

const VALUE = 64;

/** The `names` table, with a copy here, by kind and number, so that a change writes only what is new. */
export class NameTable {
  readonly #map: BpfMap;
  readonly #names: (string | undefined)[][] = [];
  #used = 0;
  #last: readonly NamePlan[] | undefined;
  /** Gone, and still in the table for what was counted under them: by kind. */
  #kept: ReadonlyMap<number, Set<number>> = new Map();

  /** @param before the same names as they were known until now. */
  constructor(map: BpfMap, before?: NameTable) {
    this.#map = map;
    if (before !== undefined) this.#kept = before.#kept;
    for (const [key, value] of map.entries()) {
      const [kind, id] = new Uint32Array(key.buffer, key.byteOffset, 2);
      this.#put(kind!, id!, Buffer.from(value.subarray(0, value.indexOf(0))).toString());
    }
  }

  get used(): number {
    return this.#used;
  }

  /** @throws CapacityError */
  check(names: readonly NamePlan[]): void {
    if (names === this.#last || this.#used + names.length <= this.#map.maxEntries) return;
    let fresh = 0;
    for (const { kind, id } of names) if (this.#names[kind]?.[id] === undefined) fresh++;
    checkRoom('names', this.#used + fresh, this.#map.maxEntries);
  }

  has(kind: number, id: number): boolean {
    return this.#names[kind]?.[id] !== undefined;
  }

  read(): NamePlan[] {
    const read: NamePlan[] = [];
    for (const [kind, names] of this.#names.entries()) {
      for (const [id, name] of names?.entries() ?? []) if (name !== undefined) read.push({ kind, id, name });
    }
    return read;
  }

  widen(names: readonly NamePlan[], tally: Tally): void {
    if (names === this.#last) return;
    const changed = names.filter(({ kind, id, name }) => this.#names[kind]?.[id] !== name);
    this.#last = names;
    if (changed.length === 0) return;
    const keys = new Uint32Array(changed.length * 2);
    const values = new Uint8Array(changed.length * VALUE);
    const encoder = new TextEncoder();
    for (const [i, { kind, id, name }] of changed.entries()) {
      keys[2 * i] = kind;
      keys[2 * i + 1] = id;
      encoder.encodeInto(name, values.subarray(i * VALUE, (i + 1) * VALUE - 1));
      this.#put(kind, id, name);
    }
    this.#map.updateBatch(new Uint8Array(keys.buffer), values, changed.length);
    tallyCalls(tally, changed.length, 1);
  }

  /** How many are there beside these, all of which are, and those that are kept for what was counted. */
  unneeded(names: readonly NamePlan[]): number {
    let beside = this.#used - names.length;
    const wanted = new Set(names.map(({ kind, id }) => `${kind} ${id}`));
    for (const [kind, ids] of this.#kept) for (const id of ids) if (!wanted.has(`${kind} ${id}`)) beside--;
    return beside;
  }

  /** Names in the table that are not among these; none where all of them are kept already. */
  gone(names: readonly NamePlan[]): NamePlan[] {
    let kept = 0;
    for (const ids of this.#kept.values()) kept += ids.size;
    if (kept > 0) for (const { kind, id } of names) if (this.#kept.get(kind)?.delete(id)) kept--;
    if (names.length + kept === this.#used) return [];
    const wanted: true[][] = [];
    for (const { kind, id } of names) {
      wanted[kind] ??= [];
      wanted[kind][id] = true;
    }
    return this.read().filter(({ kind, id }) => !wanted[kind]?.[id]);
  }

  /** Takes away what is `gone`, but for numbers to keep, by kind. */
  remove(all: readonly NamePlan[], keep: ReadonlyMap<number, Set<number>>, tally: Tally): void {
    if (all.length === 0) return;
    this.#kept = keep;
    const gone = all.filter(({ kind, id }) => !keep.get(kind)?.has(id));
    if (gone.length === 0) return;
    const keys = Uint32Array.from(gone.flatMap(({ kind, id }) => [kind, id]));
    this.#map.deleteBatch(new Uint8Array(keys.buffer), gone.length);
    for (const { kind, id } of gone) this.#names[kind]![id] = undefined;
    this.#used -= gone.length;
    tallyCalls(tally, gone.length, 1);
  }

  #put(kind: number, id: number, name: string): void {
    this.#names[kind] ??= [];
    if (this.#names[kind][id] === undefined) this.#used++;
    this.#names[kind][id] = name;
  }
}
