import { expect, test } from 'vitest';
import { compileDefinitions, makeCase } from './case.ts';
import { NETWORK } from './example.ts';
import { walk } from './model.ts';
import { Random } from './random.ts';
import { type Shrinkable, shrink } from './shrink.ts';

function reasons({ definitions, arriving }: Shrinkable): string[] {
  const compiled = compileDefinitions(definitions, NETWORK);
  if (compiled === undefined) {
    return [];
  }
  const world = { tables: compiled.tables, routes: () => undefined, probes: [], fragments: new Map() };
  return arriving.map(({ frame, ifindex }) => walk(world, frame, ifindex).reason);
}

test('a case of many definitions shrinks to the one service, the devices and the frame that matter', async () => {
  const place = Array.from({ length: 50 }, (_, number) => number).find((number) => {
    const one = makeCase(2, number, NETWORK);
    return one.definitions.model.services.size > 2 && reasons(one).includes('COPIED');
  });
  const small = await shrink(makeCase(2, place!, NETWORK), async (one) => reasons(one).includes('COPIED'));
  expect(reasons(small)).toEqual(['COPIED']);
  expect(small.definitions.model.services.size).toBe(1);
  expect(small.definitions.model.devices.size).toBeLessThanOrEqual(4);
  expect(small.arriving[0]!.frame.length).toBeLessThan(100);
});

test('a seed and a place give the same case again', () => {
  const [one, other] = [makeCase(7, 3, NETWORK), makeCase(7, 3, NETWORK)];
  expect(other.arriving).toEqual(one.arriving);
  expect(other.definitions).toEqual(one.definitions);
  expect(makeCase(8, 3, NETWORK).arriving).not.toEqual(one.arriving);
});

test('random numbers stay within their bounds and reach both ends', () => {
  const random = new Random(1);
  const numbers = Array.from({ length: 1000 }, () => random.between(3, 6));
  expect(new Set(numbers)).toEqual(new Set([3, 4, 5, 6]));
});
