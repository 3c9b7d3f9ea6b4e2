import type { Model, Service } from '../model/types.ts';
import { formatAddress } from '../terms/address.ts';
import { Known } from '../terms/constants.ts';
import { describeAmbiguity, findOverlaps, sameMeaning } from './ambiguity.ts';
import { StepBuffer, type StepFields } from './buffer.ts';
import { compileFabric, fabricProblems, localAddresses } from './fabric.ts';
import type { NetworkState } from './network.ts';
import { findTakeovers } from './overlap.ts';
import { type AssignedPlaces, assignPlaces } from './places.ts';
import type { Registry } from './registry.ts';
import { compileService } from './service.ts';
import { StepSet } from './set.ts';
import { Shared, type SharedNeed } from './shared.ts';
import type { Sink } from './sink.ts';
import { NO_TARGETS, type PoolTargets } from './targets.ts';
import type { StepAt } from './types.ts';
import { type Fabric, IMAGE_WORDS, type Steps } from './types.ts';
import { Uses } from './uses.ts';

/** More than these say nothing new. */
const MAX_PROBLEMS = 20;

/** Definitions compiled as a whole; {@link changeServices} goes on from here. */
export interface Plan {
  readonly model: Model;
  readonly places: AssignedPlaces;
  readonly uses: Uses;
  readonly registry: Registry;
  readonly fabric: Fabric;
  /** Steps of the services, found by key. */
  readonly services: StepSet;
  /** KNOWN and ANSWER steps. */
  readonly shared: Shared;
  readonly locals: readonly SharedNeed[];
  /** Why this must not be published, as sentences; empty when it may. */
  readonly problems: readonly string[];
}

/**
 * Compiles everything. Never throws for what definitions say: see `problems`.
 * @param targets whom pool words use now, where it is not the active member.
 */
export function compile(
  model: Model,
  network: NetworkState,
  registry: Registry,
  targets: PoolTargets = NO_TARGETS,
): Plan {
  const places = assignPlaces(model, registry);
  const uses = new Uses(registry);
  const problems = new Problems();
  const services = new StepSet(new StepBuffer(Math.max(model.services.size * 8, 64)));
  const shared = new Shared();
  const locals = localNeeds(network);
  for (const need of locals) shared.add(need);
  const sink: Sink = {
    step: (fields) =>
      addStep(services, fields, (one, other) => problems.add(() => describeAmbiguity(one, other, registry, places))),
    known: (address, known) => shared.add({ address, origin: 0, known }),
    answer: (address, segment) => shared.add({ address, origin: segment, known: 0 }),
    problem: (message) => problems.add(message),
  };
  const context = { places, registry, uses };
  for (const service of model.services.values()) compileService(service, context, sink);
  for (const [one, other] of findOverlaps(services.steps, undefined, () => false)) {
    problems.add(() => describeAmbiguity(one, other, registry, places));
  }
  for (const [one, other] of findTakeovers(services, services, { model, places, registry })) {
    problems.add(() => describeAmbiguity(one, other, registry, places));
  }
  for (const message of localProblems(shared.steps)) problems.add(message);
  const fabric = compileFabric(model, network, { ...context, targets });
  for (const message of fabricProblems(fabric, places)) problems.add(message);
  return { model, places, uses, registry, fabric, services, shared, locals, problems: problems.list() };
}

/** All steps of a plan in one array. */
export function allSteps({ services, shared }: Plan): Steps {
  const [own, common] = [services.steps, shared.steps];
  const words = new Uint32Array((own.count + common.count) * IMAGE_WORDS);
  words.set(own.words.subarray(0, own.count * IMAGE_WORDS));
  words.set(common.words.subarray(0, common.count * IMAGE_WORDS), own.count * IMAGE_WORDS);
  return { words, count: own.count + common.count, ranges: own.ranges };
}

/** Steps of one service, kept apart: what a change takes away or brings. */
export interface ServiceSteps {
  readonly uses: Uses;
  readonly steps: StepSet;
  readonly needs: readonly SharedNeed[];
}

/** Compiles some services by themselves. */
export function compileApart(
  changed: readonly Service[],
  context: { readonly places: AssignedPlaces; readonly registry: Registry },
  problems: Problems,
): ServiceSteps {
  const steps = new StepSet(new StepBuffer());
  const needs: SharedNeed[] = [];
  const uses = new Uses(context.registry);
  const ambiguous = (one: StepAt, other: StepAt): void =>
    problems.add(() => describeAmbiguity(one, other, context.registry, context.places));
  const sink: Sink = {
    step: (fields) => addStep(steps, fields, ambiguous),
    known: (address, known) => void needs.push({ address, origin: 0, known }),
    answer: (address, segment) => void needs.push({ address, origin: segment, known: 0 }),
    problem: (message) => problems.add(message),
  };
  for (const service of changed) compileService(service, { ...context, uses }, sink);
  return { steps, needs, uses };
}

/** Sentences, each once, and only so many; of the rest the number. */
export class Problems {
  readonly #seen = new Set<string>();
  #more = 0;

  /** A sentence, or what makes it: not called any more when there are enough. */
  add(message: string | (() => string)): void {
    if (this.#seen.size === MAX_PROBLEMS) this.#more++;
    else this.#seen.add(typeof message === 'string' ? message : message());
  }

  list(): string[] {
    return this.#more === 0 ? [...this.#seen] : [...this.#seen, `and ${this.#more} more like these`];
  }
}

export function localNeeds(network: NetworkState): SharedNeed[] {
  return localAddresses(network).map((address) => ({ address, origin: 0, known: Known.KNOWN_LOCAL }));
}

/** An address cannot be both the engine's own and one whose packets go to devices. */
export function localProblems(shared: Steps): string[] {
  const problems: string[] = [];
  for (let at = 0; at < shared.count * IMAGE_WORDS; at += IMAGE_WORDS) {
    const known = shared.words[at + 11]! >>> 8;
    if (known & Known.KNOWN_LOCAL && known !== Known.KNOWN_LOCAL) {
      const what = known & Known.KNOWN_SERVICE ? 'a service' : 'a device';
      problems.push(
        `compile ${formatAddress(shared.words, at)}: it is the engine's own and the address of ${what} (take it off the engine's interface, or use another)`,
      );
    }
  }
  return problems;
}

function addStep(set: StepSet, fields: StepFields, ambiguous: (one: StepAt, other: StepAt) => void): void {
  const { steps } = set;
  const place = steps.push(fields);
  const other = set.addLast();
  if (other < 0) return;
  const [one, two] = [
    { steps, place },
    { steps, place: other },
  ];
  if (!sameMeaning(one, two)) ambiguous(one, two);
  steps.pop();
}
