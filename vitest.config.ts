import { defineConfig } from 'vitest/config';

/** fast: everything that needs no topology. lab: scenarios in namespaces. timed: what measures time, alone. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/scenarios/**', 'test/timed/**', 'test/lab/**', 'test/robust/**', 'test/differential/live*'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
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
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'timed',
          include: ['test/timed/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
});
