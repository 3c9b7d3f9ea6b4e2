import type { Model } from '../model/types.ts';
import { NameKind } from '../terms/constants.ts';
import type { AssignedPlaces } from './places.ts';
import { fitName, type Registry } from './registry.ts';
import type { LegPlan, NamePlan } from './types.ts';
import type { Uses } from './uses.ts';

interface NamesContext {
  readonly places: AssignedPlaces;
  readonly registry: Registry;
  readonly uses: Uses;
}

/** Names of the plan before, and the services that came and went since: names of 100,000 services are not made anew for one. */
export interface NamesBefore {
  readonly names: readonly NamePlan[];
  readonly came: readonly string[];
  readonly gone: readonly string[];
}

/** What every number means; the services come last. */
export function compileNames(model: Model, legs: readonly LegPlan[], context: NamesContext): NamePlan[] {
  const names = fabricNames(legs, context);
  for (const name of model.services.keys()) names.push(serviceName(name, context.registry));
  return names;
}

/** The same after a change of services; `before.names` itself where no name is another one. */
export function changeNames(before: NamesBefore, legs: readonly LegPlan[], context: NamesContext): readonly NamePlan[] {
  const fabric = fabricNames(legs, context);
  const first = before.names.findIndex(({ kind }) => kind === NameKind.NAME_SERVICE);
  const services = first < 0 ? [] : before.names.slice(first);
  const isSame =
    before.came.length + before.gone.length === 0 &&
    fabric.length + services.length === before.names.length &&
    fabric.every((name, i) => sameName(name, before.names[i]!));
  if (isSame) return before.names;
  const gone = new Set(before.gone.map(fitName));
  const kept = gone.size === 0 ? services : services.filter(({ name }) => !gone.has(name));
  return fabric.concat(
    kept,
    before.came.map((name) => serviceName(name, context.registry)),
  );
}

function fabricNames(legs: readonly LegPlan[], { places, uses }: NamesContext): NamePlan[] {
  const names: NamePlan[] = [];
  const add = (kind: number, id: number, name: string): void => void names.push({ kind, id, name: fitName(name) });
  for (const [nic, number] of places.nics) add(NameKind.NAME_INTERFACE, number, nic);
  for (const { leg, name } of legs) add(NameKind.NAME_LEG, leg, name);
  for (const [name, { pool }] of places.words.needed(uses)) add(NameKind.NAME_POOL, pool, name);
  for (const { copyset, name } of uses.copysets) add(NameKind.NAME_COPYSET, copyset, name);
  return names;
}

function serviceName(name: string, registry: Registry): NamePlan {
  return { kind: NameKind.NAME_SERVICE, id: registry.number('service', name), name: fitName(name) };
}

function sameName(a: NamePlan, b: NamePlan): boolean {
  return a.kind === b.kind && a.id === b.id && a.name === b.name;
}
