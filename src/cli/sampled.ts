import { setTimeout as wait } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import type { Operations, RatedCounters } from '../api-types/operations.ts';
import { withRates } from '../views/rates.ts';
import { outputEnded } from './output.ts';

/** Counters with rates, one for each interval, until nobody reads them any more. */
export async function* sampled(operations: Operations, seconds: number): AsyncGenerator<RatedCounters> {
  let before = await operations.counters();
  while (await passed(seconds)) {
    const after = await operations.counters();
    yield withRates(before, after);
    before = after;
  }
}

/** False where it ends before. */
async function passed(seconds: number): Promise<boolean> {
  try {
    await wait(seconds * 1000, undefined, { signal: outputEnded });
    return true;
  } catch {
    return false;
  }
}

/** An argument in seconds. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 3600)) throw new InvalidArgumentError('seconds between 0.1 and 3600');
  return value;
}
