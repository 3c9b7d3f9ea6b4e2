import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds that the threads of a process were ready to run and had no CPU, ever (Documentation/scheduler/sched-stats). */
export function waitedBy(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, thread) => sum + waited(`${tasks}/${thread}/schedstat`), 0);
}

function waited(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    // The thread ended meanwhile.
    return 0;
  }
}
