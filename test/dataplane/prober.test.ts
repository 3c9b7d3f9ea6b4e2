import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { cases } from './prober-cases.ts';

const RUNNER = new URL('prober-runner.ts', import.meta.url).pathname;

describe('the prober on the kernel', () => {
  const errors = new Map<string, string | undefined>();

  beforeAll(async () => {
    const args = ['--net', '--mount', process.execPath, RUNNER];
    const { stdout } = await promisify(execFile)('unshare', args, { maxBuffer: 1 << 26, timeout: 110_000 });
    for (const line of stdout.trim().split('\n')) {
      const { name, error } = JSON.parse(line) as { name: string; error?: string };
      errors.set(name, error);
    }
  }, 120_000);

  test.each(Object.keys(cases))('%s', (name) => {
    expect(errors.has(name)).toBe(true);
    expect(errors.get(name)).toBeUndefined();
  });
});
