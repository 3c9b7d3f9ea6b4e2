import type { Model, Service, Step } from '../model/types.ts';
import type { Difference, FieldDifference } from '../terms/difference.ts';
import { describeParty, describePorts, describeProtocol, describeStep } from './describe.ts';

/** What probes log in with is not shown, only that it is another. */
const SECRET = /(^|\.)(password|secret|community|key)$/;

const KINDS = ['interfaces', 'devices', 'pools'] as const;
const NOUNS = { interfaces: 'interface', devices: 'device', pools: 'pool' } as const;

/** What differs beside services, in the order of the definitions. */
export function otherDifferences(before: Model, after: Model): readonly Difference[] {
  const things = KINDS.flatMap((kind) => {
    const [old, now]: readonly ReadonlyMap<string, object>[] = [before[kind], after[kind]];
    const names = [...new Set([...now!.keys(), ...old!.keys()])];
    return names.flatMap((name) => compare(NOUNS[kind], name, old!.get(name), now!.get(name), fieldsOf) ?? []);
  });
  const health = compare('health', 'all', before.health ?? {}, after.health ?? {}, fieldsOf);
  return [...things, ...(health === undefined ? [] : [health])];
}

/** What differs of one service; undefined where nothing does. */
export function serviceDifference(before: Service | undefined, after: Service | undefined): Difference | undefined {
  return compare('service', (after ?? before)?.name ?? '', before, after, serviceFields);
}

/** "port 80 -> 8080", for one line. */
export function differenceText({ kind, name, change, fields }: Difference): string {
  if (change !== 'changed') return `${kind} ${name} ${change}`;
  const parts = fields.map(({ field, before, after }) => `${field} ${before ?? 'none'} -> ${after ?? 'none'}`);
  return `${kind === 'health' ? 'health' : `${kind} ${name}`}: ${parts.join(', ')}`;
}

type Fields = ReadonlyMap<string, string>;

function compare<Thing extends object>(
  kind: Difference['kind'],
  name: string,
  before: Thing | undefined,
  after: Thing | undefined,
  read: (thing: Thing) => Fields,
): Difference | undefined {
  if (before === after) return undefined;
  if (before !== undefined && after !== undefined && JSON.stringify(before) === JSON.stringify(after)) return undefined;
  const [old, now] = [before, after].map((thing) => (thing === undefined ? new Map<string, string>() : read(thing)));
  const names = [...new Set([...now!.keys(), ...old!.keys()])];
  const isSame = (field: string): boolean => old!.get(field) === now!.get(field);
  return {
    kind,
    name,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    fields: names.filter((field) => !isSame(field)).map((field) => different(field, old!.get(field), now!.get(field))),
    same: names.filter(isSame).map((field) => ({ field, value: shown(field, now!.get(field)!) })),
  };
}

function different(field: string, before: string | undefined, after: string | undefined): FieldDifference {
  return {
    field,
    ...(before !== undefined && { before: shown(field, before) }),
    ...(after !== undefined && {
      after: SECRET.test(field) && before !== undefined ? '(hidden, another)' : shown(field, after),
    }),
  };
}

const shown = (field: string, value: string): string => (SECRET.test(field) ? '(hidden)' : value);

function serviceFields(service: Service): Fields {
  const { customer, addresses, protocol, ports, outward, from, exit, sequence, return: back } = service;
  const exitText = exit === undefined ? undefined : exit.kind === 'route' ? 'route' : exit.name;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['customer', customer],
    ['address', addresses.join(', ')],
    ['protocol', describeProtocol(protocol)],
    ['port', describePorts(ports)],
    ['outward', outward ? 'true' : undefined],
    ['from', from.map(describeParty).join(', ')],
    ['exit', exitText],
    ['sequence', sequence.map(stepText).join(' > ')],
    ['return', back?.map(stepText).join(' > ')],
  ];
  return new Map(fields.flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const])));
}

/** A step with everything that is said of it. */
function stepText(step: Step): string {
  if (step.kind === 'copy') return `${describeStep(step)} (answers: ${step.answers})`;
  const { kind: _, target: __, isPool: ___, port: ____, ...rest } = step;
  const more = [...leaves(rest, '')].map(([field, value]) => `${field}: ${value}`);
  return more.length === 0 ? describeStep(step) : `${describeStep(step)} (${more.join(', ')})`;
}

/** Every leaf under its path, as "outside.mac". The name and what follows from other fields is left out. */
function fieldsOf(thing: object): Fields {
  const { name: _, oneLegged, inside, ...rest } = thing as Record<string, unknown>;
  const given = inside === undefined || oneLegged === true ? rest : { ...rest, inside };
  const fields = new Map(leaves(given, ''));
  // A leg has its device's address where it says nothing else.
  for (const leg of ['outside.address', 'inside.address']) {
    if (fields.get(leg) === fields.get('address')) fields.delete(leg);
  }
  return fields;
}

function* leaves(value: unknown, path: string): Generator<readonly [string, string]> {
  if (value === undefined) return;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    if (value.length > 0) yield [path, value.join(', ')];
  } else if (typeof value === 'object' && value !== null) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    for (const [key, each] of entries) yield* leaves(each, path === '' ? key : `${path}.${key}`);
  } else yield [path, String(value)];
}
