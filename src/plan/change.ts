import type { Model, Pool, Service } from '../model/types.ts';
import { describeAmbiguity, findOverlaps, sameMeaning } from './ambiguity.ts';
import { StepBuffer } from './buffer.ts';
import { compileApart, localNeeds, localProblems, type Plan, Problems, type ServiceSteps } from './compile.ts';
import { compileFabric, fabricProblems } from './fabric.ts';
import type { NetworkState } from './network.ts';
import { findTakeovers } from './overlap.ts';
import { type AssignedPlaces, assignPlaces } from './places.ts';
import type { StepSet } from './set.ts';
import { NO_TARGETS, type PoolTargets } from './targets.ts';
import type { Fabric, StepAt, Steps } from './types.ts';

/** A small change of a plan: what it takes away and brings, before anything is stored anywhere. */
export interface PlanChange {
  readonly before: Steps;
  readonly after: Steps;
  readonly fabric: Fabric;
  /** Why this must not be published. */
  readonly problems: readonly string[];
  /** The plan as it is afterwards: call it once, when the change is in force; the old plan is used up by it. */
  commit(): Plan;
}

export interface ServiceChange {
  readonly before?: Service;
  readonly after?: Service;
}

/**
 * Which services differ between two models. Undefined where an interface, a device or the members of a pool are others
 * than before, or how they are judged: then everything has to be compiled. Devices and pools may be new, and any member may be active. Values
 * that are the same object are not compared.
 */
export function changedServices(before: Model, after: Model): ServiceChange[] | undefined {
  if (!hasAll(after.interfaces, before.interfaces) || after.interfaces.size > before.interfaces.size) return undefined;
  if (!hasAll(after.devices, before.devices)) return undefined;
  if (changesWords(before, after)) return undefined;
  const changes: ServiceChange[] = [];
  for (const [name, service] of before.services) {
    const other = after.services.get(name);
    if (other === undefined) changes.push({ before: service });
    else if (!equal(service, other)) changes.push({ before: service, after: other });
  }
  for (const [name, service] of after.services) if (!before.services.has(name)) changes.push({ after: service });
  return changes;
}

/** Whether pools or the words of pools that other services use are others than before. */
function changesWords(before: Model, after: Model): boolean {
  for (const [name, pool] of before.pools) {
    const other = after.pools.get(name);
    if (other === undefined ? pool.health !== undefined : !equal(wordsOf(pool), wordsOf(other))) return true;
  }
  for (const [name, { health }] of after.pools) if (health !== undefined && !before.pools.has(name)) return true;
  // Who is answered for by somebody is no longer judged.
  for (const [name, { answeredBy }] of after.devices)
    if (answeredBy.length > 0 && !before.devices.has(name)) return true;
  return false;
}

function wordsOf({ members, allDown, health }: Pool): object {
  return { members, allDown, health };
}

/**
 * Compiles the services of {@link changedServices} and nothing else.
 */
export function changeServices(
  plan: Plan,
  model: Model,
  network: NetworkState,
  changes: readonly ServiceChange[],
  targets: PoolTargets = NO_TARGETS,
): PlanChange {
  const problems = new Problems();
  const next = { ...plan, model, places: placesOf(plan, model) };
  const gone = compileApart(
    changes.flatMap(({ before }) => before ?? []),
    plan,
    new Problems(),
  );
  const come = compileApart(
    changes.flatMap(({ after }) => after ?? []),
    next,
    problems,
  );
  findAmbiguities(next, gone, come, problems);
  // Try what shared steps and uses come to, and take it back: nothing counts before the commit.
  const shared = plan.shared.exchange(gone.needs, come.needs);
  plan.shared.exchange(come.needs, gone.needs);
  for (const message of localProblems(shared.after)) problems.add(message);
  plan.uses.exchange(gone.uses, come.uses);
  const fabric = compileFabric(
    model,
    network,
    { ...next, targets },
    {
      names: plan.fabric.names,
      came: changes.flatMap(({ before, after }) => (before === undefined ? (after?.name ?? []) : [])),
      gone: changes.flatMap(({ before, after }) => (after === undefined ? (before?.name ?? []) : [])),
    },
  );
  for (const message of fabricProblems(fabric, next.places)) problems.add(message);
  plan.uses.exchange(come.uses, gone.uses);
  plan.uses.prune();
  const placed = next.places.words.prune(plan.uses);
  return {
    before: joined(gone.steps.steps, shared.before),
    after: joined(come.steps.steps, shared.after),
    fabric,
    problems: problems.list(),
    commit: () => {
      exchange(plan.services, gone.steps.steps, come.steps.steps);
      plan.shared.exchange(gone.needs, come.needs);
      plan.uses.exchange(gone.uses, come.uses);
      plan.uses.prune();
      next.places.words.restore(placed);
      next.places.words.prune(plan.uses);
      return { ...next, fabric, problems: [] };
    },
  };
}

/** The same definitions in another network: MACs, NICs and own addresses; no step of a service changes. */
export function changeNetwork(plan: Plan, network: NetworkState, targets: PoolTargets = NO_TARGETS): PlanChange {
  const locals = localNeeds(network);
  const shared = plan.shared.exchange(plan.locals, locals);
  plan.shared.exchange(locals, plan.locals);
  const fabric = compileFabric(
    plan.model,
    network,
    { ...plan, targets },
    { names: plan.fabric.names, came: [], gone: [] },
  );
  return {
    ...shared,
    fabric,
    problems: [...localProblems(shared.after), ...fabricProblems(fabric, plan.places)],
    commit: () => {
      plan.shared.exchange(plan.locals, locals);
      return { ...plan, locals, fabric };
    },
  };
}

/** Numbers of what services refer to: those of before while that is the same. */
function placesOf(plan: Plan, model: Model): AssignedPlaces {
  const { interfaces, devices, pools } = plan.model;
  const isSame = model.interfaces === interfaces && model.devices === devices && model.pools === pools;
  return isSame ? plan.places : assignPlaces(model, plan.registry, plan.places);
}

function findAmbiguities(plan: Plan, gone: ServiceSteps, come: ServiceSteps, problems: Problems): void {
  const { services, registry, places } = plan;
  const steps = come.steps.steps;
  for (let place = 0; place < steps.count; place++) {
    const other = services.find(steps, place);
    if (other < 0 || gone.steps.find(services.steps, other) >= 0) continue;
    const [one, two] = [
      { steps, place },
      { steps: services.steps, place: other },
    ];
    if (!sameMeaning(one, two)) problems.add(() => describeAmbiguity(one, two, registry, places));
  }
  const isLeaving = (place: number): boolean => gone.steps.find(services.steps, place) >= 0;
  for (const [one, other] of findOverlaps(steps, services.steps, isLeaving)) {
    problems.add(() => describeAmbiguity(one, other, registry, places));
  }
  const stays = ({ steps: those, place }: StepAt): boolean => those !== services.steps || !isLeaving(place);
  for (const [some, others] of [
    [come.steps, come.steps],
    [come.steps, services],
    [services, come.steps],
  ] as const) {
    for (const [one, other] of findTakeovers(some, others, plan)) {
      if (stays(one) && stays(other)) problems.add(() => describeAmbiguity(one, other, registry, places));
    }
  }
}

function exchange(set: StepSet, gone: StepBuffer, come: StepBuffer): void {
  for (let place = 0; place < gone.count; place++) {
    const mine = set.find(gone, place);
    if (mine >= 0) set.remove(mine);
  }
  for (let place = 0; place < come.count; place++) {
    set.steps.copy(come, place);
    if (set.addLast() >= 0) set.steps.pop();
  }
}

function joined(one: Steps, other: Steps): Steps {
  const steps = new StepBuffer(one.count + other.count);
  for (const part of [one, other]) for (let place = 0; place < part.count; place++) steps.copy(part, place);
  return steps;
}

/** Whether everything of `some` is in `all`, and the same. */
function hasAll<T>(all: ReadonlyMap<string, T>, some: ReadonlyMap<string, T>): boolean {
  for (const [name, value] of some) if (!equal(value, all.get(name))) return false;
  return true;
}

/** Plain values: objects, arrays, primitives. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  if (keys.length !== others.length) return false;
  return keys.every((key) => equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
