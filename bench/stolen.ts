/** What other machines on the same host take from this one. */
import { readFileSync } from 'node:fs';

/** Columns of the first line of /proc/stat (proc(5)), in ticks of all CPUs: the first eight are all there is. */
const COLUMNS = 8;
const STEAL = 7;

function ticks(): { readonly all: number; readonly stolen: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const columns = line
    .split(/\s+/)
    .slice(1, 1 + COLUMNS)
    .map(Number);
  return { all: columns.reduce((sum, value) => sum + value, 0), stolen: columns[STEAL] ?? 0 };
}

/** Does something. @returns what that gave, and the percentage of all CPUs that the host gave to others meanwhile. */
export async function withStolen<Result>(work: () => Promise<Result>): Promise<{ result: Result; stolen: number }> {
  const before = ticks();
  const result = await work();
  const after = ticks();
  return { result, stolen: (100 * (after.stolen - before.stolen)) / Math.max(1, after.all - before.all) };
}
