import type { ToldEvent } from '../health/types.ts';

/** How one telling ended: `failed` after every try, `dropped` before the first one, for want of room or time. */
export type Result = 'delivered' | 'failed' | 'dropped';

/** A way to tell somebody of events. Nothing waits for it. */
export interface Way {
  tell(event: ToldEvent): void;
  /** Gives what is under way a moment to end, then gives up. */
  stop(): Promise<void>;
}

/** What a way says of each telling; `why` where it was not delivered. */
export type Report = (result: Result, why?: string) => void;

/** How long what is under way may still take when the controller ends, in ms. */
export const LAST_MOMENT = 1000;
