/** Runs a command as start.ts does, and then writes what V8 made of the chunks beside them. Only the build runs it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, Chunks } from './chunks.ts';

const folder = join(__dirname, 'chunks');
const chunks = new Chunks(folder);
process.on('exit', () => {
  for (const [name, data] of chunks.compiled()) writeFileSync(join(folder, name + CACHE), data);
});
chunks.load('main.js');
