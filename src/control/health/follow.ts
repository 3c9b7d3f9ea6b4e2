import type { EventFilter } from '../../api-types/health-operations.ts';
import type { ToldEvent } from '../../health/types.ts';
import { type EventLog, isWanted } from './event-log.ts';

/** Events that wait for a reader who does not read; older ones go. */
const MOST = 10_000;

/**
 * Kept events, oldest first, and then those that happen, until `signal`: none left out in between, none twice.
 * @param readKept reads what was kept up to then or later.
 */
export async function* follow(
  log: EventLog,
  readKept: () => Promise<readonly ToldEvent[]>,
  filter: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<ToldEvent> {
  let waiting: ToldEvent[] = [];
  let wake: (() => void) | undefined;
  // Before what was kept is read: what happens meanwhile may be in both.
  const stop = log.listen((event) => {
    if (!isWanted(event, filter)) return;
    waiting.push(event);
    if (waiting.length > MOST) waiting.shift();
    wake?.();
  });
  const onAbort = (): void => wake?.();
  signal.addEventListener('abort', onAbort);
  try {
    const kept = await readKept();
    const given = new Set(kept.map((event) => JSON.stringify(event)));
    waiting = waiting.filter((event) => !given.has(JSON.stringify(event)));
    yield* kept;
    while (!signal.aborted) {
      const ready = waiting;
      waiting = [];
      yield* ready;
      if (waiting.length > 0 || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
}
