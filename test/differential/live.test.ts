/** The same cases as frames on real cables: what the trace says is not believed, what arrives at the far ends is. */
import { expect, test } from 'vitest';
import { runCases } from './ground.ts';

const { HOPLINE_SEED = '1', HOPLINE_CASE } = process.env;
const seed = Number(HOPLINE_SEED);

test.each([
  ['native', 250],
  ['generic', 60],
] as const)(
  'every frame and copy comes out as the model says, in %s mode',
  async (live, many) => {
    const first = Number(HOPLINE_CASE ?? 0);
    const count = HOPLINE_CASE === undefined ? many : 1;
    const report = await runCases({ seed, first, count, packets: 10, live });
    expect(report.failures.join('\n\n')).toBe('');
    expect(report.received).toBeGreaterThan(HOPLINE_CASE === undefined ? 4 * count : -1);
    expect(report.reasons.COPIED ?? 0).toBeGreaterThan(HOPLINE_CASE === undefined ? count / 3 : -1);
  },
  120_000,
);
