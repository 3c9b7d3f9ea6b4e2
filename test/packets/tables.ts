/** Tables for packet tests: a few readable rows, stored straight into the maps. */
import type { Codec } from '../../src/dataplane/codec/codec.ts';
import { fingerprint, firstBucket, hashKey, hashWords } from '../../src/dataplane/codec/hash.ts';
import * as codecs from '../../src/dataplane/codec/layout.ts';
import { type BpfMap, type BpfProgram, createMap, type LoadedObject } from '../../src/libbpf/index.ts';
import { Direction, InterfaceFlag, Known, LegFlag, Limit, SlotFlag } from '../../src/terms/constants.ts';
import { address16, addressBytes, macBytes } from './bytes.ts';

/** Sizes of the maps in these tests. */
export const SLOTS = 64;
export const LEGS = 32;
export const STEP_BUCKETS = 64;
export const ORIGIN_BUCKETS = 16;

export interface LegRow {
  readonly mac?: string;
  readonly sourceMac?: string;
  readonly mtu?: number;
  readonly vlans?: readonly [number, number];
  readonly nat?: string;
  /** Ifindex and place in `transmit`; default: the interface of the test. */
  readonly ifindex?: number;
  readonly transmit?: number;
}

export interface OriginRow {
  readonly mac: string | null;
  readonly leg: number;
  readonly lookups: number;
  readonly vlans?: readonly [number, number];
  /** In the interface's own entry, else in the table. */
  readonly inline?: boolean;
}

export interface StepRow {
  readonly direction: keyof typeof Direction;
  readonly address: string;
  readonly origin?: number;
  readonly protocol?: number;
  /** 0: any. */
  readonly port?: number;
  readonly range?: { readonly port: number; readonly bits: number };
  readonly target?: number;
  readonly flags?: readonly (keyof typeof SlotFlag)[];
  readonly rewrite?: string;
  readonly newPort?: number;
  readonly copyset?: number;
  readonly known?: readonly (keyof typeof Known)[];
}

export interface TableRows {
  readonly mac?: string;
  /** Default {@link IFINDEX}. */
  readonly ifindex?: number;
  /** More interfaces of the engine, without devices or segment. */
  readonly others?: readonly { readonly ifindex: number; readonly number: number; readonly mac: string }[];
  readonly flags?: readonly (keyof typeof InterfaceFlag)[];
  readonly segment?: number;
  readonly segmentLookups?: number;
  readonly address4?: string;
  readonly address6?: string;
  readonly linkLocal?: string;
  /** By leg number. */
  readonly legs?: Readonly<Record<number, LegRow>>;
  readonly origins?: readonly OriginRow[];
  readonly pools?: Readonly<Record<number, readonly [outside: number, inside: number]>>;
  /** Slots are numbered from 1 in this order. */
  readonly steps?: readonly StepRow[];
  /** Interfaces of each (copy set, transmit), as often as frames leave by them. */
  readonly groups?: readonly {
    readonly copyset: number;
    readonly transmit: number;
    readonly ifindexes: readonly number[];
  }[];
  /** Program that every entry of a group has. */
  readonly egress?: BpfProgram;
  readonly copies?: readonly {
    readonly copyset: number;
    readonly ifindex: number;
    readonly index: number;
    readonly leg: number;
  }[];
  /** Writes its own tables. */
  readonly probes?: { fill(object: LoadedObject): void };
}

/** The engine's MAC in these tests. */
export const ENGINE = '02:00:00:00:00:01';
/** The interface frames of TEST_RUN arrive on, and its number. */
export const IFINDEX = 1;
export const NUMBER = 3;
export const PLACE = 5;

function flagsOf(names: readonly string[] | undefined, flags: Readonly<Record<string, number>>): number {
  return (names ?? []).reduce((sum, name) => sum | (flags[name] ?? 0), 0);
}

function mappedMaps(object: LoadedObject): BpfMap[] {
  const names = [
    'interface_index',
    'interfaces',
    'origins',
    'steps',
    'slots',
    'legs',
    'pools',
    'addresses',
    'verdicts',
    'probes',
    'probe_states',
    'probing',
    'openings',
  ];
  return names.map((name) => object.map(name));
}

function put<T>(object: LoadedObject, map: string, index: number, codec: Codec<T>, value: T): void {
  codec.write(new DataView(object.map(map).mmap()), index * object.map(map).stride, value);
}

function key32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(codec.size);
  codec.write(new DataView(bytes.buffer), 0, value);
  return bytes;
}

/** Empties every table, then stores these rows; `cpus` copies of slots and legs. */
export function fillTables(object: LoadedObject, cpus: number, rows: TableRows): void {
  for (const map of mappedMaps(object)) {
    new Uint8Array(map.mmap()).fill(0);
  }
  for (const name of ['ranges', 'groups', 'copies', 'fragments', 'given_probes']) {
    const map = object.map(name);
    for (const key of [...map.keys()]) {
      map.delete(key);
    }
  }
  fillInterface(object, rows);
  rows.probes?.fill(object);
  for (const [number, leg] of Object.entries(rows.legs ?? {})) {
    for (let cpu = 0; cpu < cpus; cpu += 1) {
      put(object, 'legs', cpu * LEGS + Number(number), codecs.Leg, legValue(leg));
    }
  }
  for (const [pool, [outside, inside]] of Object.entries(rows.pools ?? {})) {
    put(object, 'pools', Number(pool), codecs.Pool, { outside, inside });
  }
  for (const [place, step] of (rows.steps ?? []).entries()) {
    fillStep(object, cpus, place + 1, step);
  }
  for (const group of rows.groups ?? []) {
    fillGroup(object, group, rows.egress);
  }
  for (const { leg, ...key } of rows.copies ?? []) {
    object.map('copies').update(encode(codecs.CopyKey, key), key32(leg));
  }
}

function fillGroup(object: LoadedObject, group: NonNullable<TableRows['groups']>[number], egress?: BpfProgram): void {
  const shape = { type: 'devmap_hash', name: 'group', keySize: 4, valueSize: 8 } as const;
  const inner = createMap({ ...shape, maxEntries: Limit.MAX_COPIES + 1 });
  for (const [place, ifindex] of group.ifindexes.entries()) {
    inner.update(key32(place), devmapValue(ifindex, egress));
  }
  object.map('groups').update(encode(codecs.GroupKey, group), key32(inner.fd));
  inner.close();
}

/** struct bpf_devmap_val. */
export function devmapValue(ifindex: number, program?: BpfProgram): Uint8Array {
  return new Uint8Array(Int32Array.of(ifindex, program?.fd ?? -1).buffer);
}

function fillInterface(object: LoadedObject, rows: TableRows): void {
  const origins = (rows.origins ?? []).map((row) => ({ ...row, value: originValue(row) }));
  const inline = origins.filter((row) => row.inline !== false);
  const empty = { mac: new Uint8Array(6), interface: 0, leg: 0, lookups: 0, vlan: [0, 0] };
  put(object, 'interfaces', PLACE, codecs.Interface, {
    ifindex: rows.ifindex ?? IFINDEX,
    number: NUMBER,
    flags: flagsOf(rows.flags, InterfaceFlag),
    mac: macBytes(rows.mac ?? ENGINE),
    mtu: 1500,
    segment: rows.segment ?? 0,
    segmentLookups: rows.segmentLookups ?? 0,
    address4: addressBytes(rows.address4 ?? '0.0.0.0'),
    originCount: inline.length,
    address6: addressBytes(rows.address6 ?? '::'),
    linkLocal: addressBytes(rows.linkLocal ?? '::'),
    origins: Array.from({ length: Limit.INLINE_ORIGINS }, (_, place) => inline[place]?.value ?? empty),
  });
  put(object, 'interface_index', rows.ifindex ?? IFINDEX, codecs.InterfacePlace, { place: BigInt(PLACE) });
  for (const [turn, { mac, ...other }] of (rows.others ?? []).entries()) {
    const place = PLACE + 1 + turn;
    const none = { flags: 0, segment: 0, segmentLookups: 0, originCount: 0, address4: new Uint8Array(4) };
    const rest = { mtu: 1500, address6: new Uint8Array(16), linkLocal: new Uint8Array(16) };
    const origins = new Array<typeof empty>(Limit.INLINE_ORIGINS).fill(empty);
    put(object, 'interfaces', place, codecs.Interface, { ...other, ...none, ...rest, mac: macBytes(mac), origins });
    put(object, 'interface_index', other.ifindex, codecs.InterfacePlace, { place: BigInt(place) });
  }
  for (const { value } of origins.filter((row) => row.inline === false)) {
    const bytes = encode(codecs.Origin, value);
    const words = new Uint32Array(bytes.buffer.slice(0, 8));
    const hash = hashWords(Uint32Array.of(words[0] ?? 0, words[1] ?? 0, vlanWord(value.vlan)), 0, 3);
    const bucket = firstBucket(hash, ORIGIN_BUCKETS);
    const memory = new Uint8Array(object.map('origins').mmap(), bucket * codecs.OriginBucket.size);
    memory.set(bytes, memory[6] === 0 ? 0 : codecs.Origin.size);
  }
}

function vlanWord(vlan: readonly number[]): number {
  return ((vlan[0] ?? 0) | ((vlan[1] ?? 0) << 16)) >>> 0;
}

function originValue(row: OriginRow): codecs.Origin {
  return {
    mac: row.mac === null ? new Uint8Array(6) : macBytes(row.mac),
    interface: NUMBER + 1,
    leg: row.leg,
    lookups: row.lookups,
    vlan: row.vlans ?? [0, 0],
  };
}

function legValue(row: LegRow): codecs.Leg {
  const nat = row.nat === undefined ? 0 : LegFlag.LEG_NAT;
  return {
    mac: macBytes(row.mac ?? '00:00:00:00:00:00'),
    flags: (row.mac === undefined ? 0 : LegFlag.LEG_RESOLVED) | nat,
    sourceMac: macBytes(row.sourceMac ?? ENGINE),
    mtu: row.mtu ?? 1500,
    transmit: row.transmit ?? NUMBER,
    vlan: row.vlans ?? [0, 0],
    address: address16(row.nat ?? '::'),
    ifindex: row.ifindex ?? IFINDEX,
    received: 0,
    packets: 0n,
    bytes: 0n,
  };
}

function fillStep(object: LoadedObject, cpus: number, slot: number, row: StepRow): void {
  const bytes = encode(codecs.Slot, {
    address: address16(row.address),
    origin: row.origin ?? 0,
    port: row.port ?? 0,
    protocol: row.protocol ?? 0,
    direction: Direction[row.direction],
    target: row.target ?? 0,
    rewrite: slot,
    service: slot,
    newPort: row.newPort ?? 0,
    flags: flagsOf(row.flags, SlotFlag),
    copyset: row.copyset ?? 0,
    hop: 0,
    known: flagsOf(row.known, Known),
    packets: 0n,
    bytes: 0n,
  });
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    new Uint8Array(object.map('slots').mmap()).set(bytes, (cpu * SLOTS + slot) * codecs.Slot.size);
  }
  if (row.rewrite !== undefined) {
    put(object, 'addresses', slot, codecs.Address, { bytes: address16(row.rewrite) });
  }
  if (row.range === undefined) {
    insertStep(object, bytes, slot);
    return;
  }
  const key = { origin: row.origin ?? 0, address: address16(row.address), protocol: row.protocol ?? 0 };
  const range = { direction: Direction[row.direction], port: row.range.port, prefixBits: 176 + row.range.bits };
  object.map('ranges').update(encode(codecs.RangeKey, { ...key, ...range }), key32(slot));
}

function insertStep(object: LoadedObject, image: Uint8Array, slot: number): void {
  const hash = hashKey(new Uint32Array(image.buffer.slice(0, 24)), 0);
  const memory = new Uint32Array(object.map('steps').mmap());
  const first = firstBucket(hash, STEP_BUCKETS) * Limit.STEP_BUCKET * 2;
  for (let at = first; at < first + Limit.STEP_BUCKET * 2; at += 2) {
    if (memory[at] === 0) {
      memory[at] = fingerprint(hash);
      memory[at + 1] = slot;
      return;
    }
  }
  throw new RangeError('fill tables: a bucket is full (make STEP_BUCKETS larger)');
}
