import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepare } from '../../../src/control/state/files.ts';
import { fileStore, NO_CHOICES } from '../../../src/control/state/store.ts';

let directory: string;
const done = async () => {};
const fail = () => Promise.reject(new Error('refused by the kernel'));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hopline-store-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

test('before the first apply there is nothing', async () => {
  const store = fileStore(join(directory, 'new'));
  expect([await store.readInForce(), await store.readPrevious(), await store.readChoices()]).toEqual([
    undefined,
    undefined,
    NO_CHOICES,
  ]);
});

test('applied definitions become the previous ones', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1}', done);
  await store.replaceApplied('services: {b: 1}', done);
  expect([await store.readApplied(), await store.readPrevious()]).toEqual(['services: {b: 1}', 'services: {a: 1}']);
});

test('what could not be published leaves everything as it was, and no file behind', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1}', done);
  await expect(store.replaceApplied('services: {b: 1}', fail)).rejects.toThrow('refused by the kernel');
  await expect(store.addChange({ service: 'c', definition: 1 }, fail)).rejects.toThrow('refused by the kernel');
  expect(await store.readInForce()).toBe('services: {a: 1}');
  expect(readdirSync(directory).sort()).toEqual(['applied.yaml', expect.stringMatching(/^changes-/)]);
});

test('single services lie over the definitions, in order', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1, b: 2}', done);
  await store.addChange({ service: 'c', definition: { port: 80 } }, done);
  await store.addChange({ service: 'a' }, done);
  await store.addChange({ service: 'c', definition: { port: 81 } }, done);
  expect(load((await store.readInForce())!)).toEqual({ services: { b: 2, c: { port: 81 } } });
});

test('an apply ends them, a rollback finds them', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1}', done);
  await store.addChange({ service: 'c', definition: 3 }, done);
  await store.replaceApplied('services: {z: 1}', done);
  expect(await store.readInForce()).toBe('services: {z: 1}');
  expect(load((await store.readPrevious())!)).toEqual({ services: { a: 1, c: 3 } });
});

test('half a line that a killed controller left is no change, and in no later one’s way', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1}', done);
  await store.addChange({ service: 'c', definition: 3 }, done);
  const file = readdirSync(directory).find((name) => name.startsWith('changes-'))!;
  appendFileSync(join(directory, file), '{"service": "d", "defi');
  expect(await fileStore(directory).readChanges()).toEqual([{ service: 'c', definition: 3 }]);
  await store.addChange({ service: 'e' }, done);
  expect(await fileStore(directory).readChanges()).toEqual([{ service: 'c', definition: 3 }, { service: 'e' }]);
});

test('changes lie over the definitions they were made over, and over no others', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1}', done);
  await store.addChange({ service: 'c', definition: 3 }, done);
  // As a controller leaves it that was killed right after the new definitions counted.
  writeFileSync(join(directory, 'applied.yaml'), 'services: {z: 1}');
  writeFileSync(join(directory, 'applied.yaml.0123abcd.new'), 'half of');
  expect(await fileStore(directory).readInForce()).toBe('services: {z: 1}');
  await fileStore(directory).replaceApplied('services: {y: 1}', done);
  expect(readdirSync(directory).sort()).toEqual(['applied.yaml', expect.stringMatching(/^changes-/), 'previous.yaml']);
  expect(await fileStore(directory).readChanges()).toEqual([]);
});

test('a disk that takes nothing is named, and nothing is published', async () => {
  const inTheWay = join(directory, 'file');
  writeFileSync(inTheWay, '');
  const store = fileStore(join(inTheWay, 'state'));
  const never = () => Promise.reject(new Error('published all the same'));
  const said = /^write .*file\/state\/.*: ENOTDIR.* \(make room there; nothing was changed\)$/;
  await expect(store.addChange({ service: 'c' }, never)).rejects.toThrow(/ENOTDIR/);
  await expect(store.writeChoices(NO_CHOICES)).rejects.toThrow(said);
});

test('choices that end with definitions go with them', async () => {
  const store = fileStore(directory);
  const choices = { ...NO_CHOICES, nics: { i0: 'native' } } as const;
  const never = store.replaceChoices(choices, () => store.replaceApplied('services: {b: 1}', fail));
  await expect(never).rejects.toThrow('refused by the kernel');
  expect(readdirSync(directory)).toEqual([]);
  await store.replaceChoices(choices, () => store.replaceApplied('services: {b: 1}', done));
  expect([await store.readApplied(), await store.readChoices()]).toEqual(['services: {b: 1}', choices]);
});

test('a disk that takes nothing more after publishing says so, and the next to write makes up for it', async () => {
  const store = fileStore(directory);
  await store.replaceApplied('services: {a: 1}', done);
  const choices = { ...NO_CHOICES, nics: { i0: 'native' } } as const;
  const previous = join(directory, 'previous.yaml');
  const blocked = async () => {
    mkdirSync(join(previous, 'in the way'), { recursive: true });
  };
  const write = store.replaceChoices(choices, () => store.replaceApplied('services: {b: 1}', blocked));
  await expect(write).rejects.toThrow(/^write .*: E.*the change is in force/);
  const never = () => Promise.reject(new Error('published all the same'));
  await expect(store.addChange({ service: 'c' }, never)).rejects.toThrow(/^write .*: E.*nothing was changed now/);
  rmSync(previous, { recursive: true });
  await store.addChange({ service: 'c', definition: 3 }, done);
  const again = fileStore(directory);
  expect(load((await again.readInForce())!)).toEqual({ services: { b: 1, c: 3 } });
  expect([await again.readPrevious(), await again.readChoices()]).toEqual(['services: {a: 1}', choices]);
});

test('nobody else can read the files', async () => {
  const store = fileStore(join(directory, 'state'));
  await store.replaceApplied('services: {}', done);
  expect(statSync(join(directory, 'state', 'applied.yaml')).mode & 0o077).toBe(0);
  expect(statSync(join(directory, 'state')).mode & 0o077).toBe(0);
});

test('what is being written beside it stays; what a killed process left goes', async () => {
  const store = fileStore(directory);
  const beside = await prepare(join(directory, 'health.json'), '{}');
  writeFileSync(join(directory, 'health.json.01234567.new'), 'half');
  await store.replaceApplied('services: {a: 1}', done);
  await beside.commit();
  const changes = expect.stringMatching(/^changes-/);
  expect(readdirSync(directory).sort()).toEqual(['applied.yaml', changes, 'health.json']);
});
