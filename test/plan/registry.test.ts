import { expect, test } from 'vitest';
import { fitName, Registry } from '../../src/plan/registry.ts';

test('numbers count from 1, those of interfaces from 0, each kind for itself', () => {
  const registry = new Registry();
  expect(['a', 'b', 'a'].map((name) => registry.number('leg', name))).toEqual([1, 2, 1]);
  expect(['a', 'b'].map((name) => registry.number('interface', name))).toEqual([0, 1]);
  expect(registry.number('service', 'b')).toBe(1);
  expect([registry.find('leg', 'c'), registry.name('leg', 2)]).toEqual([undefined, 'b']);
});

test('after a restart names keep their numbers and new ones take the smallest free', () => {
  const registry = new Registry();
  registry.restore('pool', 3, 'c');
  registry.restore('pool', 1, 'a');
  registry.restore('pool', 1, 'a');
  expect(['x', 'c', 'y', 'a'].map((name) => registry.number('pool', name))).toEqual([2, 3, 4, 1]);
});

test('a released number rests until it may be reused, and its name may come back to it', () => {
  const registry = new Registry();
  for (const name of ['a', 'b', 'c']) registry.number('leg', name);
  registry.release('leg', 'a');
  registry.release('leg', 'b');
  expect([registry.number('leg', 'd'), registry.number('leg', 'b')]).toEqual([4, 2]);
  expect([registry.find('leg', 'a'), registry.name('leg', 1)]).toEqual([undefined, 'a']);
  registry.reuse('leg', 1);
  registry.reuse('leg', 2);
  expect([registry.number('leg', 'e'), registry.find('leg', 'b')]).toEqual([1, 2]);
});

test.each([
  ['a number below the first', 'leg', 0, 'x', /numbers begin at 1/],
  ['a number that has another name', 'leg', 1, 'x', /already called a/],
  ['a name that has another number', 'leg', 2, 'a', /already has number 1/],
] as const)('restoring %s is refused', (_, kind, id, name, message) => {
  const registry = new Registry();
  registry.number('leg', 'a');
  expect(() => registry.restore(kind, id, name)).toThrow(message);
});

test('long names fit into the table and stay distinct', () => {
  const [one, two] = [`${'ä'.repeat(60)}1`, `${'ä'.repeat(60)}2`];
  const fitted = [one, two].map(fitName);
  expect(new Set(fitted).size).toBe(2);
  for (const name of fitted) expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(63);
  expect(fitName('x'.repeat(63))).toBe('x'.repeat(63));
  const registry = new Registry();
  registry.restore('copyset', 7, fitName(one));
  expect(registry.number('copyset', one)).toBe(7);
});
