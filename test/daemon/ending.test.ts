import { expect, test } from 'vitest';
import { endAll } from '../../src/daemon/run.ts';

test('what is to end ends, also behind what fails to; the first failure is told', async () => {
  const ended: string[] = [];
  const steps = [
    () => ended.push('source'),
    () => Promise.reject(new Error('watcher')),
    () => {
      throw new Error('socket');
    },
    async () => ended.push('tables'),
  ];
  await expect(endAll(steps)).rejects.toThrow('watcher');
  expect(ended).toEqual(['source', 'tables']);
});
