/** A real program that runs until it is stopped: its output kept, waited for, shown when a scenario fails. */
import { type ChildProcess, spawn } from 'node:child_process';

const KILL_AFTER = 2_000;
const LOG_MAX = 200_000;

export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  #log = '';
  #ended: number | string | undefined;

  constructor(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.name = name;
    // A group of its own, so that what it forks goes with it.
    this.#child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_MAX);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.on('error', (error) => {
      this.#ended = error.message;
    });
    this.#child.on('exit', (code, signal) => {
      this.#ended ??= code ?? signal ?? 'gone';
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Everything it has written so far, both streams (the last 200,000 characters). */
  get log(): string {
    return this.#log;
  }

  get running(): boolean {
    return this.#ended === undefined;
  }

  /** Waits until the log shows a pattern. @throws Error with the log when it ends before or takes too long. */
  async shows(pattern: RegExp, limit = 10_000): Promise<RegExpMatchArray> {
    const deadline = Date.now() + limit;
    for (;;) {
      const found = this.#log.match(pattern);
      if (found) {
        return found;
      }
      if (this.#ended !== undefined || Date.now() > deadline) {
        const cause = this.#ended === undefined ? `not in ${limit} ms` : `it ended (${this.#ended})`;
        throw new Error(`wait for ${this.name} to show ${pattern}: ${cause}; it wrote:\n${this.#log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running && this.#child.pid !== undefined) {
      try {
        process.kill(-this.#child.pid, signal);
      } catch (error) {
        // It may have ended in between.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
          throw error;
        }
      }
    }
  }

  /** Asks it to end, and makes it end after two seconds. */
  async stop(): Promise<void> {
    if (!this.running) {
      return;
    }
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), KILL_AFTER);
    await gone;
    clearTimeout(timer);
  }
}
