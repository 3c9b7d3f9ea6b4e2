import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BpfMap, membarrier } from '../../libbpf/index.ts';
import { LayoutState, Limit } from '../../terms/constants.ts';
import type { Count } from '../../terms/count.ts';
import { LAYOUT } from '../codec/field-words.ts';
import { legTotalKey, readCounters, verdictTotalKey } from '../counters/counters.ts';
import { TARGET_IS_POOL } from '../counters/total-key.ts';
import type { InstanceDirectory } from '../instance-directory.ts';
import type { Links } from '../links.ts';
import { loadObject } from '../load-object.ts';
import { PinError } from '../pin-root.ts';
import { CopyTables } from '../tables/copy-tables.ts';
import { LegTable } from '../tables/leg-table.ts';
import { slotsPerPlace } from '../tables/step-table.ts';
import { MAP_NAMES, PROGRAMS, TableSet } from '../tables/table-set.ts';
import { TransmitTable } from '../tables/transmit-table.ts';
import type { Counters, Sizes } from '../types.ts';
import { migrate } from './migrate.ts';

/**
 * Opens the tables in use, or loads empty ones; first ends what a killed controller had begun.
 * @throws PinError where they have another layout, BpfError of the verifier.
 */
export async function openGeneration(
  directory: InstanceDirectory,
  links: Links,
  objectPath: string,
  sizes: Sizes,
): Promise<TableSet> {
  if (directory.hasNext()) await finishMove(directory, links);
  if (directory.hasCurrent()) return TableSet.open(directory.current);
  directory.makeNext();
  const set = TableSet.load(objectPath, directory.next, sizes);
  set.state = LayoutState.LAYOUT_CURRENT;
  directory.promoteNext();
  return set;
}

export interface Growth {
  readonly directory: InstanceDirectory;
  readonly links: Links;
  readonly objectPath: string;
  readonly old: TableSet;
  readonly sizes: Sizes;
  /** Called when the new tables hold everything, before the first NIC moves. */
  readonly onFilled: (set: TableSet) => void;
}

/** The counts of every step, leg and verdict of the old tables become totals. */
function roomForTotals(sizes: Sizes, old: TableSet): Sizes {
  const verdicts = Limit.MAX_INTERFACES * Limit.MAX_REASONS;
  return {
    ...sizes,
    totals: Math.max(sizes.totals, old.map('totals').maxEntries + old.slots.used + old.legsMax + verdicts),
  };
}

/**
 * Larger tables with all that is in `old`, which stays in use until they are complete; then every NIC moves over.
 * No packet is lost and none is counted twice, also when the controller is killed on the way.
 */
export async function growGeneration(growth: Growth): Promise<TableSet> {
  const { directory, links, objectPath, old, onFilled } = growth;
  const sizes = roomForTotals(growth.sizes, old);
  directory.removeNext();
  directory.makeNext();
  const set = fill(objectPath, directory, old, sizes);
  onFilled(set);
  await moveOver(directory, links, old, set);
  return set;
}

function fill(objectPath: string, directory: InstanceDirectory, old: TableSet, sizes: Sizes): TableSet {
  try {
    const empty = TableSet.load(objectPath, directory.next, sizes, old);
    migrate(old, empty);
    empty.state = LayoutState.LAYOUT_FILLED;
    return empty.readAgain();
  } catch (error) {
    directory.removeNext();
    throw error;
  }
}

/** Replaces the programs by another build's over the same tables. False where they are the same code. */
export async function replacePrograms(
  directory: InstanceDirectory,
  links: Links,
  objectPath: string,
  set: TableSet,
): Promise<boolean> {
  const layout = new Uint32Array(set.memory('layout'));
  const rodata = {
    slots_max: set.slotsMax,
    legs_max: set.legsMax,
    step_bucket_mask: layout[LAYOUT.STEP_BUCKETS]! - 1,
    slots_per_place: slotsPerPlace(set.slotsMax, layout[LAYOUT.STEP_BUCKETS]!),
    origin_bucket_mask: layout[LAYOUT.ORIGIN_BUCKETS]! - 1,
  };
  const reuse = Object.fromEntries(MAP_NAMES.map((name) => [name, set.map(name)])) as Record<string, BpfMap>;
  const object = loadObject(objectPath, { rodata, reuse });
  try {
    const running = [set.program, set.egress, set.probe];
    if (running.every(({ tag }, i) => tag === object.program(PROGRAMS[i]!).tag)) return false;
    for (const name of PROGRAMS) {
      const fresh = join(directory.current, `${name}_next`);
      rmSync(fresh, { force: true });
      object.program(name).pin(fresh);
      renameSync(fresh, join(directory.current, name));
    }
  } finally {
    object.close();
  }
  set.openPrograms(directory.current);
  const transmit = new TransmitTable(set.map('transmit'));
  transmit.refresh(set.egress);
  new CopyTables(set.map('groups'), set.map('copies'), transmit).refresh(set.egress);
  await links.replace(set.program);
  await membarrier();
  return true;
}

/** What the state of `next` says was under way. */
async function finishMove(directory: InstanceDirectory, links: Links): Promise<void> {
  const state = stateOf(directory.next);
  if (state === undefined || state === LayoutState.LAYOUT_FILLING) return directory.removeNext();
  if (state === LayoutState.LAYOUT_CURRENT) return directory.promoteNext();
  if (!directory.hasCurrent()) {
    throw new PinError(`open ${directory.path}: new tables wait for the counts of old ones that are not there`);
  }
  const old = TableSet.open(directory.current);
  const set = TableSet.open(directory.next);
  await moveOver(directory, links, old, set);
  set.close();
}

/** Undefined where the controller was killed before the first map was pinned. */
function stateOf(path: string): number | undefined {
  if (!existsSync(join(path, 'layout'))) return undefined;
  const layout = BpfMap.open(join(path, 'layout'));
  const state = new Uint32Array(layout.lookup(new Uint8Array(4))!.buffer)[LAYOUT.STATE];
  layout.close();
  return state;
}

async function moveOver(directory: InstanceDirectory, links: Links, old: TableSet, set: TableSet): Promise<void> {
  await links.replace(set.program);
  await membarrier();
  old.fold.recover();
  writeTotals(set, readCounters(old, new LegTable(old.memory('legs'), old.cpus, old.legsMax, membarrier)));
  set.state = LayoutState.LAYOUT_CURRENT;
  directory.promoteNext();
  old.close();
}

/** The final counts of the old tables become totals of the new ones: values, not sums, so that twice is harmless. */
function writeTotals(set: TableSet, { steps, legs, verdicts }: Counters): void {
  const entries: { key: Uint32Array; packets: Count; bytes: Count }[] = [];
  for (let i = 0; i < steps.rows; i++) {
    const target = (steps.target[i]! | (steps.isPool[i] ? TARGET_IS_POOL : 0)) >>> 0;
    const key = Uint32Array.of(steps.service[i]!, steps.hop[i]! | (steps.direction[i]! << 8), steps.origin[i]!, target);
    entries.push({ key, packets: steps.packets[i]!, bytes: steps.bytes[i]! });
  }
  for (const { leg, packets, bytes } of legs) if (packets > 0) entries.push({ key: legTotalKey(leg), packets, bytes });
  for (const verdict of verdicts) entries.push({ key: verdictTotalKey(verdict), packets: verdict.packets, bytes: 0 });
  const keys = new Uint32Array(entries.length * 4);
  const values = new BigUint64Array(entries.length * 2);
  for (const [i, { key, packets, bytes }] of entries.entries()) {
    keys.set(key, 4 * i);
    values[2 * i] = BigInt(packets);
    values[2 * i + 1] = BigInt(bytes);
  }
  set.map('totals').updateBatch(new Uint8Array(keys.buffer), new Uint8Array(values.buffer), entries.length);
}
