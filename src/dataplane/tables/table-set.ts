import { randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { BpfError, BpfMap, BpfProgram, possibleCpus } from '../../libbpf/index.ts';
import { LAYOUT_VERSION } from '../../terms/constants.ts';
import { LAYOUT, PROBING, SLOT } from '../codec/field-words.ts';
import { type MapName as DecodedMapName, MAPS } from '../codec/layout.ts';
import { Fold } from '../counters/fold.ts';
import { loadObject } from '../load-object.ts';
import { PinError } from '../pin-root.ts';
import { Publisher } from '../publish/publisher.ts';
import type { Sizes } from '../types.ts';
import { RangeTable } from './range-table.ts';
import { mapSizes, sizesOf } from './sizes.ts';
import { SlotState, SlotStore } from './slot-store.ts';
import { StepTable, slotsPerPlace } from './step-table.ts';

/** The maps of maps/maps.h; all of them are pinned under their names. */
export type MapName = DecodedMapName | Ring;
type Ring = 'wanted' | 'alarms';
const RINGS: readonly MapName[] = ['wanted', 'alarms'];
export const MAP_NAMES: readonly MapName[] = [...(Object.keys(MAPS) as DecodedMapName[]), ...RINGS];

/** Rings have neither keys nor values. */
export const isRing = (name: MapName): name is Ring => RINGS.includes(name);

/**
 * Maps of one size, that larger tables take over as they are: what packets and the prober write into them at any time
 * is never in two places.
 */
const SHARED: readonly MapName[] = ['probe_states', 'probe_queue', 'probing', 'given_probes', 'openings', 'alarms'];

export const PROGRAM = 'hopline';
export const EGRESS_PROGRAM = 'hopline_egress';
export const PROBE_PROGRAM = 'hopline_probe';
/** All of them; all are pinned under their names. */
export const PROGRAMS = [PROGRAM, EGRESS_PROGRAM, PROBE_PROGRAM] as const;

/** One generation of tables and the programs over them. */
export class TableSet {
  readonly maps: ReadonlyMap<MapName, BpfMap>;
  readonly cpus: number;
  readonly slotsMax: number;
  readonly legsMax: number;
  readonly slots: SlotStore;
  readonly steps: StepTable;
  readonly ranges: RangeTable;
  readonly publisher: Publisher;
  readonly fold: Fold;
  program: BpfProgram;
  egress: BpfProgram;
  probe: BpfProgram;

  private constructor(maps: ReadonlyMap<MapName, BpfMap>, [program, egress, probe]: readonly BpfProgram[]) {
    this.maps = maps;
    this.program = program!;
    this.egress = egress!;
    this.probe = probe!;
    const layout = new Uint32Array(this.memory('layout'));
    this.cpus = layout[LAYOUT.CPUS]!;
    this.slotsMax = layout[LAYOUT.SLOTS_MAX]!;
    this.legsMax = layout[LAYOUT.LEGS_MAX]!;
    this.slots = new SlotStore(this.memory('slots'), this.cpus, this.slotsMax);
    this.steps = new StepTable(this.memory('steps'), layout[LAYOUT.STEP_BUCKETS]!, this.slots);
    this.ranges = new RangeTable(this.map('ranges'));
    this.publisher = new Publisher(this.steps, this.slots, this.ranges);
    this.fold = new Fold(this.memory('journal'), this.memory('layout'), this.map('totals'), this.slots);
    this.#findSteps();
  }

  /**
   * Loads an object and pins it in a directory, with empty tables.
   * @param old whose place these will take.
   * @throws BpfError of the verifier.
   */
  static load(objectPath: string, directory: string, sizes: Sizes, old?: TableSet): TableSet {
    const cpus = possibleCpus();
    const entries = mapSizes(sizes, cpus);
    const rodata = {
      slots_max: sizes.slots + 1,
      legs_max: sizes.legs + 1,
      step_bucket_mask: entries.steps! - 1,
      slots_per_place: slotsPerPlace(sizes.slots + 1, entries.steps!),
      origin_bucket_mask: entries.origins! - 1,
    };
    const reuse = Object.fromEntries(old ? SHARED.map((name) => [name, old.map(name)]) : []);
    const object = loadObject(objectPath, { mapSizes: entries, rodata, reuse });
    try {
      if (!old) new Uint32Array(object.map('probing').mmap())[PROBING.COOKIE] = randomInt(1, 2 ** 32);
      const layout = new Uint32Array(object.map('layout').mmap());
      layout[LAYOUT.CPUS] = cpus;
      layout[LAYOUT.SLOTS_MAX] = rodata.slots_max;
      layout[LAYOUT.LEGS_MAX] = rodata.legs_max;
      layout[LAYOUT.STEP_BUCKETS] = entries.steps!;
      layout[LAYOUT.ORIGIN_BUCKETS] = entries.origins!;
      layout[LAYOUT.VERSION] = LAYOUT_VERSION;
      for (const name of MAP_NAMES) object.map(name).pin(join(directory, name));
      for (const name of PROGRAMS) object.program(name).pin(join(directory, name));
    } finally {
      object.close();
    }
    return TableSet.open(directory);
  }

  /**
   * Opens what is pinned in a directory.
   * @throws PinError where it has another layout, or something is missing or is not what it should be.
   */
  static open(directory: string): TableSet {
    const maps = new Map<MapName, BpfMap>();
    try {
      const layout = BpfMap.open(join(directory, 'layout'));
      maps.set('layout', layout);
      checkLayout(layout, directory);
      for (const name of MAP_NAMES) {
        if (name === 'layout') continue;
        const map = BpfMap.open(join(directory, name));
        maps.set(name, map);
        checkShape(name, map, directory);
      }
      return new TableSet(maps, openPrograms(directory));
    } catch (error) {
      for (const map of maps.values()) map.close();
      throw explainDamage(error, directory);
    }
  }

  /** These tables with what was written past this object; instead of it. Opened once more, their memory would be mapped twice. */
  readAgain(): TableSet {
    return new TableSet(this.maps, [this.program, this.egress, this.probe]);
  }

  map(name: MapName): BpfMap {
    return this.maps.get(name)!;
  }

  memory(name: MapName): ArrayBuffer {
    return this.map(name).mmap();
  }

  get sizes(): Sizes {
    return sizesOf((name) => this.map(name as MapName).maxEntries, this.cpus);
  }

  get state(): number {
    return new Uint32Array(this.memory('layout'))[LAYOUT.STATE]!;
  }

  set state(state: number) {
    Atomics.store(new Uint32Array(this.memory('layout')), LAYOUT.STATE, state);
  }

  /** The programs pinned in a directory take the place of those open here. */
  openPrograms(directory: string): void {
    for (const program of [this.program, this.egress, this.probe]) program.close();
    [this.program, this.egress, this.probe] = openPrograms(directory);
  }

  close(): void {
    for (const map of this.maps.values()) map.close();
    for (const program of [this.program, this.egress, this.probe]) program.close();
  }

  /** Which slots something points at. */
  #findSteps(): void {
    for (let place = 0; place < this.steps.places; place++) {
      const slot = this.steps.slotAt(place);
      if (slot !== 0) this.slots.mark(slot, SlotState.LIVE);
    }
    this.ranges.index(this.slots.words, SLOT.WORDS);
    for (const slot of this.ranges.slots) this.slots.mark(slot, SlotState.LIVE);
  }
}

const openPrograms = (directory: string): [BpfProgram, BpfProgram, BpfProgram] => [
  BpfProgram.openPinned(join(directory, PROGRAM)),
  BpfProgram.openPinned(join(directory, EGRESS_PROGRAM)),
  BpfProgram.openPinned(join(directory, PROBE_PROGRAM)),
];

/** What is wrong with pins that nothing but starting anew puts right. */
const beginAnew = (directory: string): string =>
  `rm -r ${dirname(directory)}, which detaches every NIC, and apply again`;

function checkLayout(map: BpfMap, directory: string): void {
  checkShape('layout', map, directory);
  const found = map.lookup(new Uint8Array(4));
  const words = new Uint32Array(found!.buffer, 0, LAYOUT.CPUS + 1);
  if (words[LAYOUT.VERSION] !== LAYOUT_VERSION) {
    throw new PinError(
      `open ${directory}: these tables have layout ${words[LAYOUT.VERSION]}, this program knows ${LAYOUT_VERSION} (use the version they were made by, or \`hopline detach --all\` with that one first); forwarding goes on`,
    );
  }
  if (words[LAYOUT.CPUS] !== possibleCpus()) {
    throw new PinError(
      `open ${directory}: these tables are for ${words[LAYOUT.CPUS]} CPUs, there are ${possibleCpus()} (${beginAnew(directory)}); forwarding goes on`,
    );
  }
}

/** A map under the right name whose keys or values have another size would corrupt memory. */
function checkShape(name: MapName, { keySize, valueSize }: BpfMap, directory: string): void {
  if (isRing(name)) return;
  const { key, value } = MAPS[name];
  if (keySize === key.size && valueSize === value.size) return;
  throw new PinError(
    `open ${join(directory, name)}: its keys and values have ${keySize} and ${valueSize} bytes instead of ${key.size} and ${value.size} (${beginAnew(directory)}); forwarding goes on`,
  );
}

const DAMAGE = new Set(['ENOENT', 'EINVAL']);

function explainDamage(error: unknown, directory: string): unknown {
  if (!(error instanceof BpfError) || !DAMAGE.has(error.code)) return error;
  return new PinError(`${error.message.replace(/ \([^()]*\)$/, '')} (${beginAnew(directory)}); forwarding goes on`);
}
