/** Makes a failing case small enough to be read: fewer frames, fewer definitions, plainer bytes. */
import type { Model, Service, Step } from '../../src/model/types.ts';
import type { Definitions } from './definitions.ts';
import type { Arriving } from './packets.ts';

export interface Shrinkable {
  readonly definitions: Definitions;
  readonly arriving: readonly Arriving[];
}

/** Whether a case still fails; false also for definitions that do not compile. */
export type Fails = (one: Shrinkable) => Promise<boolean>;

/** The smallest case found that still fails, with at most `attempts` tries. */
export async function shrink(failing: Shrinkable, fails: Fails, attempts = 2000): Promise<Shrinkable> {
  let best = failing;
  let left = attempts;
  for (let found = true; found && left > 0; ) {
    found = false;
    for (const candidate of smaller(best)) {
      left -= 1;
      if (left <= 0) {
        break;
      }
      if (await fails(candidate)) {
        best = candidate;
        found = true;
        break;
      }
    }
  }
  return best;
}

function* smaller(one: Shrinkable): Generator<Shrinkable> {
  for (const arriving of without(one.arriving)) {
    yield { ...one, arriving };
  }
  for (const model of smallerModels(one.definitions.model)) {
    yield { ...one, definitions: { ...one.definitions, model } };
  }
  for (const [place, packet] of one.arriving.entries()) {
    for (const frame of plainer(packet.frame)) {
      yield { ...one, arriving: one.arriving.with(place, { ...packet, frame }) };
    }
  }
}

/** One element less; halves first where there are many. */
function* without<T>(all: readonly T[]): Generator<T[]> {
  if (all.length > 3) {
    const half = Math.floor(all.length / 2);
    yield all.slice(0, half);
    yield all.slice(half);
  }
  for (const place of all.keys()) {
    yield all.filter((_, other) => other !== place);
  }
}

function* smallerModels(model: Model): Generator<Model> {
  for (const services of withoutNamed(model.services)) {
    yield { ...model, services };
  }
  const named = namesUsed(model);
  for (const part of ['devices', 'pools', 'interfaces'] as const) {
    for (const name of model[part].keys()) {
      if (!named.has(name)) {
        yield {
          ...model,
          [part]: new Map([...(model[part] as ReadonlyMap<string, unknown>)].filter(([other]) => other !== name)),
        };
      }
    }
  }
  yield* smallerPools(model);
  for (const device of model.devices.values()) {
    if (device.answeredBy.length > 0) {
      yield { ...model, devices: new Map([...model.devices, [device.name, { ...device, answeredBy: [] }]]) };
    }
  }
  for (const service of model.services.values()) {
    for (const next of smallerServices(service, model)) {
      yield { ...model, services: new Map([...model.services, [service.name, next]]) };
    }
  }
  for (const segment of model.interfaces.values()) {
    for (const gateways of without(segment.gateways)) {
      yield { ...model, interfaces: new Map([...model.interfaces, [segment.name, { ...segment, gateways }]]) };
    }
  }
}

function* smallerPools(model: Model): Generator<Model> {
  for (const pool of model.pools.values()) {
    for (const members of without(pool.members)) {
      if (members.includes(pool.active)) {
        yield { ...model, pools: new Map([...model.pools, [pool.name, { ...pool, members }]]) };
      }
    }
  }
}

function* withoutNamed<T>(all: ReadonlyMap<string, T>): Generator<Map<string, T>> {
  for (const rest of without([...all])) {
    yield new Map(rest);
  }
}

function namesUsed(model: Model): Set<string> {
  const services = [...model.services.values()];
  const steps = services.flatMap((service) => [...service.sequence, ...(service.return ?? [])]);
  const devices = [...model.devices.values()];
  return new Set([
    ...steps.flatMap((step) => (step.kind === 'copy' ? step.to : [step.target])),
    ...services.flatMap(({ from, exit }) =>
      [...from, exit].map((party) => (party && 'name' in party ? party.name : '')),
    ),
    ...[...model.pools.values()].flatMap(({ members }) => members),
    ...devices.flatMap(({ outside, inside, answeredBy }) => [outside.interface, inside.interface, ...answeredBy]),
  ]);
}

function* smallerServices(service: Service, { pools }: Model): Generator<Service> {
  for (const sequence of without(service.sequence)) {
    if (sequence.some((step) => step.kind === 'through')) {
      yield { ...service, sequence };
    }
  }
  for (const [place, step] of service.sequence.entries()) {
    for (const plainer of plainerSteps(step, pools)) {
      yield { ...service, sequence: service.sequence.with(place, plainer) };
    }
  }
  if (service.addresses.length > 1) {
    yield { ...service, addresses: service.addresses.slice(0, 1) };
    yield { ...service, addresses: service.addresses.slice(1) };
  }
  if (service.from.length > 1) {
    yield { ...service, from: service.from.slice(0, 1) };
    yield { ...service, from: service.from.slice(1) };
  }
  const { exit, return: back, ...rest } = service;
  if (exit !== undefined) {
    yield { ...rest, ...(back === undefined ? {} : { return: back }) };
  }
  if (back !== undefined) {
    yield { ...rest, ...(exit === undefined ? {} : { exit }) };
  }
}

function* plainerSteps(step: Step, pools: Model['pools']): Generator<Step> {
  if (step.kind === 'copy') {
    for (const to of without(step.to)) {
      yield* to.length > 0 ? [{ ...step, to }] : [];
    }
    return;
  }
  if (step.isPool) {
    for (const target of pools.get(step.target)?.members ?? []) {
      yield { ...step, target, isPool: false };
    }
  }
  if (step.port !== undefined || step.reveals !== undefined) {
    const { port: _, reveals: __, ...bare } = step;
    yield bare;
  }
}

const CHUNKS = [512, 128, 32, 8, 4, 2, 1];
const HEADER = 14;

/** Shorter, or with zeros where there were none. */
function* plainer(frame: Uint8Array): Generator<Uint8Array> {
  for (const size of CHUNKS) {
    if (frame.length - size >= HEADER) {
      yield frame.slice(0, frame.length - size);
    }
  }
  for (const size of CHUNKS) {
    for (let at = frame.length - size; at >= HEADER; at -= size) {
      if (frame.subarray(at, at + size).some((byte) => byte !== 0)) {
        yield Uint8Array.from(frame, (byte, place) => (place >= at && place < at + size ? 0 : byte));
      }
    }
  }
}
