import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DefinitionText } from '../api-types/operations.ts';

/** Where the controller's definitions come from: a file today, a store that several engines share some day. */
export interface Source {
  /** Definitions now; undefined when there are none (yet). */
  read(): Promise<DefinitionText | undefined>;
  /** Calls back with every later state. `asked`: somebody wants it in force, though it may be what it was. */
  follow(changed: (definitions: DefinitionText, asked: boolean) => void, failed: (error: Error) => void): void;
  stop(): void;
}

/** Editors write a file in several steps; one reading serves all within this time, in ms. */
const SETTLE = 200;
/**
 * Looked at this often, in ms, whatever the directory tells: what a path leads through may be replaced further up
 * (Kubernetes swaps a link that the file's own link leads to, a directory may be deleted and made again).
 */
const LOOK = 1000;

/** A definition file: read again at SIGHUP, and with `watching` whenever it changes. */
export function fileSource(file: string, watching: boolean): Source {
  let watcher: FSWatcher | undefined;
  let settle: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let onHangup: (() => void) | undefined;
  let seen = '';
  const read = async (): Promise<DefinitionText | undefined> => {
    try {
      seen = await identityOf(file);
      return { text: await readFile(file, 'utf8'), file };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    read,
    follow(changed, failed) {
      let isAsked = false;
      const again = () => {
        clearTimeout(settle);
        settle = setTimeout(() => {
          const asked = isAsked;
          isAsked = false;
          read().then((definitions) => {
            if (definitions === undefined) failed(new Error('it is gone'));
            else changed(definitions, asked);
          }, failed);
        }, SETTLE);
      };
      onHangup = () => {
        isAsked = true;
        again();
      };
      process.on('SIGHUP', onHangup);
      if (!watching) return;
      const look = async () => {
        const now = await identityOf(file);
        if (now === seen) return;
        seen = now;
        again();
      };
      const lookAgain = () => {
        looking = setTimeout(() => void look().finally(lookAgain), LOOK).unref();
      };
      lookAgain();
      // What the directory tells is quicker. It is watched and not the file: editors replace files by renames.
      watcher = watchQuietly(dirname(file), () => void look());
    },
    stop() {
      clearTimeout(settle);
      clearTimeout(looking);
      watcher?.close();
      if (onHangup !== undefined) process.off('SIGHUP', onHangup);
    },
  };
}

/** Undefined where the directory is not there (yet): then it is looked at from time to time. */
function watchQuietly(directory: string, told: () => void): FSWatcher | undefined {
  try {
    return watch(directory, told).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

/** Tells one state of a file, at the end of all links, from another; "gone" where there is none. */
async function identityOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : String((error as Error).message);
  }
}
