import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { attempt } from './run.ts';

const DEMO = fileURLToPath(new URL('./demo.ts', import.meta.url));

test('the demo shows the whole way of a request, and ends clean', async () => {
  const { stdout, stderr, code } = await attempt(process.execPath, [DEMO], { limit: 60_000 });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('Hello from the server');
  for (const hop of ['engine → firewall', 'engine → VPN', 'engine → IDS', 'engine → server', 'engine → client']) {
    expect(stdout).toContain(hop);
  }
});

test('the demo told to stay is gone after Ctrl-C', async () => {
  const child = spawn(process.execPath, [DEMO, '--stay']);
  let said = '';
  const prefix = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      const found = /ip netns exec (\S+)-client/.exec(said)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    child.once('exit', () => reject(new Error(`it ended and said:\n${said}`)));
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await gone;
  expect(readdirSync('/run/netns').filter((name) => name.startsWith(prefix))).toEqual([]);
  expect(existsSync(`/tmp/${prefix}`)).toBe(false);
  expect(existsSync(`/sys/fs/bpf/${prefix}`)).toBe(false);
});
