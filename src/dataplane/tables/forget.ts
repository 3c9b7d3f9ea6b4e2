import { setImmediate } from 'node:timers/promises';
import type { Fabric, NamePlan } from '../../plan/types.ts';
import { Limit, NameKind } from '../../terms/constants.ts';
import { TARGET_IS_POOL, TOTAL_KEY_BYTES } from '../counters/total-key.ts';
import type { TableSet } from './table-set.ts';

/** Totals read before the event loop has its turn. */
const PART = 20_000;

/** Numbers by kind of name, as in the `names` table. */
type Numbers = ReadonlyMap<number, Set<number>>;

/**
 * Takes away what services, legs and interfaces had counted whose names are going: their numbers are given out again,
 * and the next holder begins at 0. To be called while the names still stand, so that a controller killed in the middle
 * leaves it to the next.
 * @returns the legs and pools among them that services which stay have counted under: another holder of the number
 * would be taken for who carried those packets, so their names stay as long as the counts.
 */
export async function forgetCounts(set: TableSet, gone: readonly NamePlan[], kept: Fabric): Promise<Numbers> {
  const numbers = (wanted: number): Set<number> =>
    new Set(gone.filter(({ kind }) => kind === wanted).map(({ id }) => id));
  const services = numbers(NameKind.NAME_SERVICE);
  const legs = numbers(NameKind.NAME_LEG);
  const pools = numbers(NameKind.NAME_POOL);
  const interfaces = numbers(NameKind.NAME_INTERFACE);
  for (const { leg } of kept.legs) legs.delete(leg);
  for (const { number } of kept.interfaces) interfaces.delete(number);
  const counted = new Counted(legs, pools);
  if (services.size + legs.size + pools.size + interfaces.size === 0) return counted.numbers;
  clearVerdicts(set, interfaces);
  const totals = set.map('totals');
  const keys: Uint8Array[] = [];
  let read = 0;
  for (const [key] of totals.entries()) {
    if (++read % PART === 0) await setImmediate();
    const [service, hopDirection, origin, target] = new Uint32Array(key.buffer, key.byteOffset, 4);
    const isStep = ((hopDirection! >>> 8) & 0xff) !== 0;
    const isGone = isStep ? services.has(service!) : origin === 0 ? legs.has(target!) : interfaces.has(origin! - 1);
    if (isGone) keys.push(key.slice(0, TOTAL_KEY_BYTES));
    else if (isStep) counted.note(origin!, target!);
  }
  if (keys.length > 0) totals.deleteBatch(new Uint8Array(Buffer.concat(keys)), keys.length);
  return counted.numbers;
}

/** Legs and pools whose names are going, as far as totals are found that name them. */
class Counted {
  readonly #legs: ReadonlySet<number>;
  readonly #pools: ReadonlySet<number>;
  readonly #found = { legs: new Set<number>(), pools: new Set<number>() };
  readonly numbers: Numbers = new Map([
    [NameKind.NAME_LEG, this.#found.legs],
    [NameKind.NAME_POOL, this.#found.pools],
  ]);

  constructor(legs: ReadonlySet<number>, pools: ReadonlySet<number>) {
    this.#legs = legs;
    this.#pools = pools;
  }

  /** The last two words of a step's total. */
  note(origin: number, target: number): void {
    const pool = (target & ~TARGET_IS_POOL) >>> 0;
    if (this.#legs.has(origin)) this.#found.legs.add(origin);
    if (pool === target && this.#legs.has(target)) this.#found.legs.add(target);
    if (pool !== target && this.#pools.has(pool)) this.#found.pools.add(pool);
  }
}

function clearVerdicts(set: TableSet, interfaces: ReadonlySet<number>): void {
  const counts = new BigUint64Array(set.memory('verdicts'));
  for (const number of interfaces) {
    for (let cpu = 0; cpu < set.cpus; cpu++) {
      const from = (cpu * Limit.MAX_INTERFACES + number) * Limit.MAX_REASONS;
      counts.fill(0n, from, from + Limit.MAX_REASONS);
    }
  }
}
