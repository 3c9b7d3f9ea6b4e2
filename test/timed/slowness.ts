import { load } from 'js-yaml';
import { manyServices } from '../model/many-services.ts';

/** Seconds that the YAML parser took for 100,000 services on the machine that limits were promised on. */
const THERE = 1.24;
export const QUARTER_MORE = 1.25;

/** What to multiply a limit with that nobody was promised: {@link slowness}, and a quarter more. */
export const allowance = (): number => QUARTER_MORE * slowness();

/**
 * How many times as long as that machine this one needs at the moment, at least 1. A shared machine's memory is at times
 * half as fast. Takes a second or two. To be called once in a process: a second time the parser would be compiled
 * already.
 */
export function slowness(): number {
  const text = manyServices(100_000);
  const started = performance.now();
  load(text);
  return Math.max(1, (performance.now() - started) / 1000 / THERE);
}
