import type { BpfMap } from '../../libbpf/index.ts';
import { SLOT } from '../codec/field-words.ts';
import { CapacityError } from '../tables/capacity.ts';
import { CopyTables } from '../tables/copy-tables.ts';
import { LegTable } from '../tables/leg-table.ts';
import { OriginTable } from '../tables/origin-table.ts';
import type { MapName, TableSet } from '../tables/table-set.ts';
import { devmapValue, TransmitTable } from '../tables/transmit-table.ts';

/** Tables that lie in both generations alike, or only have more places at the end. */
const SAME: readonly MapName[] = ['interface_index', 'interfaces', 'pools', 'addresses', 'probes'];
const COPIED: readonly MapName[] = ['ranges', 'copies', 'names', 'totals', 'fragments'];
const BATCH = 4096;

/** Fills empty tables with what others hold. Numbers of slots and legs stay, counters begin at 0. */
export function migrate(from: TableSet, to: TableSet): void {
  for (const name of SAME) new Uint8Array(to.memory(name)).set(new Uint8Array(from.memory(name)));
  new LegTable(to.memory('legs'), to.cpus, to.legsMax, never).copyFrom(
    new LegTable(from.memory('legs'), from.cpus, from.legsMax, never),
  );
  const origins = new OriginTable(to.memory('origins'), to.map('origins').maxEntries);
  for (const image of new OriginTable(from.memory('origins'), from.map('origins').maxEntries).read())
    origins.put(image);
  migrateSteps(from, to);
  for (const name of COPIED) copyEntries(from.map(name), to.map(name));
  migrateDevmaps(from, to);
}

function migrateSteps(from: TableSet, to: TableSet): void {
  const { words } = from.slots;
  for (let place = 0; place < from.steps.places; place++) {
    const slot = from.steps.slotAt(place);
    if (slot === 0) continue;
    to.slots.write(slot, words, slot * SLOT.WORDS);
    if (to.steps.insert(slot) < 0) throw new CapacityError('slots', to.slots.max, to.slots.max - 1);
  }
  for (const slot of from.ranges.slots) to.slots.write(slot, words, slot * SLOT.WORDS);
}

function migrateDevmaps(from: TableSet, to: TableSet): void {
  const transmit = new TransmitTable(from.map('transmit'));
  for (let number = 0; number < from.map('transmit').maxEntries; number++) {
    const entry = transmit.get(number);
    if (!entry) continue;
    const value = devmapValue(entry.ifindex, entry.programId === 0 ? 0 : to.egress.fd);
    to.map('transmit').update(new Uint8Array(Uint32Array.of(number).buffer), value);
  }
  const groups = new CopyTables(from.map('groups'), from.map('copies'), transmit);
  groups.enterInto(to.map('groups'), to.egress);
}

function copyEntries(from: BpfMap, to: BpfMap): void {
  const keys = new Uint8Array(BATCH * from.keySize);
  const values = new Uint8Array(BATCH * from.bufferSize);
  let count = 0;
  for (const [key, value] of from.entries()) {
    keys.set(key, count * from.keySize);
    values.set(value, count * from.bufferSize);
    if (++count === BATCH) {
      to.updateBatch(keys, values, count);
      count = 0;
    }
  }
  to.updateBatch(keys, values, count);
}

const never = (): Promise<void> => Promise.reject(new Error('migrate legs: nothing uses them yet'));
