/**
 * Makes .output/dist: the command line and the controller as a few files of JavaScript, each with what V8 made of it. To
 * read and compile some 300 files takes Node several times as long as most commands need. Run by make.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const OUT = '.output/dist';
/** Made beside and renamed: a bundle is whole or not there. */
const MADE = `${OUT}.${process.pid}`;
const SPLIT = join(MADE, 'split');
const CHUNKS = join(MADE, 'chunks');

const COMMON: BuildOptions = {
  platform: 'node',
  target: 'node26',
  charset: 'ascii',
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
  // Stack traces name lines.
  lineLimit: 160,
  logLevel: 'error',
};

/** What commands share becomes chunks of its own. esbuild splits ES modules only, which Node is slower to load. */
async function split(): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: ['src/cli/main.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: SPLIT,
    external: ['koffi', 'pg-native'],
  });
  await build({
    ...COMMON,
    entryPoints: readdirSync(SPLIT).map((name) => join(SPLIT, name)),
    format: 'cjs',
    outdir: CHUNKS,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'BUNDLE' },
    banner: { js: 'const BUNDLE=require("node:url").pathToFileURL(process.argv[1]).href;' },
  });
  rmSync(SPLIT, { recursive: true });
}

async function starters(): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: ['packaging/start.ts', 'packaging/warm.ts'],
    bundle: true,
    format: 'cjs',
    outdir: MADE,
  });
  writeFileSync(join(MADE, 'package.json'), '{"type": "commonjs"}\n');
}

/** Functions that the usual commands run are kept compiled: one that asks a controller, and one that reads a file. */
async function warm(): Promise<void> {
  const socket = join(MADE, 'warm.sock');
  const controller = createServer((_, answer) => answer.end('[]')).listen(socket);
  await run('--socket', socket, 'service', 'list');
  await run('check', 'examples/chain.yaml');
  controller.close();
  rmSync(join(MADE, 'warm.js'));
}

function run(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['--no-warnings', join(MADE, 'warm.js'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`bundle: hopline ${args.join(' ')}: exit code ${code}`));
    });
  });
}

mkdirSync(MADE, { recursive: true });
try {
  await split();
  await starters();
  await warm();
  rmSync(OUT, { recursive: true, force: true });
  renameSync(MADE, OUT);
} finally {
  rmSync(MADE, { recursive: true, force: true });
}
