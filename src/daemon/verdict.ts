import { buffer } from 'node:stream/consumers';
import { Failure } from '../api-types/failure.ts';
import type { DefinitionText } from '../api-types/operations.ts';
import { readModel, readYaml } from '../control/change/read.ts';

/** What is found about definitions beside the controller: what they say, or why they are refused. */
export type Verdict =
  | { readonly value: unknown }
  | { readonly refused: { readonly message: string; readonly problems: readonly string[] } };

/** Reads the body of a request: everything that can be said of it without the machine it is for. */
function judge(body: Buffer): Verdict {
  try {
    const definitions = definitionsIn(body);
    const value = readYaml(definitions);
    const kept = Object.fromEntries(
      Object.entries(isTable(value) ? value : { '': value }).filter(([key]) => !key.startsWith('x-')),
    );
    // Reading uses the services up.
    readModel({
      ...definitions,
      value: { ...kept, ...(isTable(kept.services) && { services: { ...kept.services } }) },
    });
    return { value: kept };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { refused: { message: error.message, problems: error.problems } };
  }
}

/** Judges the body on standard input; the verdict is JSON on standard output. */
export async function judgeInput(): Promise<void> {
  process.stdout.write(JSON.stringify(judge(await buffer(process.stdin))));
}

/** The text and the name of its file in a body, nothing else. @throws Failure refused */
export function definitionsIn(body: Buffer): DefinitionText {
  const read = parsed(body);
  if (isTable(read)) {
    const { text, file, ...more } = read;
    if (typeof text === 'string' && typeof file === 'string' && Object.keys(more).length === 0) return { text, file };
  }
  throw new Failure('refused', 'body must be {"text": "...", "file": "..."}');
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Failure('refused', `body is no JSON: ${(error as Error).message}`);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
