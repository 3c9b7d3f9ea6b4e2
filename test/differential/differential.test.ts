/**
 * Random definitions and frames through the loaded program and through the model. HOPLINE_SEED and HOPLINE_CASE run
 * one case again, HOPLINE_CASES more of them.
 */
import { expect, test } from 'vitest';
import { runCases } from './ground.ts';

const { HOPLINE_SEED = '1', HOPLINE_CASE, HOPLINE_CASES = '250' } = process.env;
const seed = Number(HOPLINE_SEED);
const first = Number(HOPLINE_CASE ?? 0);
const count = HOPLINE_CASE === undefined ? Number(HOPLINE_CASES) : 1;

/** Verdicts that random frames must reach, or the comparison proves little. */
const REACHED = [
  ...['FORWARDED', 'COPIED', 'ANSWERED_ARP', 'ANSWERED_ND', 'ANSWERED_TOO_BIG'],
  ...['PASSED_NOT_IP', 'PASSED_NOT_FOR_US', 'PASSED_LOCAL', 'PASSED_NO_SERVICE', 'PASSED_MULTICAST'],
  ...['DROP_MALFORMED', 'DROP_TOO_MANY_HEADERS', 'DROP_WRONG_ORIGIN', 'DROP_UNDEFINED_PORT', 'DROP_LEG_UNRESOLVED'],
  ...['DROP_NO_ROUTE', 'DROP_NO_NEIGHBOUR', 'DROP_TOO_BIG', 'DROP_FRAGMENT_UNKNOWN', 'DROP_NOT_ATTACHED'],
  ...['ANSWERED_RESET', 'PROBE_ANSWERED', 'PROBE_STRAY'],
];

test('the program does with every frame what the model says: verdict, trace, bytes, counters', async () => {
  const report = await runCases({ seed, first, count, packets: 10 });
  expect(report.failures.join('\n\n')).toBe('');
  expect(report.frames).toBeGreaterThanOrEqual(10 * count);
  expect(REACHED.filter((reason) => count >= 200 && !((report.reasons[reason] ?? 0) > 0))).toEqual([]);
}, 120_000);

test.skipIf(HOPLINE_CASE !== undefined)(
  'frames cut off behind every byte',
  async () => {
    const report = await runCases({ seed: seed + 1, first: 0, count: 12, packets: 8, truncate: true });
    expect(report.failures.join('\n\n')).toBe('');
    expect(report.frames).toBeGreaterThan(5000);
  },
  120_000,
);
