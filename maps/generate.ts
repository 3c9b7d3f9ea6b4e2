/** Writes what the TypeScript half knows of the door: `npm run generate` after every change in maps/. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileDoor, HEADERS, ROOT, readHeader } from './btf.ts';
import { reasonTexts } from './comments.ts';
import { renderCodecs, renderConstants, renderReasonPage } from './render.ts';

const format = (path: string, source: string): string =>
  execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['check', '--write', `--stdin-file-path=${path}`], {
    cwd: ROOT,
    input: source,
    encoding: 'utf8',
  });

/** Every generated file by its path in the project. */
export function generate(): ReadonlyMap<string, string> {
  const types = compileDoor();
  const text = HEADERS.map(readHeader).join('\n');
  const code = {
    'src/terms/constants.ts': renderConstants(types, text),
    'src/dataplane/codec/layout.ts': renderCodecs(types, text),
  };
  return new Map([
    ...Object.entries(code).map(([path, source]) => [path, format(path, source)] as const),
    ['docs/drop-reasons.md', renderReasonPage(reasonTexts(readHeader('reasons.h')))] as const,
  ]);
}

if (import.meta.main) {
  for (const [path, text] of generate()) {
    writeFileSync(join(ROOT, path), text);
    console.log(`  GEN    ${path}`);
  }
}
