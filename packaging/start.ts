/** What bin/hopline runs where the program is bundled: the command line, from the chunks in this folder. */
import { join } from 'node:path';
import { Chunks } from './chunks.ts';

const chunks = new Chunks(join(__dirname, 'chunks'));
if (process.argv.includes('run')) chunks.readAll();
chunks.load('main.js');
