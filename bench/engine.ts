/** An engine of the bench's own, on the lanes of a bed. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../src/dataplane/index.ts';
import type { ChangeReport } from '../src/dataplane/types.ts';
import { readDefinitions } from '../src/model/read/read.ts';
import { readNetwork } from '../src/net/snapshot.ts';
import { allSteps, compile } from '../src/plan/compile.ts';
import { Registry } from '../src/plan/registry.ts';
import type { Lane } from './bed.ts';

/** Loaded and attached to both ends of a lane; `use` gives it definitions, and tables grow with them as they do for a user. */
export class BenchEngine {
  readonly engine: Engine;
  readonly lane: Lane;
  readonly #directory: string;

  private constructor(engine: Engine, lane: Lane, directory: string) {
    this.engine = engine;
    this.lane = lane;
    this.#directory = directory;
  }

  static async open(lane: Lane): Promise<BenchEngine> {
    const directory = mkdtempSync(join(tmpdir(), 'hopline-bench-'));
    const engine = await Engine.open({
      instance: `bench${process.pid}`,
      runDirectory: directory,
      objectPath: '.output/hopline.bpf.o',
      drainMs: 0,
    });
    for (const { engine: nic } of [lane.into, lane.out]) await engine.attach(nic, 'native');
    return new BenchEngine(engine, lane, directory);
  }

  /** @throws Error with the first problem of the definitions. */
  async use(definitions: string): Promise<ChangeReport> {
    const read = readDefinitions(definitions, 'bench.yaml');
    if (!read.ok) throw new Error(`read bench definitions: ${read.problems[0]?.message}`);
    const plan = compile(read.model, await readNetwork(), new Registry());
    if (plan.problems.length > 0) throw new Error(`compile bench definitions: ${plan.problems[0]}`);
    const report = await this.engine.sync(plan.fabric, allSteps(plan));
    await this.engine.settle();
    return report;
  }

  async close(): Promise<void> {
    await this.engine.destroy();
    rmSync(this.#directory, { recursive: true });
  }
}
