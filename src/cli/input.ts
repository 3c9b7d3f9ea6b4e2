import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Failure } from '../api-types/failure.ts';
import type { DefinitionText } from '../api-types/operations.ts';

/** A file's text; "-" is standard input. @throws Failure refused, when it cannot be read. */
export async function readInput(file: string): Promise<DefinitionText> {
  if (file === '-') return { text: await text(process.stdin), file: 'standard input' };
  try {
    return { text: await readFile(file, 'utf8'), file };
  } catch (error) {
    throw new Failure('refused', `read ${file}: ${(error as Error).message} (is the path right?)`);
  }
}
