/** One case: definitions that compile, and frames that come in. The same seed and place give the same case. */
import type { Model } from '../../src/model/types.ts';
import { allSteps, compile } from '../../src/plan/compile.ts';
import type { NetworkState } from '../../src/plan/network.ts';
import { Registry } from '../../src/plan/registry.ts';
import type { Fabric, Steps } from '../../src/plan/types.ts';
import { type Definitions, randomDefinitions } from './definitions.ts';
import { type Arriving, randomPackets } from './packets.ts';
import { Random } from './random.ts';
import { makeTables, type Tables } from './tables.ts';

export interface Compiled {
  readonly definitions: Definitions;
  readonly fabric: Fabric;
  readonly steps: Steps;
  readonly tables: Tables;
}

export interface Case extends Compiled {
  readonly arriving: readonly Arriving[];
}

const MOST_ATTEMPTS = 200;

/** Undefined for definitions that the plan refuses. */
export function compileDefinitions(definitions: Definitions, network: NetworkState): Compiled | undefined {
  const known = { ...network, neighbours: new Map([...network.neighbours, ...definitions.neighbours]) };
  const plan = compile(definitions.model, known, new Registry());
  if (plan.problems.length > 0) {
    return undefined;
  }
  const steps = allSteps(plan);
  return { definitions, fabric: plan.fabric, steps, tables: makeTables(plan.fabric, steps) };
}

/** @throws Error when nothing random compiles. */
export function makeCase(seed: number, place: number, network: NetworkState, packets = 10): Case {
  const random = Random.ofCase(seed, place);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const compiled = compileDefinitions(randomDefinitions(random, network), network);
    if (compiled !== undefined && compiled.definitions.model.services.size > 0) {
      return { ...compiled, arriving: randomPackets(random, compiled.tables, packets) };
    }
  }
  throw new Error(`make case ${seed}/${place}: none of ${MOST_ATTEMPTS} random definitions compiled`);
}

/** Definitions as plain objects, for people. */
export function plainModel(model: Model): object {
  const { interfaces, devices, pools, services } = model;
  const plain = <T>(all: ReadonlyMap<string, T>): Record<string, T> => Object.fromEntries(all);
  return { interfaces: plain(interfaces), devices: plain(devices), pools: plain(pools), services: plain(services) };
}
