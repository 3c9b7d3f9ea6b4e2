import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'hopline-completion-'));
const socket = join(folder, 'control.sock');
const LISTS: Readonly<Record<string, readonly string[]>> = {
  '/services': ['shop', 'shop-v6', 'mail', '$(touch harm)', 'a b'],
  '/devices': ['fw1', 'fw2'],
  '/pools': ['firewalls'],
  '/maps': ['slots'],
  '/interfaces': ['i0'],
};
const controller = createServer((request, answer) =>
  answer.end(JSON.stringify((LISTS[request.url!] ?? []).map((name) => ({ name })))),
);

beforeAll(() => new Promise<void>((ready) => controller.listen(socket, ready)));
afterAll(() => {
  controller.close();
  rmSync(folder, { recursive: true });
});

/** What bash offers for a line; the last word is the one being typed. */
async function offered(line: string): Promise<string[]> {
  const words = ['hopline', '--socket', socket, ...line.split(' ')];
  const script = `source <(hopline completion bash)
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hopline; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${resolve('bin')}:${process.env.PATH}` };
  const { stdout } = await run('bash', ['-c', script, 'bash', ...words], { env, cwd: folder });
  return stdout.split('\n').filter((word) => word !== '' && !word.startsWith('-'));
}

test.each([
  ['service show ', ['shop', 'shop-v6', 'mail']],
  ['service show sh', ['shop', 'shop-v6']],
  ['service delete ma', ['mail']],
  ['-o json service show m', ['mail']],
  ['service --log-level info regenerate m', ['mail']],
  ['device drain ', ['fw1', 'fw2']],
  ['device replace fw1 ', ['fw1', 'fw2']],
  ['pool use ', ['firewalls']],
  ['pool use firewalls ', ['fw1', 'fw2']],
  ['interface show ', ['i0']],
  ['map dump ', ['slots']],
  ['attach l', ['lo']],
  ['attach lo l', ['lo']],
  ['device dr', ['drain']],
  ['stat', ['status']],
  ['nam', []],
])('bash offers names where they belong: hopline %s', async (line, wanted) => {
  expect(await offered(line)).toEqual(wanted);
});

test('zsh reads the script', async () => {
  const { stdout } = await run(resolve('bin/hopline'), ['completion', 'zsh']);
  expect(stdout).toMatch(/^#compdef hopline\n/);
});
