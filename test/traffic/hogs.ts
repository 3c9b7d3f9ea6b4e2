import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';

/** As programs that are nobody in particular, whatever the priority of this one. */
const ORDINARY = 0;

/** Keeps every CPU busy with a process of its own. */
export class Hogs {
  readonly #processes: readonly ChildProcess[];

  constructor() {
    this.#processes = os
      .cpus()
      .map((_, cpu) => spawn('taskset', ['-c', String(cpu), 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }));
    for (const { pid } of this.#processes) os.setPriority(pid!, ORDINARY);
  }

  /** Ends them, and waits until they are gone. */
  async close(): Promise<void> {
    const gone = this.#processes.map((hog) => new Promise((resolve) => hog.once('exit', resolve)));
    for (const hog of this.#processes) hog.kill('SIGKILL');
    await Promise.all(gone);
  }
}
