/** The real engine in a lab: `bin/hopline` in the engine's namespace, an instance of its own. */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CountersView, DeviceView, PoolView, StatusView } from '../../src/api-types/operations.ts';
import type { ToldEvent } from '../../src/health/types.ts';
import type { Lab } from './lab.ts';
import type { Program } from './program.ts';
import type { Outcome } from './run.ts';
import { unwatched } from './unwatched.ts';

const HOPLINE = fileURLToPath(new URL('../../bin/hopline', import.meta.url));

const READY_LIMIT = 20_000;

export class Engine {
  readonly socket: string;
  readonly #lab: Lab;
  readonly #env: Readonly<Record<string, string>>;
  /** Its definition file. */
  readonly file: string;
  #controller: Program | undefined;

  private constructor(lab: Lab, definitions: string) {
    const pins = `/sys/fs/bpf/${lab.prefix}`;
    const run = join(lab.folder, 'run');
    mkdirSync(pins, { recursive: true });
    mkdirSync(run, { recursive: true });
    this.#lab = lab;
    this.socket = join(run, 'lab.sock');
    this.file = lab.engine.file('hopline.yaml', unwatched(definitions));
    lab.witnesses.push(() => this.hopline('counters').then(({ stdout, stderr }) => stdout + stderr));
    this.#env = {
      HOPLINE_INSTANCE: 'lab',
      HOPLINE_RUN_DIR: run,
      HOPLINE_STATE_DIR: join(lab.folder, 'state'),
      HOPLINE_PIN_ROOT: pins,
    };
  }

  /**
   * Starts the controller on a definition file and waits until every service works.
   * @throws Error with its log when it ends, or with what is degraded when that takes over 20 s.
   */
  static async start(lab: Lab, definitions: string): Promise<Engine> {
    const engine = Engine.launch(lab, definitions);
    await engine.ready();
    return engine;
  }

  /** Starts the controller, and waits for nothing. */
  static launch(lab: Lab, definitions: string): Engine {
    const engine = new Engine(lab, definitions);
    engine.run();
    return engine;
  }

  get controller(): Program {
    if (this.#controller === undefined) {
      throw new Error('controller: it was never started');
    }
    return this.#controller;
  }

  /** Starts the controller (again). */
  run(): void {
    this.#controller = this.#lab.engine.start(HOPLINE, ['--config', this.file, 'run'], this.#env);
  }

  /** One command of the command line, in the engine's namespace. */
  hopline(...args: readonly string[]): Promise<Outcome> {
    return this.#lab.engine.attempt(HOPLINE, args, { env: this.#env });
  }

  /** Applies other definitions and waits until every service works. @throws Error with what the command said. */
  async apply(definitions: string): Promise<void> {
    const file = this.#lab.engine.file('hopline.yaml', unwatched(definitions));
    const { code, stderr } = await this.hopline('apply', file);
    if (code !== 0) {
      throw new Error(`apply definitions: exit ${code}: ${stderr}`);
    }
    await this.ready();
  }

  /** Waits until the controller is ready and no service is degraded. */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_LIMIT;
    for (let last = 'it does not answer'; ; ) {
      const status = await this.status().catch((error: Error) => error);
      if (!(status instanceof Error)) {
        if (status.controller?.ready && status.loaded && status.services > 0 && status.degraded.length === 0) {
          return;
        }
        last = JSON.stringify(status);
      }
      if (!this.controller.running || Date.now() > deadline) {
        const cause = this.controller.running ? last : 'it ended';
        throw new Error(`wait for the controller: ${cause}; it wrote:\n${this.controller.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  status(): Promise<StatusView> {
    return this.#get('/status') as Promise<StatusView>;
  }

  counters(): Promise<CountersView> {
    return this.#get('/counters') as Promise<CountersView>;
  }

  devices(): Promise<readonly DeviceView[]> {
    return this.#get('/devices') as Promise<readonly DeviceView[]>;
  }

  pools(): Promise<readonly PoolView[]> {
    return this.#get('/pools') as Promise<readonly PoolView[]>;
  }

  /** Every event that is kept, oldest first. */
  events(): Promise<readonly ToldEvent[]> {
    return this.#get('/events') as Promise<readonly ToldEvent[]>;
  }

  /** A device that failed may work again. */
  async restore(device: string): Promise<void> {
    await this.#ask(`/devices/${device}/command`, 'POST', { command: 'restore' });
  }

  /** This member of a pool is to work. */
  async use(pool: string, member: string): Promise<void> {
    await this.#ask(`/pools/${encodeURIComponent(pool)}`, 'PUT', { member });
  }

  /** How often a verdict was passed ("DROP_WRONG_ORIGIN", as in maps/reasons.h), on all interfaces or one. */
  async verdict(reason: string, on?: string): Promise<number> {
    const { verdicts } = await this.counters();
    return verdicts
      .filter((row) => row.reason.toLowerCase() === reason.toLowerCase() && (on === undefined || row.interface === on))
      .reduce((sum, row) => sum + Number(row.packets), 0);
  }

  #get(path: string): Promise<unknown> {
    return this.#ask(path, 'GET');
  }

  #ask(path: string, method: string, body?: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      request({ socketPath: this.socket, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200) {
            resolve(JSON.parse(text));
          } else {
            reject(new Error(`ask the controller for ${path}: ${response.statusCode}: ${text}`));
          }
        });
      })
        .on('error', reject)
        .setTimeout(5_000, function timeout(this: { destroy: (error: Error) => void }) {
          this.destroy(new Error(`ask the controller for ${path}: no answer in 5 s`));
        })
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
