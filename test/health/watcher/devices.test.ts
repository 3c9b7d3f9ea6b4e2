import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ToldEvent } from '../../../src/health/types.ts';

const ALONE = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath];

/** The runner in a namespace of its own: each line it prints, as it comes; how to stop it meanwhile. */
class Runner {
  readonly lines: Record<string, unknown>[] = [];
  readonly #child;
  readonly #ended: Promise<void>;
  #said = '';

  constructor(...args: readonly string[]) {
    this.#child = spawn('unshare', [...ALONE, join(import.meta.dirname, 'devices-runner.ts'), ...args]);
    this.#ended = new Promise((resolve) => this.#child.on('close', () => resolve()));
    let rest = '';
    this.#child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      this.lines.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  async shows(key: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.lines.find((each) => key in each);
      if (line !== undefined) return line;
      if (this.#child.exitCode !== null) throw new Error(`it ended without ${key}: ${this.#said}`);
      await pause(10);
    }
  }

  signal(signal: NodeJS.Signals): void {
    const [inner] = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(inner), signal);
  }

  async end(): Promise<void> {
    await this.#ended;
    if (this.#child.exitCode !== 0) throw new Error(`it ended with ${this.#child.exitCode}: ${this.#said}`);
  }
}

describe('the watcher around real devices', () => {
  test('leaves each that dies, however it does', async () => {
    const runner = new Runner('trials', '1', '50');
    await runner.end();
    expect(runner.lines.length).toBe(12);
    // Other tests run beside this one, and the fault itself takes a while to strike.
    for (const line of runner.lines) expect(line).toMatchObject({ most: expect.toSatisfy((ms: number) => ms < 500) });
  }, 60_000);

  test('leaves nobody when the controller is stopped for 5 s and goes on', async () => {
    const runner = new Runner('calm', '7', '50');
    await runner.shows('ready');
    await pause(300);
    runner.signal('SIGSTOP');
    await pause(5000);
    runner.signal('SIGCONT');
    const { moves, events } = await runner.shows('moves');
    expect(moves).toEqual([]);
    expect((events as ToldEvent[]).map(({ what }) => what)).toEqual(['controller']);
    await runner.end();
  }, 60_000);
});
