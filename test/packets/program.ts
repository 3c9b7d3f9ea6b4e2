/** The dataplane object, loaded for one test file, and one frame through it. */
import { existsSync } from 'node:fs';
import { Slot, Trace } from '../../src/dataplane/codec/layout.ts';
import { type LoadedObject, openObject, possibleCpus } from '../../src/libbpf/index.ts';
import { Limit, Reason } from '../../src/terms/constants.ts';
import { concat } from './bytes.ts';
import {
  devmapValue,
  fillTables,
  IFINDEX,
  LEGS,
  NUMBER,
  ORIGIN_BUCKETS,
  SLOTS,
  STEP_BUCKETS,
  type TableRows,
} from './tables.ts';

export type ReasonName = keyof typeof Reason;

export interface Outcome {
  readonly action: 'aborted' | 'drop' | 'pass' | 'tx' | 'redirect';
  /** By the trace. */
  readonly reason: ReasonName | undefined;
  readonly frame: Uint8Array;
  readonly trace: Trace;
}

const ACTIONS = ['aborted', 'drop', 'pass', 'tx', 'redirect'] as const;
const TRACE_BYTES = Trace.size;

/** Loads the object with the sizes of tables.ts; close it after use. */
export class TestProgram {
  readonly object: LoadedObject;
  readonly #cpus = possibleCpus();

  constructor(path = '.output/hopline.bpf.o') {
    if (!existsSync(path)) {
      throw new Error(`load ${path}: no such file (build it first: make build)`);
    }
    this.object = openObject(path, {
      mapSizes: {
        origins: ORIGIN_BUCKETS,
        steps: STEP_BUCKETS,
        slots: this.#cpus * SLOTS,
        legs: this.#cpus * LEGS,
        pools: 16,
        addresses: SLOTS,
        verdicts: this.#cpus * Limit.MAX_INTERFACES * Limit.MAX_REASONS,
        groups: 16,
        copies: 16,
        ranges: 16,
        probes: 64,
      },
      rodata: {
        slots_max: SLOTS,
        legs_max: LEGS,
        step_bucket_mask: STEP_BUCKETS - 1,
        origin_bucket_mask: ORIGIN_BUCKETS - 1,
      },
    }).load();
    // Redirects need a device in the map; nothing is sent in a test run.
    this.object.map('transmit').update(new Uint8Array(Uint32Array.of(NUMBER).buffer), devmapValue(IFINDEX));
  }

  fill(rows: TableRows): void {
    fillTables(this.object, this.#cpus, rows);
  }

  run(frame: Uint8Array): Outcome {
    const room = new Uint8Array(TRACE_BYTES);
    new DataView(room.buffer).setUint32(0, Limit.TRACE_MAGIC, true);
    const data = concat(room, frame);
    const ctx = { data: TRACE_BYTES, dataEnd: data.length, ingressIfindex: IFINDEX };
    const result = this.object.program('hopline').testRun({ data, ctx });
    const trace = Trace.read(new DataView(result.data.buffer, result.data.byteOffset));
    const names = Object.keys(Reason) as ReasonName[];
    return {
      action: ACTIONS[result.retval] ?? 'aborted',
      reason: names.find((name) => Reason[name] === trace.reason),
      frame: result.data.slice(TRACE_BYTES),
      trace,
    };
  }

  /** Nanoseconds a run. */
  time(frame: Uint8Array, repeat: number): number {
    const ctx = { dataEnd: frame.length, ingressIfindex: IFINDEX };
    return this.object.program('hopline').testRun({ data: frame, ctx, repeat }).durationNs;
  }

  /** Counts of one reason on an interface, of all CPUs. */
  verdicts(reason: ReasonName, number = NUMBER): bigint {
    const counters = new BigUint64Array(this.object.map('verdicts').mmap());
    return this.#sum(
      (cpu) => counters[(cpu * Limit.MAX_INTERFACES + number) * Limit.MAX_REASONS + Reason[reason]] ?? 0n,
    );
  }

  /** Packets and bytes of a slot or leg, of all CPUs. */
  counted(map: 'slots' | 'legs', number: number): { packets: bigint; bytes: bigint } {
    const words = new BigUint64Array(this.object.map(map).mmap());
    const copies = map === 'slots' ? SLOTS : LEGS;
    const at = (cpu: number, field: keyof typeof Slot.offset): number =>
      ((cpu * copies + number) * Slot.size + Slot.offset[field]) / 8;
    return {
      packets: this.#sum((cpu) => words[at(cpu, 'packets')] ?? 0n),
      bytes: this.#sum((cpu) => words[at(cpu, 'bytes')] ?? 0n),
    };
  }

  close(): void {
    this.object.close();
  }

  #sum(of: (cpu: number) => bigint): bigint {
    return Array.from({ length: this.#cpus }, (_, cpu) => of(cpu)).reduce((sum, count) => sum + count, 0n);
  }
}
