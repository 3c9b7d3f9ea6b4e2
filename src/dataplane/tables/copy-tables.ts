import { BpfError, BpfMap, type BpfProgram, createMap } from '../../libbpf/index.ts';
import type { CopysetPlan } from '../../plan/types.ts';
import { Limit } from '../../terms/constants.ts';
import { decode, encode } from '../codec/codec.ts';
import { CopyKey, GroupKey } from '../codec/layout.ts';
import { checkRoom } from './capacity.ts';
import { emptyTally, type Tally, tallyCalls } from './tally.ts';
import { devmapValue, type TransmitTable } from './transmit-table.ts';

/** One entry of `groups`: the original's interface first, then every tap's, in the order of the inner map's keys. */
interface Group {
  readonly key: Uint8Array;
  readonly ifindexes: readonly number[];
}

interface Copy {
  readonly key: Uint8Array;
  readonly leg: number;
}

const text = (key: Uint8Array): string => Buffer.from(key).toString('hex');

/**
 * `groups` and `copies`: which interfaces a packet with copies is broadcast to, and whose each copy is. An inner map is
 * filled before it is entered, and replaced as a whole.
 */
export class CopyTables {
  readonly #groups: BpfMap;
  readonly #copies: BpfMap;
  /** Interfaces of each group in the table, by key. */
  readonly #entered = new Map<string, string>();
  readonly #legs = new Map<string, number>();
  /** Groups this process may not open: what is in them follows from the other tables, and they are entered anew. */
  readonly #unread = new Set<string>();

  constructor(groups: BpfMap, copies: BpfMap, transmit: TransmitTable) {
    this.#groups = groups;
    this.#copies = copies;
    for (const [key, value] of copies.entries())
      this.#legs.set(text(key), new Uint32Array(value.buffer, value.byteOffset)[0]!);
    for (const [key, value] of groups.entries()) {
      const read = interfacesOf(value);
      if (read === undefined) this.#unread.add(text(key));
      this.#entered.set(text(key), (read ?? this.#followed(decode(GroupKey, key), transmit)).join());
    }
  }

  /** The original's interface, and for each copy that is counted on a device that device. */
  #followed({ copyset, transmit: number }: GroupKey, transmit: TransmitTable): number[] {
    const copies = Array.from(this.#legs.keys(), (key) => decode(CopyKey, new Uint8Array(Buffer.from(key, 'hex'))));
    const taps = copies.filter((copy) => copy.copyset === copyset).map(({ ifindex }) => ifindex);
    return [transmit.get(number)?.ifindex ?? 0, ...taps].filter((ifindex) => ifindex !== 0);
  }

  /** @throws CapacityError, or RangeError where a set has too many taps. */
  check(copysets: readonly CopysetPlan[]): void {
    for (const { name, taps } of copysets) {
      if (taps.length > Limit.MAX_COPIES) {
        throw new RangeError(`publish copies ${name}: ${taps.length} taps, there may be ${Limit.MAX_COPIES}`);
      }
    }
    const groups = new Set([...this.#entered.keys(), ...groupsOf(copysets).map(({ key }) => text(key))]);
    checkRoom('groups', groups.size, this.#groups.maxEntries);
    const copies = new Set([...this.#legs.keys(), ...copiesOf(copysets).map(({ key }) => text(key))]);
    checkRoom('copies', copies.size, this.#copies.maxEntries);
  }

  /** Enters what is new or has other taps. */
  widen(copysets: readonly CopysetPlan[], egress: BpfProgram, tally: Tally): void {
    for (const { key, leg } of copiesOf(copysets)) {
      if (this.#legs.get(text(key)) === leg) continue;
      this.#copies.update(key, new Uint8Array(Uint32Array.of(leg).buffer));
      this.#legs.set(text(key), leg);
      tallyCalls(tally, 1);
    }
    const changed = groupsOf(copysets).filter(
      ({ key, ifindexes }) => this.#unread.has(text(key)) || this.#entered.get(text(key)) !== ifindexes.join(),
    );
    enter(this.#groups, changed, egress, tally);
    for (const { key, ifindexes } of changed) {
      this.#entered.set(text(key), ifindexes.join());
      this.#unread.delete(text(key));
    }
  }

  narrow(copysets: readonly CopysetPlan[], tally: Tally): void {
    const groups = new Set(groupsOf(copysets).map(({ key }) => text(key)));
    for (const key of this.#entered.keys()) {
      if (groups.has(key)) continue;
      this.#groups.delete(Buffer.from(key, 'hex'));
      this.#entered.delete(key);
      this.#unread.delete(key);
      tallyCalls(tally, 1);
    }
    const copies = new Set(copiesOf(copysets).map(({ key }) => text(key)));
    for (const key of this.#legs.keys()) {
      if (copies.has(key)) continue;
      this.#copies.delete(Buffer.from(key, 'hex'));
      this.#legs.delete(key);
      tallyCalls(tally, 1);
    }
  }

  /** After the egress program was replaced: the same groups with the new one. */
  refresh(egress: BpfProgram): void {
    this.enterInto(this.#groups, egress);
  }

  /** The same groups into a `groups` table, with this egress program. */
  enterInto(target: BpfMap, egress: BpfProgram): void {
    const groups = Array.from(this.#entered, ([key, ifindexes]) => ({
      key: new Uint8Array(Buffer.from(key, 'hex')),
      ifindexes: ifindexes.split(',').map(Number),
    }));
    enter(target, groups, egress, emptyTally());
  }

  /** How many are there beside those of these sets, all of which are. */
  unneeded(copysets: readonly CopysetPlan[]): number {
    return this.#entered.size + this.#legs.size - groupsOf(copysets).length - copiesOf(copysets).length;
  }

  get usedGroups(): number {
    return this.#entered.size;
  }

  get usedCopies(): number {
    return this.#legs.size;
  }
}

/** In one call: entering into a map of maps waits for a grace period. */
function enter(target: BpfMap, groups: readonly Group[], egress: BpfProgram, tally: Tally): void {
  if (groups.length === 0) return;
  const inner = groups.map((group) => createGroup(group, egress, tally));
  try {
    const keys = new Uint8Array(Buffer.concat(groups.map(({ key }) => key)));
    const fds = Uint32Array.from(inner, ({ fd }) => fd);
    target.updateBatch(keys, new Uint8Array(fds.buffer), groups.length);
    tallyCalls(tally, groups.length, 1);
  } finally {
    for (const map of inner) map.close();
  }
}

/** A devmap with every interface of a group; one NIC may stand in it several times. */
function createGroup({ ifindexes }: Group, egress: BpfProgram, tally: Tally): BpfMap {
  const map = createMap({
    type: 'devmap_hash',
    name: 'group',
    keySize: 4,
    valueSize: 8,
    maxEntries: Limit.MAX_COPIES + 1,
  });
  for (const [place, ifindex] of ifindexes.entries()) {
    map.update(new Uint8Array(Uint32Array.of(place).buffer), devmapValue(ifindex, egress.fd));
    tally.syscalls++;
  }
  return map;
}

/** The kernel broadcasts in the order of the keys, so the original is the first on its device. */
function groupsOf(copysets: readonly CopysetPlan[]): Group[] {
  return copysets.flatMap(({ copyset, taps, mains }) =>
    mains.map((main) => ({
      key: encode(GroupKey, { copyset, transmit: main.interfaceNumber }),
      ifindexes: [main.ifindex, ...taps.map(({ ifindex }) => ifindex)],
    })),
  );
}

function copiesOf(copysets: readonly CopysetPlan[]): Copy[] {
  return copysets.flatMap(({ copyset, taps }) => {
    const seen = new Map<number, number>();
    return taps.map(({ leg, ifindex }) => {
      const index = seen.get(ifindex) ?? 0;
      seen.set(ifindex, index + 1);
      return { key: encode(CopyKey, { copyset, ifindex, index }), leg };
    });
  });
}

/** Interfaces of an inner map, by its number; undefined where this process may not open it. */
function interfacesOf(value: Uint8Array): number[] | undefined {
  const map = openInner(new Uint32Array(value.buffer, value.byteOffset)[0]!);
  if (map === undefined) return undefined;
  try {
    return [...map.entries()]
      .map(
        ([key, entry]) =>
          [
            new Uint32Array(key.buffer, key.byteOffset)[0]!,
            new Uint32Array(entry.buffer, entry.byteOffset)[0]!,
          ] as const,
      )
      .sort(([a], [b]) => a - b)
      .map(([, ifindex]) => ifindex);
  } finally {
    map.close();
  }
}

function openInner(id: number): BpfMap | undefined {
  try {
    return BpfMap.byId(id);
  } catch (error) {
    if (error instanceof BpfError && error.code === 'EPERM') return undefined;
    throw error;
  }
}
