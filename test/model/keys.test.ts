/** What is defined has an effect, or is refused: for every key of the schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deriveHealth } from '../../src/health/derive/derive.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { jsonSchema } from '../../src/model/schema/json-schema.ts';
import type { Model } from '../../src/model/types.ts';
import { wantedNeighbours } from '../../src/net/wanted.ts';
import { compile } from '../../src/plan/compile.ts';
import { Registry } from '../../src/plan/registry.ts';
import { linesOf, network } from '../plan/models.ts';
import { BASE, BEFORE, KEYS } from './keys.ts';
import { NEEDED, OPTIONS, RULES } from './keys-health.ts';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** Every key, as "devices.*.legs.outside.mac"; keys `x-...` of the file are for whatever people like. */
function keysOf(root: Schema): string[] {
  const keys = new Set<string>();
  const walk = (schema: Schema, path: string): void => {
    if (schema.$ref !== undefined) walk(root.$defs![schema.$ref.split('/').at(-1)!]!, path);
    for (const each of schema.anyOf ?? []) walk(each, path);
    for (const [key, each] of Object.entries(schema.properties ?? {})) {
      const at = path === '' ? key : `${path}.${key}`;
      keys.add(at);
      walk(each, at);
    }
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${path}.*`);
    if (schema.items !== undefined) walk(schema.items, `${path}[]`);
  };
  walk(root, '');
  return [...keys];
}

const NIC_NAMES = ['i0', 'i1', 'i2', 'i3', 'eth9'];
const NETWORK = network(NIC_NAMES, { 'i0 192.0.2.1': '02:00:00:00:0a:01', 'i0 192.0.2.9': '02:00:00:00:0a:09' });

/** Everything that follows from definitions, as a text; or why they are refused. */
function outcome(text: string): { readonly follows: string } | { readonly refused: string } {
  const result = readDefinitions(text, 'a.yaml');
  if (!result.ok) return { refused: result.problems.map(({ message }) => message).join('\n') };
  const { model } = result;
  const registry = new Registry();
  const { services, shared, fabric, problems } = compile(model, NETWORK, registry);
  const all = {
    steps: [linesOf(services.steps, registry), linesOf(shared.steps, registry)],
    fabric,
    problems,
    health: deriveHealth(model),
    wanted: wantedNeighbours(model),
    shown: shown(model),
  };
  return { follows: JSON.stringify(all, (_, value) => (value instanceof Map ? [...value] : value), 1) };
}

/** What is only shown or handed on: labels of metrics and lists; where handshakes come from; who is told. */
function shown({ devices, services, health }: Model): unknown {
  return [
    [...devices.values()].map(({ function: purpose, vendor }) => [purpose, vendor]),
    [...services.values()].map(({ customer }) => customer),
    health?.source,
    health?.notify,
  ];
}

function changes(before: string, after: string, refused: RegExp | undefined): void {
  expect(after).not.toBe(before);
  const [one, other] = [outcome(before), outcome(after)];
  expect(one).toHaveProperty('follows');
  if (refused !== undefined) {
    expect(other).toEqual({ refused: expect.stringMatching(refused) });
    return;
  }
  expect(other).toHaveProperty('follows');
  expect(other).not.toEqual(one);
}

const all = keysOf(jsonSchema() as Schema);
const RULES_OF = ['devices.*.health.', 'pools.*.health.'] as const;
const isRule = (key: string): boolean => RULES_OF.some((prefix) => key.startsWith(prefix));
const ruleOf = (key: string): string => key.slice(key.indexOf('.health.') + '.health.'.length);
const rules = [...new Set(all.filter(isRule).map(ruleOf))];
const OWN_KEYS = ['name', 'for', 'interval', 'limit', 'fall', 'rise', 'weight'];
const optionOf = (rule: string): string | undefined => {
  const option = /^probes\[\]\.(.*)$/.exec(rule)?.[1];
  return option === undefined || OWN_KEYS.includes(option) ? undefined : option;
};
const options = rules.flatMap((rule) => optionOf(rule) ?? []);

describe('of the schema', () => {
  test('there are no keys that nothing is known of, and none is known that there is not', () => {
    expect(all.filter((key) => !isRule(key)).sort()).toEqual(Object.keys(KEYS).sort());
    const plain = rules.filter((rule) => optionOf(rule) === undefined);
    expect(plain.sort()).toEqual(Object.keys(RULES).sort());
  });

  test.each(Object.entries(KEYS))('%s has an effect, or is refused', (key, [from, to, refused]) => {
    const before = BEFORE[key] === undefined ? BASE : BASE.replace(...BEFORE[key]);
    expect(before).toContain(from);
    changes(before, before.replace(from, to), refused);
  });
});

describe('of health', () => {
  const WEB1 = 'web1: {kind: server, mode: nat, address: 10.0.3.11, legs: {only: {interface: i3}}';
  const ofDevice = (rule: string): string => BASE.replace(WEB1, `${WEB1}, health: ${rule}`);
  const ofPool = (rule: string): string =>
    BASE.replace('[fw1, web1]', '[fw1, w]').replace('pools:', `pools:\n  w: {members: [web1], health: ${rule}}`);

  test.each(Object.entries(RULES))(
    '%s has an effect, or is refused, of a device and of a pool',
    (_, [before, after, refused]) => {
      changes(ofDevice(before), ofDevice(after), refused);
      changes(ofPool(before), ofPool(after), refused);
    },
  );
});

describe('of probes', () => {
  const sources = new Map(
    readdirSync(new URL('../../src/health/probes', import.meta.url)).map((name) => [
      name,
      readFileSync(new URL(`../../src/health/probes/${name}`, import.meta.url), 'utf8'),
    ]),
  );
  const kinds = options.filter((option) => !option.includes('.'));

  /** The text of a probe and of what it imports from its own folder. */
  function sourceOf(name: string, seen = new Set<string>()): string {
    const text = sources.get(name);
    if (text === undefined || seen.has(name)) return '';
    seen.add(name);
    const imports = [...text.matchAll(/from '\.\/([\w-]+\.ts)'/g)].map(([, file]) => sourceOf(file!, seen));
    return [text, ...imports].join('\n');
  }

  /** How it is written: as it is, for any kind, or told a text. */
  function written(option: string): string {
    const [kind, ...rest] = option.split('.') as [string, ...string[]];
    const ways = [option, `*.${rest.join('.')}`, `*.${rest.at(-1)}`];
    const way = ways.map((each) => OPTIONS[each]).find((each) => each !== undefined) ?? `{${rest[0]}: X1}`;
    const needed = NEEDED[kind];
    const told = way
      .replace('OPTION', rest[0]!)
      .replace('CERTIFICATE', '-----BEGIN CERTIFICATE-----\\nX1\\n-----END CERTIFICATE-----\\n');
    if (needed === undefined || told.includes(`${needed.split(':')[0]}:`)) return told;
    return told.replace('{', `{${needed}, `);
  }

  const FW1 = 'fw1: {kind: inline, ';
  const asked = (kind: string, told: string): string =>
    kind === 'through' || kind === 'negative'
      ? BASE.replace(FW1, `${FW1}health: {probes: [{${kind}: ${told}}]}, `)
      : BASE.replace('address: 10.0.3.11', `address: 10.0.3.11, health: {probes: [{${kind}: ${told}}]}`);

  test.each(kinds)('%s is asked', (kind) => {
    const told = NEEDED[kind] === undefined ? '{}' : `{${NEEDED[kind]}}`;
    const spec = outcome(asked(kind, told));
    expect(spec).toHaveProperty('follows', expect.stringContaining(`"kind": "${kind}"`));
  });

  test.each(options.filter((option) => option.includes('.')))('%s reaches who asks, who reads it', (option) => {
    const [kind, ...rest] = option.split('.') as [string, ...string[]];
    const bare = NEEDED[kind] === undefined ? '{}' : `{${NEEDED[kind]}}`;
    changes(asked(kind, bare), asked(kind, written(option)), undefined);
    if (['through', 'negative', 'handshake'].includes(kind)) return;
    const last = rest.at(-1)!;
    expect(sourceOf(`${kind}.ts`)).toMatch(new RegExp(`\\b${last}\\b`));
  });
});
