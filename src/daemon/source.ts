import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { DefinitionText } from '../api-types/operations.ts';

/** Where the controller's definitions come from: a file today, a store that several engines share some day. */
export interface Source {
  /** Definitions now; undefined when there are none (yet). */
  read(): Promise<DefinitionText | undefined>;
  /** Calls back with every later state. */
  follow(changed: (definitions: DefinitionText) => void, failed: (error: Error) => void): void;
  stop(): void;
}

/** Editors write a file in several steps; one reading serves all within this time, in ms. */
const SETTLE = 200;

/** A definition file: read again at SIGHUP, and with `watching` whenever it changes. */
export function fileSource(file: string, watching: boolean): Source {
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let onHangup: (() => void) | undefined;
  const read = async (): Promise<DefinitionText | undefined> => {
    try {
      return { text: await readFile(file, 'utf8'), file };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    read,
    follow(changed, failed) {
      const again = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          read().then((definitions) => {
            if (definitions === undefined) failed(new Error(`read ${file}: it is gone (what was applied stays)`));
            else changed(definitions);
          }, failed);
        }, SETTLE);
      };
      onHangup = again;
      process.on('SIGHUP', again);
      // The directory is watched, not the file: editors and configuration tools replace files by renames.
      if (watching) watcher = watch(dirname(file), (_, name) => name === basename(file) && again());
    },
    stop() {
      clearTimeout(timer);
      watcher?.close();
      if (onHangup !== undefined) process.off('SIGHUP', onHangup);
    },
  };
}
