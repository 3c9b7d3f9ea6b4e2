import { type Count, countOf } from '../../terms/count.ts';
import type { Codec } from '../codec/codec.ts';
import { decode } from '../codec/codec.ts';
import { encodeExactly, fromText, toText } from '../codec/decoded-values.ts';
import { MAPS, type MapName } from '../codec/layout.ts';
import type { DecodedEntry, TableStatus } from '../types.ts';
import { isRing, MAP_NAMES, type TableSet } from './table-set.ts';

type Key = DecodedEntry['key'];

/** Arrays with a copy per CPU: how many entries one CPU has. */
function perCpu(set: TableSet, table: MapName): number | undefined {
  if (table === 'slots') return set.slotsMax;
  return table === 'legs' ? set.legsMax : undefined;
}

/** @throws RangeError where there is no such table. */
function known(table: string): MapName {
  if (Object.hasOwn(MAPS, table)) return table as MapName;
  throw new RangeError(`read table ${table}: there is none of this name; there are ${Object.keys(MAPS).join(', ')}`);
}

/** How full every table is. Arrays: entries that are not all zeros. */
export function tableStatus(set: TableSet): TableStatus[] {
  return MAP_NAMES.map((name) => {
    const { type, keySize, valueSize, maxEntries } = set.map(name);
    return { name, type, keySize, valueSize, maxEntries, used: isRing(name) ? undefined : count(set, name) };
  });
}

function count(set: TableSet, name: MapName): number {
  let used = 0;
  const entries = set.map(name).type === 'array' ? usedKeys(set, name) : rawEntries(set, name);
  for (const _ of entries) used++;
  return used;
}

/** Every entry, decoded; of tables with a copy per CPU the first copy with the sums of the counters. */
export function* dumpTable(set: TableSet, table: string): Generator<DecodedEntry> {
  const name = known(table);
  for (const [key, value] of rawEntries(set, name)) yield decodeEntry(set, name, key, value);
}

export function getEntry(set: TableSet, table: string, key: Key): DecodedEntry | undefined {
  const name = known(table);
  const bytes = encodeKey(name, key);
  const value = set.map(name).lookup(bytes);
  return value ? decodeEntry(set, name, bytes, value) : undefined;
}

/** Writes one entry, by hand: into every CPU's copy where there are several. What is not given of it becomes 0. */
export function setEntry(set: TableSet, table: string, key: Key, value: DecodedEntry['value']): void {
  const name = known(table);
  const codec = MAPS[name].value as Codec<unknown>;
  const template = decode(codec, new Uint8Array(codec.size));
  const bytes = encodeExactly(codec, fromText(isRecord(template) ? value : bare(value), template));
  const entries = perCpu(set, name);
  encodeKey(name, key);
  checkPlace(set, name, key, entries);
  const keys =
    entries === undefined ? [key] : Array.from({ length: set.cpus }, (_, cpu) => cpu * entries + Number(key));
  for (const each of keys) set.map(name).update(encodeKey(name, each), bytes);
}

/** False where the key had no entry. Entries of arrays cannot be deleted: set them to zeros. */
export function deleteEntry(set: TableSet, table: string, key: Key): boolean {
  const name = known(table);
  return set.map(name).delete(encodeKey(name, key));
}

function encodeKey(name: MapName, key: Key): Uint8Array {
  const codec = MAPS[name].key as Codec<unknown>;
  const template = decode(codec, new Uint8Array(codec.size));
  if (isRecord(template) && isRecord(key)) {
    const missing = Object.keys(template).filter((field) => !Object.hasOwn(key, field));
    if (missing.length > 0) throw new RangeError(`write entry: the key has no ${missing.join(', ')}`);
  }
  return encodeExactly(codec, fromText(key, template, 'the key'));
}

/** What {@link decodeEntry} calls "value" where an entry is not a struct. */
function bare(value: unknown): unknown {
  return isRecord(value) && Object.hasOwn(value, 'value') ? value.value : value;
}

/** @throws RangeError where an array has no such place. */
function checkPlace(set: TableSet, name: MapName, key: Key, entries = set.map(name).maxEntries): void {
  if (typeof key !== 'number' || !set.map(name).type.endsWith('array') || key < entries) return;
  throw new RangeError(`write entry: ${name} has the places 0 to ${entries - 1}, not ${key}`);
}

function decodeEntry(set: TableSet, name: MapName, key: Uint8Array, value: Uint8Array): DecodedEntry {
  const decodedKey = toText(decode(MAPS[name].key as Codec<unknown>, key)) as Key;
  const decoded = toText(decode(MAPS[name].value as Codec<unknown>, value));
  const fields = isRecord(decoded) ? decoded : { value: decoded };
  const entries = perCpu(set, name);
  if (entries === undefined || Number(decodedKey) >= entries) return { key: decodedKey, value: fields };
  return { key: decodedKey, value: { ...fields, ...sums(set, name, Number(decodedKey), entries) } };
}

function sums(set: TableSet, name: MapName, key: number, entries: number): Record<string, Count> {
  const words = new BigUint64Array(set.memory(name));
  let [packets, bytes] = [0n, 0n];
  for (let cpu = 0; cpu < set.cpus; cpu++) {
    const at = (cpu * entries + key) * 8;
    packets += words[at + 6]!;
    bytes += words[at + 7]!;
  }
  return { packets: countOf(packets), bytes: countOf(bytes) };
}

/** Entries in use, of the first CPU where there are copies. */
function* rawEntries(set: TableSet, name: MapName): Generator<readonly [Uint8Array, Uint8Array]> {
  const map = set.map(name);
  if (map.type !== 'array') {
    if (map.type === 'devmap') yield* devmapEntries(set, name);
    else yield* map.entries();
    return;
  }
  for (const key of usedKeys(set, name)) {
    yield [keyBytes(key), new Uint8Array(set.memory(name), key * map.stride, map.valueSize)];
  }
}

/** Entries of an array that are not all zeros, of the first CPU where there are copies. */
function* usedKeys(set: TableSet, name: MapName): Generator<number> {
  const words = new Uint32Array(set.memory(name));
  const stride = set.map(name).stride / 4;
  const entries = perCpu(set, name) ?? set.map(name).maxEntries;
  for (let key = 0; key < entries; key++) {
    let isUsed = false;
    for (let word = key * stride; word < (key + 1) * stride && !isUsed; word++) isUsed = words[word] !== 0;
    if (isUsed) yield key;
  }
}

function* devmapEntries(set: TableSet, name: MapName): Generator<readonly [Uint8Array, Uint8Array]> {
  for (let key = 0; key < set.map(name).maxEntries; key++) {
    const value = set.map(name).lookup(keyBytes(key));
    if (value?.some((byte) => byte !== 0)) yield [keyBytes(key), value];
  }
}

const keyBytes = (key: number): Uint8Array => new Uint8Array(Uint32Array.of(key).buffer);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
