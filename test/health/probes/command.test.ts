import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { probe } from '../../../src/health/probes/index.ts';
import type { Expectations } from '../../../src/terms/health/expectations.ts';

const TARGET = { address: '192.0.2.1', port: 80, timeoutMs: 5_000 };
const sh = (script: string, more = {}): Expectations['command'] => ({ run: ['sh', '-c', script], ...more });

describe('a command of the user', () => {
  test.each([
    ['exit code 0 is right', sh('true'), true, /^exit code 0$/],
    ['another is not', sh('echo too hot; exit 3'), false, /exit code 3: "too hot"/],
    ['unless it is asked for', sh('exit 3', { exit: 3 }), true, /^exit code 3$/],
    ['the output is right', sh('echo 12 degrees', { output: { matches: '^\\d\\d degrees' } }), true, /^12 degrees$/],
    [
      'the output is wrong',
      sh('echo hot >&2', { output: { contains: 'cold' } }),
      false,
      /does not contain "cold": "hot/,
    ],
    ['it learns whom to ask', sh('echo $HOPLINE_ADDRESS $HOPLINE_PORT $HOPLINE_TIMEOUT_MS'), true, /192.0.2.1 80 5000/],
    ['it dies of a signal', sh('kill -9 $$'), false, /ended by SIGKILL/],
    ['there is no such program', { run: ['/nowhere/probe'] }, false, /no such program/],
  ] as const)('%s', async (_, expectation, ok, detail) => {
    expect(await probe('command', TARGET, expectation)).toMatchObject({ ok, detail: expect.stringMatching(detail) });
  });

  test('is killed with all it started when time is up', async () => {
    const note = join(mkdtempSync(join(tmpdir(), 'hopline-command-')), 'pid');
    const late = sh(`sleep 60 & echo $! > ${note}; wait`);
    const result = await probe('command', { ...TARGET, timeoutMs: 500 }, late);
    expect(result).toMatchObject({ ok: false, detail: 'running sh: no answer in 500 ms' });
    const pid = readFileSync(note, 'utf8').trim();
    rmSync(dirname(note), { recursive: true });
    // A killed process may still be waited for by its new parent.
    await expect.poll(() => existsSync(`/proc/${pid}/exe`)).toBe(false);
  });

  test.each([
    ['in its group', '', 'sleep 600 & echo well; exit 0', true, /^well$/],
    ['in its group, and fails', '', 'sleep 600 & echo hot; exit 3', false, /exit code 3: "hot"/],
    ['in a session of its own', 'setsid', 'sleep 600 & echo $!; exit 0', true, /^\d+$/],
    ['that goes on writing', 'setsid', 'yes & echo $!; exit 3', false, /exit code 3: "/],
  ])('its exit code decides, whoever keeps its output open: a child %s', async (_, prefix, script, ok, detail) => {
    const folder = mkdtempSync(join(tmpdir(), 'hopline-command-'));
    const note = join(folder, 'pid');
    const kept = sh(
      script.replace(/^(sleep 600|yes) &/, `${prefix} $1 & echo $! > ${note};`),
      ok ? { output: { matches: '.' } } : {},
    );
    const result = await probe('command', { ...TARGET, timeoutMs: 300_000 }, kept);
    if (prefix !== '') process.kill(Number(readFileSync(note, 'utf8')), 'SIGKILL');
    rmSync(folder, { recursive: true });
    expect(result).toMatchObject({ ok, detail: expect.stringMatching(detail) });
  });

  test('all it wrote counts, though a child keeps its output open', async () => {
    const script = 'sleep 600 & head -c 60000 /dev/zero | tr "\\0" x; echo end';
    const result = await probe(
      'command',
      { ...TARGET, timeoutMs: 300_000 },
      sh(script, { output: { contains: 'xend' } }),
    );
    expect(result.ok).toBe(true);
  });

  test('what it says is given on as one line that commands no terminal', async () => {
    const { detail } = await probe('command', TARGET, sh(String.raw`printf 'a\033[31m\302\233b\342\200\256c\nd'`));
    expect(detail).toBe('a\\u001b[31m\\u009bb\\u202ec');
  });

  test('leaves nothing running when it ends by itself', async () => {
    const kept = await probe('command', { ...TARGET, timeoutMs: 5_000 }, sh('sleep 61 >/dev/null 2>&1 & echo $!'));
    expect(kept.ok).toBe(true);
    await expect.poll(() => existsSync(`/proc/${kept.detail}/exe`)).toBe(false);
  });
});
