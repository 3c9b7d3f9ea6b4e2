/** What other machines on the same host take from this one. */
import { readFileSync } from 'node:fs';

/** Columns of the first line of /proc/stat (proc(5)), in ticks of all CPUs: the first eight are all there is. */
const COLUMNS = 8;
const STEAL = 7;
/** Milliseconds of a tick of /proc/stat, whatever the kernel's own is. */
const TICK = 10;

/** CPU time since the start of the machine, of all CPUs together, milliseconds. */
export interface CpuTime {
  readonly all: number;
  /** In which a CPU had something to do, and the host gave it to others. */
  readonly stolen: number;
}

export function cpuTime(): CpuTime {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const columns = line
    .split(/\s+/)
    .slice(1, 1 + COLUMNS)
    .map((text) => TICK * Number(text));
  return { all: columns.reduce((sum, value) => sum + value, 0), stolen: columns[STEAL] ?? 0 };
}
