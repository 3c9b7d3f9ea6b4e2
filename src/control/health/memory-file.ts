import { join } from 'node:path';
import type { Logger } from '../../dataplane/types.ts';
import type { Memory } from '../../health/machine/memory.ts';
import { readIfThere, writeAtomically } from '../state/files.ts';

/** What changes within this time, in ms, is written together. */
const GATHER = 300;

/** What outlives the controller. */
export interface Kept {
  readonly memory: Memory;
  /** By pool: the active member that definitions named; where they name another one now, that one is to work. */
  readonly actives: Readonly<Record<string, string>>;
}

interface Written extends Kept {
  readonly version: 1;
  /** When it was written: ages in the memory count from then. */
  readonly time: string;
}

/** health.json: what the machine has to find again, replaced as a whole soon after it changed. */
export class MemoryFile {
  readonly #path: string;
  readonly #remember: () => Kept;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string, remember: () => Kept, logger: Logger) {
    this.#path = pathIn(directory);
    this.#remember = remember;
    this.#logger = logger;
  }

  /** It is to be written soon; nobody waits for it. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.write().catch((error: Error) =>
        this.#logger.warn({ error: error.message }, 'what is known of devices could not be kept'),
      );
    }, GATHER);
  }

  /** Writes it now: before a command says that it is done. @throws Failure where the disk does not take it. */
  write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const turn = this.#writing.then(() => {
      const kept: Written = { version: 1, time: new Date().toISOString(), ...this.#remember() };
      return writeAtomically(this.#path, `${JSON.stringify(kept)}\n`);
    });
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** Writes what is not written yet. */
  async stop(): Promise<void> {
    if (this.#timer !== undefined) await this.write().catch(() => undefined);
    await this.#writing;
  }
}

/** What was remembered, with ages as they are now; undefined where nothing was. @throws Error where it cannot be read. */
export async function readMemory(directory: string, now = Date.now()): Promise<Kept | undefined> {
  const path = pathIn(directory);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const kept = parse(text);
  if (kept === undefined) throw new Error(`read ${path}: it is not what a controller wrote (remove it to begin anew)`);
  return { actives: kept.actives, memory: older(kept.memory, Math.max(0, now - Date.parse(kept.time))) };
}

const pathIn = (directory: string): string => join(directory, 'health.json');

function parse(text: string): Written | undefined {
  try {
    const kept = JSON.parse(text) as Partial<Written> | null;
    return kept?.version === 1 && kept.memory && kept.actives ? (kept as Written) : undefined;
  } catch {
    return undefined;
  }
}

function older({ devices, pools }: Memory, by: number): Memory {
  return {
    devices: devices.map((each) => ({ ...each, age: each.age + by, falls: each.falls.map((age) => age + by) })),
    pools: pools.map((each) => ({ ...each, age: each.age + by })),
  };
}
