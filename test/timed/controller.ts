import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatusView } from '../../src/api-types/operations.ts';
import { unwatched } from '../lab/unwatched.ts';

/** The real controller, `hopline run`, as a process of its own in this network namespace, with state of its own. */
export class ControllerProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'hopline-timed-'));
  readonly file = join(this.directory, 'services.yaml');
  readonly environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #log = '';

  /** @param definitions its file from the start; without, it begins with nothing. */
  constructor(definitions?: string) {
    this.environment = {
      ...process.env,
      HOPLINE_INSTANCE: `timed${process.pid}-${Math.random().toString(36).slice(2, 6)}`,
      HOPLINE_RUN_DIR: this.directory,
      HOPLINE_STATE_DIR: this.directory,
    };
    if (definitions !== undefined) writeFileSync(this.file, unwatched(definitions));
  }

  /** Starts it and waits until its definitions are in force and every NIC of theirs was seen to. */
  async start(): Promise<void> {
    const child = spawn('bin/hopline', ['run', '--config', this.file], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.#log += text));
    this.#child = child;
    for (let tries = 0; tries < 600; tries++) {
      const status = (await this.call('GET', '/status').catch(() => undefined)) as StatusView | undefined;
      if (status?.controller?.ready) return;
      if (child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`start controller: it does not get ready\n${this.#log}`);
  }

  /** Other definitions in its file, for the next start. */
  write(definitions: string): void {
    writeFileSync(this.file, unwatched(definitions));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get log(): string {
    return this.#log;
  }

  /** Ends it the hard way, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
    this.#child = undefined;
  }

  /** What the answer says; undefined where it says nothing. @throws Error with the answer where it is not 2xx. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = await this.text(method, path, body);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** As {@link call}, for answers that are no JSON. */
  text(method: string, path: string, body?: unknown): Promise<string> {
    const socketPath = join(this.directory, `${this.environment.HOPLINE_INSTANCE}.sock`);
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const call = request({ socketPath, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if ((response.statusCode ?? 500) >= 300) reject(new Error(`${method} ${path}: ${text}`));
          else resolve(text);
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  run(...args: string[]): string {
    return execFileSync('bin/hopline', args, {
      env: this.environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Ends the controller, detaches everything and removes what it kept. */
  async close(): Promise<void> {
    await this.kill('SIGTERM');
    try {
      this.run('detach', '--all');
    } finally {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}
