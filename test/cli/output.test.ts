/** What becomes of a command whose output nobody takes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/api-types/failure.ts';

const HOPLINE = fileURLToPath(new URL('../../bin/hopline', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopline-output-'));
  writeFileSync(join(folder, 'bad.yaml'), 'interfaces: {i0: {faces: nobody}}\n');
  writeFileSync(join(folder, 'good.yaml'), 'interfaces: {i0: {faces: clients}}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The first command's own exit code, and what it said. */
function outcome(script: string) {
  const { stdout, stderr } = spawnSync('bash', ['-c', `exec 3>&1; ${script}`], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, H: HOPLINE, HOPLINE_RUN_DIR: folder },
  });
  return { out: stdout.trim(), err: stderr };
}

test.each([
  ['$H check bad.yaml 2>&1 | true; echo $PIPESTATUS', EXIT.refused],
  ['$H check bad.yaml 2>&1 >/dev/null | true; echo $PIPESTATUS', EXIT.refused],
  ['$H check good.yaml | true; echo $PIPESTATUS', EXIT.ok],
  ['$H check nowhere.yaml 2>&1 | true; echo $PIPESTATUS', EXIT.refused],
  ['$H --help | true; echo $PIPESTATUS', EXIT.ok],
  ['$H nonsense 2>&1 | true; echo $PIPESTATUS', EXIT.refused],
  ['$H check bad.yaml 2>/dev/full; echo $?', EXIT.refused],
  ['$H check bad.yaml >/dev/full 2>&1; echo $?', EXIT.refused],
])('%s: %i, quietly', (script, code) => {
  expect(outcome(script)).toEqual({ out: String(code), err: '' });
});

test.each([
  '$H check good.yaml >/dev/full; echo $?',
  '$H --help >/dev/full; echo $?',
  '$H -o json check good.yaml >/dev/full; echo $?',
])('%s: one sentence, code 1', (script) => {
  const { out, err } = outcome(script.replace('echo', 'echo >&3'));
  expect(out).toBe(String(EXIT.failed));
  expect(err).toMatch(/^hopline: write to standard output: ENOSPC: no space left on device, write\n$/);
});
