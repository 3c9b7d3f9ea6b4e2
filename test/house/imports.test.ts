import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));

/** Each room of src/, and the rooms that its files may import from; docs/architecture.md has it as a picture. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  terms: [],
  libbpf: [],
  metrics: ['terms'],
  model: ['terms'],
  plan: ['terms', 'model'],
  dataplane: ['terms', 'plan', 'libbpf'],
  net: ['terms', 'model', 'plan'],
  'health/machine': ['terms'],
  'health/probes': ['terms', 'net'],
  health: ['terms', 'model', 'plan', 'net', 'dataplane', 'health/machine', 'health/probes'],
  'api-types': ['terms', 'model', 'net', 'health', 'health/machine'],
  views: ['terms', 'model', 'plan', 'net', 'dataplane', 'metrics', 'health', 'health/machine', 'api-types'],
  notify: ['terms', 'dataplane', 'health', 'api-types'],
  control: [
    'terms',
    'model',
    'plan',
    'net',
    'dataplane',
    'metrics',
    'health',
    'health/machine',
    'api-types',
    'views',
    'notify',
  ],
  daemon: ['terms', 'dataplane', 'net', 'metrics', 'health', 'api-types', 'views', 'notify', 'control'],
  cli: [
    'terms',
    'model',
    'net',
    'dataplane',
    'health',
    'health/machine',
    'health/probes',
    'api-types',
    'views',
    'notify',
    'control',
    'daemon',
  ],
};

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

test('every file of src/ imports only from its own room and from those below it', () => {
  const upward = [...imports].flatMap(([file, each]) =>
    each.filter((other) => !mayImport(roomOf(file), roomOf(other))).map((other) => `${file} imports ${other}`),
  );
  expect(upward).toEqual([]);
});

test('no file of src/ imports itself in a circle', () => {
  expect(files.flatMap((file) => circleFrom(file) ?? [])).toEqual([]);
});

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier]) => specifier!);
  return specifiers
    .map((specifier) => normalize(join(dirname(file), specifier)))
    .filter((other) => files.includes(other));
}

function roomOf(file: string): string {
  const [first, second] = file.split('/');
  return `${first}/${second}` in MAY_IMPORT ? `${first}/${second}` : first!;
}

function mayImport(room: string, other: string): boolean {
  return room === other || MAY_IMPORT[room]?.includes(other) === true;
}

/** The shortest way from a file back to itself, told once: by the first of its files in the alphabet. */
function circleFrom(start: string): string | undefined {
  const before = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const other of imports.get(file) ?? []) {
      if (other === start) return describe([file, ...chainTo(file, before)], start);
      if (before.has(other) || other < start) continue;
      before.set(other, file);
      queue.push(other);
    }
  }
  return undefined;
}

function* chainTo(file: string, before: ReadonlyMap<string, string>): Generator<string> {
  for (let each = before.get(file); each !== undefined; each = before.get(each)) yield each;
}

function describe(chain: readonly string[], start: string): string {
  return [...chain].reverse().concat(start).join(' -> ');
}
