/**
 * Results in a row, in one signed number: +n good ones, -n bad ones, 0 before the first. Never cumulative: a good one
 * forgets all bad ones before it, and the other way round.
 */
export type Run = number;

export const afterGood = (run: Run): Run => (run > 0 ? run + 1 : 1);
export const afterBad = (run: Run): Run => (run < 0 ? run - 1 : -1);

/** What a run says of what was believed before. */
export type Verdict = 'unknown' | 'passing' | 'failing';

/** Something that can be passing or failing: a probe or a threshold. */
export interface Sign {
  readonly verdict: Verdict;
  /** 0: only reported. */
  readonly weight: number;
  /** The version of IP it is about, where its device is asked in both. */
  readonly family?: 4 | 6 | undefined;
  /** Why it fails or is in doubt, for people. */
  words(): string;
}
