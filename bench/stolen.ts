/** How far other machines on the same host are in what was measured. */
import { cpuTime } from '../test/timed/failover/stolen.ts';

/** Does something. @returns what that gave, and the percentage of all CPUs that the host gave to others meanwhile. */
export async function withStolen<Result>(work: () => Promise<Result>): Promise<{ result: Result; stolen: number }> {
  const before = cpuTime();
  const result = await work();
  const after = cpuTime();
  return { result, stolen: (100 * (after.stolen - before.stolen)) / Math.max(1, after.all - before.all) };
}
