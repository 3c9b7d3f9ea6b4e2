import { join } from 'node:path';
import { MAP_NAMES, type MapName } from '../../src/dataplane/tables/table-set.ts';
import { BpfMap, MapFlag, possibleCpus } from '../../src/libbpf/index.ts';
import { IMAGE_WORDS } from '../../src/plan/types.ts';

const SLOT_WORDS = 16;

/** Tables that no packet of a service is sent by: what packets and probes did, what is asked of devices, and how far a change has come. */
const OTHERS: readonly string[] = [
  ...['verdicts', 'journal', 'layout', 'fragments', 'wanted', 'openings', 'alarms'],
  ...['probes', 'given_probes', 'probe_states', 'probe_queue', 'probing'],
];

/** Every word of every table of an engine, as the kernel has them, whoever writes them. */
export class TableSnapshot {
  readonly #tables: ReadonlyMap<MapName, Uint32Array>;

  private constructor(tables: ReadonlyMap<MapName, Uint32Array>) {
    this.#tables = tables;
  }

  static take(instance: string): TableSnapshot {
    const tables = MAP_NAMES.filter((name) => !OTHERS.includes(name)).map((name) => {
      const map = BpfMap.open(join('/sys/fs/bpf/hopline', instance, 'current', name));
      try {
        return [
          name,
          (map.flags & MapFlag.MMAPABLE) === 0 ? entriesOf(map) : new Uint32Array(map.mmap()).slice(),
        ] as const;
      } finally {
        map.close();
      }
    });
    return new TableSnapshot(new Map(tables));
  }

  /** Places whose content differs: slots (without their counters) and places of `steps` by number, other tables by name. */
  differences(other: TableSnapshot): { readonly slots: number[]; readonly steps: number[]; readonly tables: string[] } {
    const tables = [...this.#tables.keys()].filter((name) => name !== 'slots' && name !== 'steps');
    const perCpu = this.#tables.get('slots')!.length / SLOT_WORDS / possibleCpus();
    return {
      slots: [...new Set(this.#places(other, 'slots', SLOT_WORDS, IMAGE_WORDS).map((place) => place % perCpu))],
      steps: this.#places(other, 'steps', 2, 2),
      tables: tables.filter((name) => this.#places(other, name, 1, 1).length > 0),
    };
  }

  /** 32-bit words of a table that differ, by their place. */
  words(other: TableSnapshot, name: MapName): number[] {
    return this.#places(other, name, 1, 1);
  }

  /** Address and port of an IPv4 slot's key, as "198.51.100.10:443"; undefined where it is empty. */
  keyOf(slot: number): string | undefined {
    const bytes = new DataView(this.#tables.get('slots')!.buffer, slot * SLOT_WORDS * 4);
    if (bytes.getUint32(20) === 0) return undefined;
    return `${[12, 13, 14, 15].map((at) => bytes.getUint8(at)).join('.')}:${bytes.getUint16(20)}`;
  }

  #places(other: TableSnapshot, name: MapName, stride: number, compared: number): number[] {
    const [mine, its] = [this.#tables.get(name)!, other.#tables.get(name)!];
    if (mine.length !== its.length) return [0];
    const places: number[] = [];
    for (let at = 0; at < mine.length; at += stride) {
      for (let word = 0; word < compared; word++) {
        if (mine[at + word] === its[at + word]) continue;
        places.push(at / stride);
        break;
      }
    }
    return places;
  }
}

/** Keys and values in an order of their own, so that two walks can be compared. */
function entriesOf(map: BpfMap): Uint32Array {
  const entries = [...map.entries()].map(([key, value]) => Buffer.concat([key, value]));
  entries.sort(Buffer.compare);
  const all = Buffer.concat(entries);
  const words = new Uint32Array(Math.ceil(all.length / 4));
  new Uint8Array(words.buffer).set(all);
  return words;
}
