import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventFilter } from '../../api-types/health-operations.ts';
import type { Logger } from '../../dataplane/types.ts';
import type { ToldEvent } from '../../health/types.ts';
import { readLines } from '../state/files.ts';

/** Bytes of one file; with the one before it twice as much is kept, some 30,000 events. */
const MOST = 4 * 1024 * 1024;

/** Events on the disk, and for who listens. Writing is never waited for; what the disk does not take is said in the journal. */
export class EventLog {
  readonly #directory: string;
  readonly #most: number;
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: ToldEvent) => void>();
  #pending: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failing = false;
  /** False: the file may end in half a line, of a controller that was killed or a disk that was full. */
  #whole = false;

  constructor(directory: string, logger: Logger, most = MOST) {
    this.#directory = directory;
    this.#logger = logger;
    this.#most = most;
  }

  add(event: ToldEvent): void {
    if (this.#pending.push(`${JSON.stringify(event)}\n`) === 1) this.#writing = this.#writing.then(() => this.#write());
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls back with every later event, until the function it gives back is called. */
  listen(listener: (event: ToldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when everything added so far was written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    const [now, before] = filesOf(this.#directory);
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const size = await sizeOf(now);
      const isFull = size + text.length > this.#most;
      if (isFull && size > 0) await rename(now, before);
      const begin = this.#whole || isFull || size === 0 ? '' : '\n';
      await appendFile(now, begin + text, { mode: 0o600 });
      this.#failing = false;
      this.#whole = true;
    } catch (error) {
      this.#whole = false;
      if (!this.#failing) this.#logger.warn({ error: (error as Error).message }, 'events could not be kept');
      this.#failing = true;
    }
  }
}

/** What was kept, oldest first; lines that a killed controller left half are passed over. */
export async function readEvents(directory: string, filter: EventFilter = {}): Promise<readonly ToldEvent[]> {
  const [now, before] = filesOf(directory);
  const lines = [...(await readLines(before)), ...(await readLines(now))];
  return lines.flatMap((line) => parse(line) ?? []).filter((event) => isWanted(event, filter));
}

/** Whether an event is one of those wanted. */
export function isWanted({ time, device, pool, from, to }: ToldEvent, filter: EventFilter): boolean {
  if (filter.since !== undefined && time < filter.since) return false;
  if (filter.device === undefined || device === filter.device) return true;
  return pool !== undefined && (from === filter.device || to === filter.device);
}

const filesOf = (directory: string) => [join(directory, 'events.jsonl'), join(directory, 'events.1.jsonl')] as const;

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function parse(line: string): ToldEvent | undefined {
  try {
    return JSON.parse(line) as ToldEvent;
  } catch {
    return undefined;
  }
}
