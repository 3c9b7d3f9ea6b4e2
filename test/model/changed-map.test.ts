import { expect, test } from 'vitest';
import { changedMap } from '../../src/model/change/changed-map.ts';

test('a changed map reads as the copy would, through enough changes to be copied, and leaves the one before as it was', () => {
  const names = Array.from({ length: 20 }, (_, i) => `name${i}`);
  const original = new Map(names.slice(0, 10).map((name, i) => [name, i]));
  let map: ReadonlyMap<string, number> = original;
  const expected = new Map(original);
  for (let i = 0; i < 1000; i++) {
    const name = names[(i * 7919) % names.length]!;
    const before = [...map];
    const next = changedMap(map, name, i % 3 === 0 ? undefined : i);
    expect([...map]).toEqual(before);
    map = next;
    if (i % 3 === 0) expected.delete(name);
    else expected.set(name, i);
    expect(map.size).toBe(expected.size);
    expect(new Map(map)).toEqual(expected);
    for (const each of names) expect([map.get(each), map.has(each)]).toEqual([expected.get(each), expected.has(each)]);
  }
  expect(original.size).toBe(10);
});

test('changes that lie over a map are copied into a new one when they are many', () => {
  let map: ReadonlyMap<string, number> = new Map();
  for (let i = 0; i < 1000; i++) map = changedMap(map, `name${i}`, i);
  expect([...map.keys()].slice(0, 3)).toEqual(['name0', 'name1', 'name2']);
  expect([...map.values()].at(-1)).toBe(999);
  const seen: string[] = [];
  map.forEach((value, name) => void seen.push(`${name}=${value}`));
  expect(seen.length).toBe(1000);
  expect(map.size).toBe(1000);
});
