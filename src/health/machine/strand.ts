import type { Outcome, ProbeResult } from './report.ts';
import { afterBad, afterGood, type Run } from './run.ts';

/** What is known of one probe in one direction. Times are those of sending. */
export interface Strand {
  run: Run;
  /** Sequence number of the last result that counted. */
  judged: number;
  goodAt: number;
  /** First, last but one, and last failure of the present row; and its first loss, infinite where there is none. */
  badSince: number;
  lostSince: number;
  badBefore: number;
  badAt: number;
  outcome: Outcome;
  detail: string | undefined;
  /** Last sign of life that is no answer in time: frames of services that came out, or a late answer. */
  heardAt: number;
}

export function newStrand(): Strand {
  const never = Number.NEGATIVE_INFINITY;
  return {
    run: 0,
    judged: -1,
    goodAt: never,
    badSince: never,
    lostSince: Number.POSITIVE_INFINITY,
    badBefore: never,
    badAt: never,
    outcome: 'answered',
    detail: undefined,
    heardAt: never,
  };
}

/** Counts a result; losses sent before `notBefore` are no longer believed. Who said no, said so whenever it was read. */
export function count(strand: Strand, result: ProbeResult, notBefore: number): void {
  strand.outcome = result.outcome;
  if (result.outcome === 'answered') {
    strand.run = afterGood(strand.run);
    strand.goodAt = result.sentAt;
    return;
  }
  if (strand.run < 0 && strand.lostSince < notBefore) strand.run = 0;
  strand.run = afterBad(strand.run);
  strand.detail = result.detail;
  if (strand.run === -1) {
    strand.badSince = result.sentAt;
    strand.lostSince = Number.POSITIVE_INFINITY;
  }
  if (result.outcome === 'lost') strand.lostSince = Math.min(strand.lostSince, result.sentAt);
  strand.badBefore = strand.run === -1 ? result.sentAt : strand.badAt;
  strand.badAt = result.sentAt;
}

/**
 * Whether it is alive although its probes are lost: something came out after the last but one lost probe was sent.
 * (A device whose ring overflows loses probes and still forwards. After a real death nothing comes out for a whole
 * interval.)
 */
export function isAlive(strand: Strand): boolean {
  return strand.outcome === 'lost' && strand.heardAt > strand.badBefore;
}
