/** Something that is asked again and again. Times are milliseconds. */
export interface Paced {
  readonly interval: number;
  nextAt: number;
}

/** Steps of this part of a whole never come near each other (golden ratio): starts are spread evenly, however many. */
const SPREAD = 0.618_033_988_75;

/** When the first one of number `place` is due: somewhere within its interval, evenly spread. */
export function firstTime(now: number, interval: number, place: number): number {
  return now + interval * ((place * SPREAD) % 1);
}

/** Whether it is due at the tick at `tick`; `slack` is half of what ticks are apart. Sets when it is due next. */
export function takeTurn(paced: Paced, tick: number, slack: number): boolean {
  if (paced.nextAt > tick + slack) return false;
  const next = paced.nextAt + paced.interval;
  // After a stall it goes on from now: what was missed is not made up for.
  paced.nextAt = next > tick + slack ? next : tick + paced.interval;
  return true;
}

/** Takes another pace from now on: never later than it would have been. */
export function changePace(paced: Paced & { interval: number }, interval: number, now: number): void {
  paced.interval = interval;
  paced.nextAt = Math.min(paced.nextAt, now + interval);
}
