import type { ToldEvent } from '../../../src/health/types.ts';
import { Hogs } from '../../traffic/hogs.ts';
import { pause } from './controller.ts';
import type { InlineBed } from './inline-bed.ts';

/** Rates that are tried, frames a second. */
const RATES = [50, 100, 150, 200, 300, 400, 500, 600, 700, 800, 900, 1000].map((thousands) => thousands * 1000);
const OVERLOAD = 1_000_000;
/** Falls further apart than a minute are not counted together. */
const MOST_SECONDS = 45;

/** What was seen while something went on that must alarm nobody. */
export interface Watch {
  readonly seconds: number;
  readonly sent: number;
  readonly lost: number;
  /** Moves, and devices given up: every one is a false alarm. */
  readonly alarms: readonly ToldEvent[];
  /** All else that was told. */
  readonly others: readonly ToldEvent[];
}

const isAlarm = ({ what, to }: ToldEvent): boolean =>
  what === 'move' || what === 'unavailable' || (what === 'state' && ['down', 'flapping', 'held-up'].includes(to ?? ''));

/** A line of `hopline events`, but for its time. */
export const eventLine = ({ what, device, pool, from, to, reason }: ToldEvent): string =>
  `${what} ${pool ?? device ?? ''} ${from ?? ''} -> ${to ?? ''}: ${reason}`;

/** What is told, and what becomes of frames, while `work` goes on. */
export async function watched(bed: InlineBed, work: () => Promise<void>): Promise<Watch> {
  const known = (await bed.controller.events()).length;
  const [sequence, arrived, started] = [bed.traffic.sequence, bed.arrived(), performance.now()];
  await work();
  const seconds = (performance.now() - started) / 1000;
  await pause(100);
  const sent = bed.traffic.sequence - sequence;
  const told = await bed.controller.eventsAfter(known);
  return {
    seconds,
    sent,
    lost: sent - (bed.arrived() - arrived),
    alarms: told.filter(isAlarm),
    others: told.filter((event) => !isAlarm(event)),
  };
}

/**
 * The highest rate, in frames a second, at which the device that works carries every frame.
 * @throws Error when it loses some at the lowest that is tried.
 */
export async function highestRate(bed: InlineBed): Promise<number> {
  let highest = 0;
  for (const rate of RATES) {
    const { sent, lost, seconds } = await watched(bed, () => bed.under(rate, () => pause(700)));
    if (lost > 0) break;
    highest = Math.max(highest, sent / seconds);
    if (sent / seconds < 0.9 * rate) break;
  }
  if (highest === 0) throw new Error(`find the highest rate: frames are lost at ${RATES[0]} a second`);
  return highest;
}

/** Both CPUs busy with a process each, and four fifths of the highest rate through the device. */
export async function busy(bed: InlineBed, seconds: number): Promise<Watch> {
  const rate = 0.8 * (await highestRate(bed));
  const hogs = new Hogs();
  try {
    return await watched(bed, () => bed.under(rate, () => pause(seconds * 1000)));
  } finally {
    await hogs.close();
  }
}

/** More than the device that works can carry: its rings overflow, with probes in them, and it still forwards. */
export async function overloaded(bed: InlineBed, seconds: number): Promise<Watch> {
  const { active } = await bed.controller.pool('firewalls');
  const working = bed.firewalls[active as keyof InlineBed['firewalls']];
  working.onItsOwn(true);
  try {
    return await watched(bed, () => bed.under(OVERLOAD, () => pause(seconds * 1000)));
  } finally {
    working.onItsOwn(false);
  }
}

/**
 * A device that carries for 300 ms, and then does not for 300 ms, again and again: for so many seconds, and before that
 * until it is said to be in state `to`, since on a busy machine not every fall is noticed.
 */
export async function flapping(bed: InlineBed, seconds: number, to?: 'flapping'): Promise<Watch> {
  const { fw1 } = bed.firewalls;
  const flap = async (end: number, over: () => Promise<boolean>): Promise<void> => {
    while (performance.now() < end && !(await over())) {
      fw1.die();
      await pause(300);
      fw1.live();
      await pause(300);
    }
  };
  return watched(bed, () =>
    bed.under(5000, async () => {
      const known = (await bed.controller.events()).length;
      const told = async () => (await bed.controller.eventsAfter(known)).some((event) => event.to === to);
      if (to !== undefined) await flap(performance.now() + MOST_SECONDS * 1000, told);
      await flap(performance.now() + seconds * 1000, () => Promise.resolve(false));
    }),
  );
}
