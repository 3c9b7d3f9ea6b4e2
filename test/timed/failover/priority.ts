import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As the controller's own. */
const NICE = -15;

/**
 * This process and what it starts from now on plays clients, devices and servers, which are other machines: whatever else
 * goes on here must not keep them from sending, nor from failing when they are told to.
 */
export function playOtherMachines(): void {
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICE);
}
