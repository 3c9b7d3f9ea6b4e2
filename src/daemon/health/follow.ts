import type { ToldEvent } from '../../health/types.ts';
import { type EventFilter, type EventLog, isWanted } from './event-log.ts';

/** Events that wait for a reader who does not read; older ones go. */
const MOST = 10_000;

/** Events as they happen, until `signal`. */
export async function* follow(log: EventLog, filter: EventFilter, signal: AbortSignal): AsyncGenerator<ToldEvent> {
  let waiting: ToldEvent[] = [];
  let wake: (() => void) | undefined;
  const stop = log.listen((event) => {
    if (!isWanted(event, filter)) return;
    waiting.push(event);
    if (waiting.length > MOST) waiting.shift();
    wake?.();
  });
  const onAbort = (): void => wake?.();
  signal.addEventListener('abort', onAbort);
  try {
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
