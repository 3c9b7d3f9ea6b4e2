import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Logger } from '../dataplane/types.ts';

/** Above everything that does not ask for more itself. */
const NICE = -15;

/**
 * Late timers look like late probes: the controller goes before other programs, where it may. Linux keeps a priority for
 * each thread; those that come later have that of the thread that starts them.
 */
export function raisePriority(logger: Logger): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICE);
  } catch (error) {
    const { message } = error as Error;
    logger.info({ error: message }, 'priority not raised: on a busy machine dead devices may be left later');
  }
}
