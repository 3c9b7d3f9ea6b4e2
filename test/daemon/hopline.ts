import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab/index.ts';
import type { Program } from '../lab/program.ts';
import type { Outcome } from '../lab/run.ts';

const HOPLINE = fileURLToPath(new URL('../../bin/hopline', import.meta.url));

/** The command line in the engine's namespace of a lab, with directories of its own. */
export class Hopline {
  readonly #lab: Lab;
  readonly env: Readonly<Record<string, string>>;
  readonly path = HOPLINE;

  constructor(lab: Lab) {
    const pins = `/sys/fs/bpf/${lab.prefix}`;
    mkdirSync(pins, { recursive: true });
    this.#lab = lab;
    this.env = {
      HOPLINE_INSTANCE: 'cli',
      HOPLINE_RUN_DIR: join(lab.folder, 'run'),
      HOPLINE_STATE_DIR: join(lab.folder, 'state'),
      HOPLINE_PIN_ROOT: pins,
    };
  }

  /** Any command, however it ends. */
  attempt(...args: readonly string[]): Promise<Outcome> {
    return this.#lab.engine.attempt(HOPLINE, args, { env: this.env });
  }

  /** What it prints. @throws Error with what it said when it fails. */
  async text(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(...args);
    if (code !== 0) throw new Error(`hopline ${args.join(' ')}: exit ${code}: ${stderr}`);
    return stdout;
  }

  /** The same as a value. */
  async json<Value>(...args: readonly string[]): Promise<Value> {
    return JSON.parse(await this.text('-o', 'json', ...args)) as Value;
  }

  /** Starts the controller, and waits until it runs. */
  async run(...args: readonly string[]): Promise<Program> {
    const program = this.#lab.engine.start(HOPLINE, ['run', ...args], this.env);
    await program.shows(/controller runs/, 20_000);
    return program;
  }
}

/** Asks again until the answer is what is wanted. @throws Error with the last answer. */
export async function until<Value>(
  ask: () => Promise<Value>,
  wanted: (value: Value) => boolean,
  limit = 15_000,
): Promise<Value> {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`wait: not in ${limit} ms; the last answer was ${JSON.stringify(value)}`);
    await wait(100);
  }
}
