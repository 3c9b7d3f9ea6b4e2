import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Whose limits of time or CPU a second worker would break. */
const MEASURING = [
  'test/dataplane/prober-live.test.ts',
  'test/health/derive/scale.test.ts',
  'test/health/frames/compose.test.ts',
  'test/health/machine/crowd.test.ts',
  'test/health/probes/link.test.ts',
  'test/plan/scale.test.ts',
];

/** fast: everything that needs no topology. lab: scenarios in namespaces. timed: what needs the machine alone. field: `make field`. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...[
              'test/field/**',
              'test/scenarios/**',
              'test/timed/**',
              'test/lab/**',
              'test/robust/**',
              'test/differential/live*',
              'test/packaging/installed*',
              'test/packaging/unit*',
            ],
            ...MEASURING,
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'lab',
          include: [
            'test/scenarios/**/*.test.ts',
            'test/robust/**/*.test.ts',
            'test/lab/**/*.test.ts',
            'test/differential/live*.test.ts',
            'test/packaging/installed.test.ts',
            'test/packaging/unit.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'field',
          include: ['test/field/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 60_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'timed',
          include: ['test/timed/**/*.test.ts', ...MEASURING],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
});
