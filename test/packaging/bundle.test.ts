import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const NODE = resolve('node_modules/.bin/node');
const START = '.output/dist/start.js';

test.each([['--help'], ['-V'], ['device', 'replace', '--help'], ['-o', 'json', 'check', 'examples/chain.yaml']])(
  'the bundle says what the sources say: %s',
  async (...args) => {
    const [bundle, sources] = await Promise.all([
      run(NODE, ['--no-warnings', START, ...args]),
      run(NODE, ['--no-warnings', 'src/cli/main.ts', ...args]),
    ]);
    expect(bundle).toEqual(sources);
  },
);

test('the bundle refuses a wrong file as the sources do', async () => {
  const ended = await run(NODE, ['--no-warnings', START, 'check', 'package.json']).catch((error) => error);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/package\.json:\d+:\d+/);
});

test('V8 takes the code that is stored beside the chunks', async () => {
  const script = `import { Chunks } from './packaging/chunks.ts'; import { existsSync } from 'node:fs';
    const chunks = new Chunks('.output/dist/chunks'); chunks.readAll();
    console.log(chunks.rejected.filter((name) => existsSync('.output/dist/chunks/' + name + '.cache')).length,
      existsSync('.output/dist/chunks/main.js.cache'));`;
  const { stdout } = await run(NODE, ['--no-warnings', '--input-type=module-typescript', '-e', script]);
  expect(stdout).toBe('0 true\n');
});

test('the controller is loaded by no command but run', async () => {
  const script = `process.argv = [process.argv[0], 'hopline', 'check', 'examples/chain.yaml'];
    import { Chunks } from './packaging/chunks.ts';
    const chunks = new Chunks('.output/dist/chunks'); chunks.load('main.js');
    process.on('exit', () => console.log([...chunks.compiled()].some(([name]) => name.startsWith('run-'))));`;
  const { stdout } = await run(NODE, ['--no-warnings', '--input-type=module-typescript', '-e', script]);
  expect(stdout).toMatch(/right;.*\nfalse\n$/);
});

/** A checkout whose bundle and sources only say which of them they are. */
const root = mkdtempSync('/tmp/hopline-checkout-');
const places = { bundle: join(root, '.output/dist/start.js'), source: join(root, 'src/cli/main.ts') };

beforeAll(() => {
  for (const folder of ['bin', 'src/cli', '.output/dist']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('bin/hopline', join(root, 'bin/hopline'));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  for (const [name, place] of Object.entries(places)) writeFileSync(place, `console.log('${name}')`);
});
afterAll(() => rmSync(root, { recursive: true }));

test('a checkout runs its bundle while no source is newer', async () => {
  const says = async () => (await run(join(root, 'bin/hopline'), ['status'])).stdout.trim();
  const later = (seconds: number) => new Date(Date.now() + seconds * 1000);
  utimesSync(places.bundle, later(10), later(10));
  expect(await says()).toBe('bundle');
  utimesSync(places.source, later(20), later(20));
  expect(await says()).toBe('source');
  utimesSync(places.bundle, later(30), later(30));
  expect(await says()).toBe('bundle');
  rmSync(places.bundle);
  expect(await says()).toBe('source');
});
