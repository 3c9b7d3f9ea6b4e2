import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writeAtomically } from './files.ts';

/** What the controller took last from the definition file that it follows. */
export interface Taken {
  readonly file: string;
  /** Of the text, as {@link digestOf} has it. */
  readonly digest: string;
}

/** Remembers it in the state directory: a file that did not change since is not taken again, and undoes no later command. */
export class FollowedFileRecord {
  readonly #path: string;

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'followed.json');
  }

  async read(): Promise<Taken | undefined> {
    const text = await readIfThere(this.#path);
    return text === undefined ? undefined : (JSON.parse(text) as Taken);
  }

  async write(taken: Taken): Promise<void> {
    await writeAtomically(this.#path, `${JSON.stringify(taken)}\n`);
  }
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
