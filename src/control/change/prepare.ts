import type { ChangeReport } from '../../api-types/change-report.ts';
import { Failure } from '../../api-types/failure.ts';
import type { Inspector, ChangeReport as TableChanges, Writer } from '../../dataplane/types.ts';
import { changedServices, changeServices, type ServiceChange } from '../../plan/change.ts';
import { allSteps, compile, type Plan } from '../../plan/compile.ts';
import { diffSteps } from '../../plan/diff.ts';
import type { Registry } from '../../plan/registry.ts';
import type { PoolLegs, PoolTargets } from '../../plan/targets.ts';
import type { Fabric } from '../../plan/types.ts';
import { unlikePools } from '../overrides/modes.ts';
import { restoreRegistry } from '../state/registry-store.ts';
import type { State } from '../state/state.ts';

/** With more services changed than this, everything is compiled: it is faster. */
const MANY = 2000;

/** A plan that may be published, and how. */
export interface Candidate {
  /** Writes the tables. `moved`: legs of pool words that have moved since it was prepared. */
  store(engine: Writer, moved?: ReadonlyMap<string, PoolLegs>): Promise<TableChanges>;
  /** The plan in force after `store`; the one before is used up. */
  commit(): Plan;
}

/** What is to be in force. */
export type Wanted = Pick<State, 'model' | 'network'> & { readonly targets: PoolTargets };

/**
 * Compiles definitions against the plan in force: only the services that differ (`only`, where it is known) when
 * nothing else does.
 * @throws Failure refused, with every problem the plan found.
 */
export function prepare(
  wanted: Wanted,
  plan: Plan | undefined,
  registry: Registry,
  only?: readonly ServiceChange[],
): Candidate {
  const { model, network, targets } = wanted;
  refuse(unlikePools(model));
  if (plan === undefined || model.pools.size !== plan.model.pools.size) return prepareAll(wanted, registry);
  const changes = only ?? changedServices(plan.model, model);
  if (changes === undefined || changes.length > MANY) return prepareAll(wanted, registry);
  const change = changeServices(plan, model, network, changes, targets);
  refuse(change.problems);
  return {
    store: (engine, moved) => engine.change(turned(change.fabric, moved), change.before, change.after),
    commit: () => change.commit(),
  };
}

function prepareAll({ model, network, targets }: Wanted, registry: Registry): Candidate {
  const plan = compile(model, network, registry, targets);
  refuse(plan.problems);
  return { store: (engine, moved) => engine.sync(turned(plan.fabric, moved), allSteps(plan)), commit: () => plan };
}

function turned(fabric: Fabric, moved: ReadonlyMap<string, PoolLegs> | undefined): Fabric {
  if (moved === undefined || moved.size === 0) return fabric;
  return { ...fabric, pools: fabric.pools.map((pool) => ({ ...pool, ...moved.get(pool.name) })) };
}

/** How many table entries publishing would touch. @throws Failure refused. */
export function preview(
  { model, network }: Pick<State, 'model' | 'network'>,
  engine: Inspector | undefined,
): ChangeReport['steps'] {
  refuse(unlikePools(model));
  const plan = compile(model, network, restoreRegistry(engine));
  refuse(plan.problems);
  const before = engine?.steps() ?? { words: new Uint32Array(), count: 0, ranges: new Map() };
  const { create, replace, remove } = diffSteps(before, allSteps(plan));
  return { created: create.length, replaced: replace.length, removed: remove.length };
}

/** @throws Failure when there is a problem. */
export function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new Failure('refused', 'the definitions cannot be carried out; nothing was changed', problems);
}
