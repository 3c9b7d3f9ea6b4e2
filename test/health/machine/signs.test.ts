import { expect, test } from 'vitest';
import { duration } from '../../../src/health/machine/event.ts';
import { assess } from '../../../src/health/machine/fitness.ts';
import { Gauge } from '../../../src/health/machine/gauge.ts';
import { Guard } from '../../../src/health/machine/guard.ts';
import type { Verdict } from '../../../src/health/machine/run.ts';
import { Silence } from '../../../src/health/machine/silence.ts';
import { GUARD, measureSpec, probeSpec } from '../../../src/terms/health/defaults.ts';

const VERDICTS: Record<string, Verdict> = { p: 'passing', f: 'failing', u: 'unknown' };

/** "p1 f2": a passing sign of weight 1, a failing one of weight 2. */
const signs = (words: string) =>
  words
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ verdict: VERDICTS[word[0]!]!, weight: Number(word.slice(1)), words: () => word }));

test.each<[name: string, signs: string, need: 'all' | number, fit: string]>([
  ['all pass', 'p1 p1', 'all', 'fit'],
  ['one fails', 'p1 f1', 'all', 'unfit'],
  ['one is not known yet', 'p1 u1', 'all', 'unknown'],
  ['one fails that is only reported', 'p1 f0', 'all', 'fit'],
  ['nothing is asked', '', 'all', 'fit'],
  ['enough weight passes', 'p2 f1', 2, 'fit'],
  ['too little weight can pass', 'p1 f2', 2, 'unfit'],
  ['what is unknown may still suffice', 'p1 u1 f1', 2, 'unknown'],
  ['more is needed than there is: all', 'p1 p1', 5, 'fit'],
  ['more is needed than there is, and one fails', 'p1 f1', 5, 'unfit'],
])('weights: %s', (_, words, need, fit) => {
  expect(assess(signs(words), need).fit).toBe(fit);
});

test.each<[name: string, values: number[], verdict: string]>([
  ['nothing measured', [], 'unknown'],
  ['below', [10], 'passing'],
  ['above, not often enough', [10, 50, 50], 'passing'],
  ['above three times in a row', [10, 50, 50, 50], 'failing'],
  ['never cumulative', [10, 50, 50, 10, 50, 50], 'passing'],
  ['just under the threshold is not back', [50, 50, 50, 40, 40, 40], 'failing'],
  ['well under it, not often enough', [50, 50, 50, 30, 30], 'failing'],
  ['well under it three times', [50, 50, 50, 30, 30, 30], 'passing'],
])('threshold of 45 ms, back under 36: %s', (_, values, verdict) => {
  const gauge = new Gauge(measureSpec({ measure: 'latency', of: 'icmp', over: 45 }));
  for (const value of values) gauge.observe(value);
  expect(gauge.verdict).toBe(verdict);
});

test('a threshold says what it measured', () => {
  const gauge = new Gauge(measureSpec({ measure: 'latency', of: 'icmp', over: 45 }));
  for (const value of [50, 50, 51.24]) gauge.observe(value);
  expect(gauge.words()).toBe('latency of icmp 51.2 ms (more than 45)');
});

const frames = (into: number, outOf: number, direction: 'forward' | 'return' = 'forward') =>
  ({ kind: 'frames', device: 'd', direction, into, outOf, since: 0, until: 0 }) as const;

test.each<[name: string, windows: ReturnType<typeof frames>[], missing: number | undefined]>([
  ['many frames in, none out, twice', [frames(10, 0), frames(10, 0)], 20],
  ['once is not enough', [frames(100, 0)], undefined],
  ['few frames are not enough', [frames(2, 0), frames(2, 0)], undefined],
  ['something came out in between', [frames(10, 0), frames(10, 1), frames(10, 0)], undefined],
  ['windows without traffic neither count nor clear', [frames(10, 0), frames(0, 0), frames(10, 0)], 20],
  ['directions are not added up', [frames(10, 0), frames(10, 0, 'return')], undefined],
])('silence: %s', (_, windows, missing) => {
  const silence = new Silence();
  expect(windows.map((window) => silence.observe(window, 16)).at(-1)).toBe(missing);
});

const names = (count: number, prefix = 'd') => Array.from({ length: count }, (_, place) => `${prefix}${place}`);

test.each<[name: string, falling: string[], others: string[], before: string[], mass: boolean]>([
  ['two of two are few', names(2), names(2), [], false],
  ['three of six are half, not more', names(3), names(6), [], false],
  ['four of six are too many at once', names(4), names(6), [], true],
  ['those that fell just before count', names(2), names(4), ['x', 'y'], true],
  ['those that share an interface count as one', ['nic1', 'nic1', 'nic1', 'nic1'], ['nic1', 'nic2'], [], false],
])('guard: %s', (_, falling, others, before, mass) => {
  const guard = new Guard(GUARD);
  for (const shares of before) guard.believed(shares, 950);
  expect(guard.isMass(falling, () => others, 1000)).toBe(mass);
});

test('guard: falls of some time ago do not count', () => {
  const guard = new Guard(GUARD);
  for (const shares of names(4, 'x')) guard.believed(shares, 800);
  expect(guard.isMass(['a'], () => names(4), 1000)).toBe(false);
});

test('guard: a late tick discredits what was sent before, and is told once in ten seconds', () => {
  const guard = new Guard(GUARD);
  expect(guard.tick(1000, 1100)).toBeUndefined();
  expect(guard.notBefore).toBe(Number.NEGATIVE_INFINITY);
  expect(guard.tick(2000, 7000)).toBe(5000);
  expect(guard.notBefore).toBe(7000);
  expect(guard.tick(7050, 7200)).toBeUndefined();
  expect(guard.notBefore).toBe(7200);
  expect(guard.tick(17_000, 17_200)).toBe(200);
});

test.each<[kind: Parameters<typeof probeSpec>[0], given: Parameters<typeof probeSpec>[1], timing: number[]]>([
  [{ kind: 'through' }, {}, [50, 20, 50, 1000, 3, 3]],
  [{ kind: 'through' }, { interval: 10 }, [10, 8, 10, 1000, 3, 3]],
  [{ kind: 'handshake', port: 80 }, {}, [500, 200, 250, 2000, 3, 2]],
  [{ kind: 'handshake', port: 80 }, { interval: 50 }, [50, 40, 50, 2000, 3, 2]],
  [{ kind: 'icmp' }, { limit: 45, fall: 1 }, [1000, 45, 200, 5000, 1, 2]],
  [{ kind: 'command', run: ['true'] }, { interval: 60_000 }, [60_000, 4000, 5000, 60_000, 3, 2]],
])('defaults of %j with %j', (question, given, [interval, limit, fast, slow, fall, rise]) => {
  expect(probeSpec(question, given)).toMatchObject({ interval, limit, fast, slow, fall, rise, weight: 1 });
});

test.each([
  [0, '0 ms'],
  [120.4, '120 ms'],
  [5000, '5 s'],
  [1250, '1.3 s'],
  [180_000, '3 min'],
])('%d is %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});
