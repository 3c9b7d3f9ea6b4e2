import { Limit } from '../../terms/constants.ts';
import { type Count, countOf, plus } from '../../terms/count.ts';
import { words32 } from '../codec/bytes.ts';
import { LAYOUT } from '../codec/field-words.ts';
import type { LegTable } from '../tables/leg-table.ts';
import type { TableSet } from '../tables/table-set.ts';
import type { Counters, LegCounter, StepCounters, VerdictCounter } from '../types.ts';
import { CounterRows } from './counter-rows.ts';

const ATTEMPTS = 100;
/** There is room for so many at once; more make it grow. */
const EXPECTED_ROWS = 1 << 16;
/** Verdicts of an interface are kept in `totals` under its number + 1 as origin; legs have origin 0. Both: direction 0. */
const NO_DIRECTION = 0;

interface Counted {
  readonly packets: Count;
  readonly bytes: Count;
}

/** What reclaimed steps and earlier generations of tables had counted. */
interface Totals {
  readonly steps: (rows: CounterRows) => void;
  readonly legs: ReadonlyMap<number, Counted>;
  /** By interface number * MAX_REASONS + reason. */
  readonly verdicts: ReadonlyMap<number, Count>;
}

/** All counts: those of the tables now, and of everything that was in them before. `idle`: see {@link CounterRows.addSlots}. */
export function readCounters(set: TableSet, legs: LegTable, idle = false): Counters {
  return consistently(set, () => {
    const totals = readTotals(set);
    const rows = new CounterRows(Math.min(set.slotsMax, EXPECTED_ROWS));
    totals.steps(rows);
    rows.addSlots(set.slots, undefined, idle);
    return { steps: rows.columns(), legs: legCounters(legs, totals), verdicts: verdictCounters(set, totals) };
  });
}

/** The counts of one service; steps that never counted have a row, too. */
export function readServiceCounters(set: TableSet, service: number): StepCounters {
  return consistently(set, () => {
    const rows = new CounterRows();
    rows.addSlots(set.slots, service);
    readTotals(set, service).steps(rows);
    return rows.columns();
  });
}

/** Key of `totals` for the counts of a leg of tables that were replaced. */
export const legTotalKey = (leg: number): Uint32Array => Uint32Array.of(0, 0, 0, leg);

/** Key of `totals` for the verdicts of tables that were replaced. */
export const verdictTotalKey = ({ interfaceNumber, reason }: VerdictCounter): Uint32Array =>
  Uint32Array.of(0, reason, interfaceNumber + 1, 0);

/** Reads again when the writer, maybe another process, was moving counts from slots to totals meanwhile. */
function consistently<T>(set: TableSet, read: () => T): T {
  const layout = new Int32Array(set.memory('layout'));
  for (let attempt = 1; ; attempt++) {
    const before = Atomics.load(layout, LAYOUT.FOLDS);
    const result = read();
    const isConsistent = (before & 1) === 0 && Atomics.load(layout, LAYOUT.FOLDS) === before;
    if (isConsistent || attempt === ATTEMPTS) return result;
  }
}

function readTotals(set: TableSet, service?: number): Totals {
  const steps: ({ key: Uint32Array } & Counted)[] = [];
  const legs = new Map<number, Counted>();
  const verdicts = new Map<number, Count>();
  for (const [keyBytes, valueBytes] of set.map('totals').entries()) {
    const key = words32(keyBytes);
    const [packets, bytes] = Array.from(new BigUint64Array(valueBytes.buffer, valueBytes.byteOffset, 2), countOf);
    if (((key[1]! >>> 8) & 0xff) !== NO_DIRECTION) {
      if (service === undefined || key[0] === service) steps.push({ key, packets: packets!, bytes: bytes! });
    } else if (key[2] === 0) legs.set(key[3]!, { packets: packets!, bytes: bytes! });
    else verdicts.set((key[2]! - 1) * Limit.MAX_REASONS + (key[1]! & 0xff), packets!);
  }
  return {
    steps: (rows) => {
      for (const { key, packets, bytes } of steps) rows.add(key, packets, bytes);
    },
    legs,
    verdicts,
  };
}

function legCounters(legs: LegTable, totals: Totals): LegCounter[] {
  return legs.counters().map(({ leg, packets, bytes }) => {
    const before = totals.legs.get(leg);
    return { leg, packets: plus(packets, before?.packets ?? 0), bytes: plus(bytes, before?.bytes ?? 0) };
  });
}

function verdictCounters(set: TableSet, totals: Totals): VerdictCounter[] {
  const perCpu = Limit.MAX_INTERFACES * Limit.MAX_REASONS;
  const sums = new BigUint64Array(perCpu);
  const words = new BigUint64Array(set.memory('verdicts'));
  for (let i = 0; i < set.cpus * perCpu; i++) {
    const packets = words[i]!;
    if (packets !== 0n) sums[i % perCpu]! += packets;
  }
  for (const [i, packets] of totals.verdicts) sums[i]! += BigInt(packets);
  const counters: VerdictCounter[] = [];
  for (const [i, packets] of sums.entries()) {
    if (packets === 0n) continue;
    const interfaceNumber = Math.floor(i / Limit.MAX_REASONS);
    counters.push({ interfaceNumber, reason: i % Limit.MAX_REASONS, packets: countOf(packets) });
  }
  return counters;
}
