import { fullyVisible } from '../../terms/invisible.ts';
import { inWords } from './failure.ts';
import type { ProbeResult, ProbeTarget } from './types.ts';

/** Characters: a sentence, whatever a device answers. */
const DETAIL_MOST = 300;

/** What one attempt of a probe holds: all of it is given back when it ends, in whichever way. */
export class Attempt {
  readonly target: ProbeTarget;
  /** What is being waited for, for the words of a failure. */
  stage = 'starting';
  /** Set where the exchange measures better than this process can, in ms. */
  took: number | undefined;
  readonly #given: (() => unknown)[] = [];
  #ended = false;

  constructor(target: ProbeTarget) {
    this.target = target;
  }

  /** Gives something back at the end; at once when the end was already. */
  defer(giveBack: () => unknown): void {
    if (this.#ended) giveBack();
    else this.#given.push(giveBack);
  }

  async end(): Promise<void> {
    this.#ended = true;
    // What stands on something else goes first: TLS destroyed after its own connection crashes Node 26.10.
    for (const giveBack of this.#given.reverse()) await giveBack();
  }
}

class TimeLimit extends Error {
  readonly lateMs: number;
  constructor(timeoutMs: number, lateMs: number) {
    super(`no answer in ${timeoutMs} ms`);
    this.lateMs = lateMs;
  }
}

/**
 * Runs the exchange of one probe within its time limit and turns any end of it into a result.
 * @param exchange resolves to words when the target is well, throws otherwise
 */
export async function attempt(
  target: ProbeTarget,
  exchange: (attempt: Attempt) => Promise<string>,
): Promise<ProbeResult> {
  const held = new Attempt(target);
  const started = performance.now();
  let milliseconds: number;
  let result: Omit<ProbeResult, 'milliseconds'>;
  try {
    const detail = await Promise.race([interrupted(held, started), exchange(held)]);
    milliseconds = held.took ?? performance.now() - started;
    result = { ok: true, detail };
  } catch (error) {
    milliseconds = performance.now() - started;
    const detail = `${held.stage}: ${inWords(error)}`;
    result = { ok: false, detail, ...(error instanceof TimeLimit ? { lateMs: error.lateMs } : {}) };
  }
  await held.end();
  // It quotes what devices answer, and goes to terminals, logs and pages.
  return { ...result, detail: fullyVisible(result.detail.slice(0, DETAIL_MOST)), milliseconds };
}

/** Rejects at the time limit, or when the caller gives up. */
function interrupted(held: Attempt, started: number): Promise<never> {
  const { timeoutMs, signal } = held.target;
  return new Promise((_, reject) => {
    const giveUp = (): void => reject(new Error('given up'));
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp);
    const timer = setTimeout(() => {
      const lateMs = performance.now() - started - timeoutMs;
      // After a stall the timers run before the sockets are read: an answer that is already there must count.
      setImmediate(() => reject(new TimeLimit(timeoutMs, Math.max(0, lateMs))));
    }, timeoutMs);
    held.defer(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    });
  });
}
