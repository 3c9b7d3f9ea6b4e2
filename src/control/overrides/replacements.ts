import { Failure, Missing } from '../../api-types/failure.ts';
import type { Replacements } from '../../api-types/operations.ts';
import { checkMembers } from '../../model/build/pools.ts';
import type { Model, Party, Pool, Service, Step } from '../../model/types.ts';
import { targetsOf } from '../../views/describe.ts';

/** Those that still count under these definitions: both devices are there. */
export function keptReplacements(replacements: Replacements, { devices }: Model): Replacements {
  return Object.fromEntries(Object.entries(replacements).filter(([old, by]) => devices.has(old) && devices.has(by)));
}

/** The definitions with the stand-ins in: what is compiled. What names none of the replaced stays the same object. */
export function withReplacements(model: Model, replacements: Replacements): Model {
  if (Object.keys(replacements).length === 0) return model;
  const pools = new Map([...model.pools].map(([name, pool]) => [name, inPool(pool, replacements)]));
  const services = new Map([...model.services].map(([name, service]) => [name, inService(service, replacements)]));
  return { ...model, pools, services };
}

/** Names of services that reach a device, by themselves or by a pool, or are opened by it. */
export function usersOf(model: Model, device: string): readonly string[] {
  const targets = new Set([device]);
  for (const { name, members } of model.pools.values()) if (members.includes(device)) targets.add(name);
  const uses = (service: Service): boolean =>
    [...targetsOf(service)].some((target) => targets.has(target)) ||
    partiesOf(service).some(({ kind, name }) => kind === 'device' && name === device);
  return [...model.services.values()].filter(uses).map(({ name }) => name);
}

/**
 * The replacements with one more.
 * @throws Failure where `by` is not there or not like `device`, where one of them is replaced or stands in already, or
 * where a service would go through `by` twice.
 */
export function replace(replacements: Replacements, model: Model, device: string, by: string): Replacements {
  const what = `replace ${device}`;
  for (const name of [device, by]) {
    if (!model.devices.has(name)) throw new Missing(`${what}: there is no device ${name} (hopline device list)`);
  }
  if (device === by) throw new Failure('refused', `${what}: by itself? (name the one that is to take over)`);
  const taken = [device, by].find((name) => replacements[name] !== undefined);
  if (taken !== undefined) {
    const who = `${taken} is replaced by ${replacements[taken]} already`;
    throw new Failure('refused', `${what}: ${who} (hopline device restore ${taken})`);
  }
  checkMembers(
    what,
    [device, by],
    () => [],
    model.devices,
    ({ message }) => {
      const cure = 'who stands in has the same kind, mode, way of forwarding and number of legs';
      throw new Failure('refused', `${message} (${cure})`);
    },
  );
  const both = [...model.services.values()].find((service) => meets(service, model, device, by));
  if (both !== undefined) {
    throw new Failure('refused', `${what}: service ${both.name} uses ${by} already (change the service first)`);
  }
  return { ...replacements, [device]: by };
}

/** Whether a service that names `device` itself has packets at `by` too. */
function meets(service: Service, model: Model, device: string, by: string): boolean {
  const targets = targetsOf(service);
  if (!targets.has(device)) return false;
  return [...targets].some((target) => target === by || model.pools.get(target)?.members.includes(by));
}

/** A pool of both turns by itself: there nothing is written anew. */
function inPool(pool: Pool, replacements: Replacements): Pool {
  const other = (name: string): string => {
    const by = replacements[name];
    return by === undefined || pool.members.includes(by) ? name : by;
  };
  if (pool.members.every((name) => other(name) === name)) return pool;
  return { ...pool, members: pool.members.map(other), active: other(pool.active) };
}

function inService(service: Service, replacements: Replacements): Service {
  const named = [...targetsOf(service), ...partiesOf(service).map(({ name }) => name)];
  if (!named.some((name) => replacements[name] !== undefined)) return service;
  const other = (name: string): string => replacements[name] ?? name;
  const party = (each: Party): Party => (each.kind === 'device' ? { ...each, name: other(each.name) } : each);
  const step = (each: Step): Step => {
    if (each.kind === 'copy') return { ...each, to: each.to.map(other) };
    return each.isPool ? each : { ...each, target: other(each.target) };
  };
  const { exit } = service;
  return {
    ...service,
    from: service.from.map(party),
    sequence: service.sequence.map(step),
    ...(service.return && { return: service.return.map(step) }),
    ...(exit && { exit: exit.kind === 'route' ? exit : party(exit) }),
  };
}

function partiesOf({ from, exit }: Service): readonly Party[] {
  return exit === undefined || exit.kind === 'route' ? from : [...from, exit];
}
