import { describe, expect, test } from 'vitest';
import { countOf, countOfHalves, more, plus } from '../../src/terms/count.ts';
import { jsonText, parseJson } from '../../src/terms/json.ts';

const LIMIT = 2n ** 53n;

describe('counts beyond what a number holds', () => {
  test.each([
    [0n, 0],
    [LIMIT - 1n, Number.MAX_SAFE_INTEGER],
    [LIMIT, LIMIT],
    [LIMIT + 1n, LIMIT + 1n],
    [2n ** 64n - 1n, 2n ** 64n - 1n],
  ])('%s is %s', (value, count) => {
    expect(countOf(value)).toBe(count);
    expect(countOfHalves(Number(value & 0xffff_ffffn), Number(value >> 32n))).toBe(count);
  });

  test('sums and differences are exact', () => {
    expect(plus(3, 4)).toBe(7);
    expect(plus(Number.MAX_SAFE_INTEGER, 2)).toBe(LIMIT + 1n);
    expect(plus(LIMIT + 1n, 2)).toBe(LIMIT + 3n);
    expect(more(5, 9)).toBe(4);
    expect(more(Number.MAX_SAFE_INTEGER, LIMIT + 2n)).toBe(3);
    expect(more(LIMIT + 2n, LIMIT + 1n)).toBe(-1);
  });
});

describe('JSON', () => {
  const text = '{"a":9007199254740993,"b":[1,18446744073709551615],"c":"9007199254740993","d":1e300,"e":0.5}';
  const value = { a: 9007199254740993n, b: [1, 18446744073709551615n], c: '9007199254740993', d: 1e300, e: 0.5 };

  test('has every digit, there and back', () => {
    expect(jsonText(value)).toBe(text.replace('1e300', '1e+300'));
    expect(parseJson(text)).toEqual(value);
    expect(parseJson(jsonText(value, 2))).toEqual(value);
  });

  test('a circle is still an error', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => jsonText(circle)).toThrow(/circular/);
  });
});
