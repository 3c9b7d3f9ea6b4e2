import type { ProbeAnswer, Prober } from '../../dataplane/probe/prober-types.ts';
import type { Outcome, ProbeResult } from '../machine/report.ts';
import { fromKernel } from './clock.ts';
import type { FrameProbe, WatchedFrame } from './frame-probe.ts';

/** Probes of one limit that left together, and what their frames were numbered. */
export interface Judgement {
  /** When the limit of the last of them is over. */
  at: number;
  /** When it is looked whether handshakes were refused, which needs no waiting for; Infinity: no more. */
  early: number;
  readonly limit: number;
  readonly probes: FrameProbe[];
  /** Of each probe: the frames it had, and the number of its round. */
  readonly frames: (readonly WatchedFrame[])[];
  readonly sequences: number[];
  /** Of each frame, one probe's after the other's; NOT_SENT where it did not leave. */
  readonly sent: number[];
  readonly sentAt: number[];
}

export const NOT_SENT = -1;

type Reader = Pick<Prober, 'answer' | 'unsent'>;

/** Adds what became of the rounds of a judgement; `lossOf` is told the device of every loss. */
export function judgeAll(
  judgement: Judgement,
  prober: Reader,
  results: ProbeResult[],
  lossOf: (device: string) => void,
): void {
  let place = 0;
  for (const [i, probe] of judgement.probes.entries()) {
    const frames = judgement.frames[i]!;
    const first = results.length;
    const isLost = judgeProbe(judgement, i, place, prober, results);
    place += frames.length;
    if (probe.spec.question.kind === 'negative') {
      const seen = results.splice(first);
      if (seen.length > 0) results.push(stopped(seen));
      continue;
    }
    if (!isLost) continue;
    lossOf(probe.device);
    for (const frame of frames.filter(({ gone }) => !gone)) {
      const late = takeLate(probe, frame, prober.answer(frame.id));
      if (late !== undefined) results.push(late);
    }
  }
}

/** Rounds that were refused, before their limit is over; they are not judged again. */
export function takeRefused({ probes, frames, sequences, sent, sentAt }: Judgement, prober: Reader): ProbeResult[] {
  const results: ProbeResult[] = [];
  let place = -1;
  for (const [i, probe] of probes.entries()) {
    for (const frame of frames[i]!) {
      place += 1;
      if (probe.spec.question.kind !== 'handshake' || sent[place] === NOT_SENT || frame.gone) continue;
      const { answered, refused } = prober.answer(frame.id);
      if (!refused || answered !== sent[place]) continue;
      const result = judge(probe, frame, sent[place]!, sentAt[place]!, sequences[i]!, prober);
      sent[place] = NOT_SENT;
      if (result !== undefined) results.push(result);
    }
  }
  return results;
}

/**
 * One probe of a judgement, whose frames begin at `place`: adds what became of each that left.
 * @returns whether one of them was lost.
 */
function judgeProbe(
  { probes, frames, sequences, sent, sentAt }: Judgement,
  i: number,
  place: number,
  prober: Reader,
  results: ProbeResult[],
): boolean {
  let isLost = false;
  let at = place;
  for (const frame of frames[i]!) {
    const number = sent[at]!;
    const left = sentAt[at++]!;
    if (number === NOT_SENT || frame.gone) continue;
    const result = judge(probes[i]!, frame, number, left, sequences[i]!, prober);
    if (result === undefined) continue;
    results.push(result);
    isLost ||= result.outcome === 'lost';
  }
  return isLost;
}

/** The late answer of a round that was called lost, once. */
export function takeLate(probe: FrameProbe, frame: WatchedFrame, answer: ProbeAnswer): ProbeResult | undefined {
  const { lost } = frame;
  if (lost === undefined || !isAnswered(answer, lost.sent)) return undefined;
  frame.lost = undefined;
  // A newer one was answered since: when this one was is not known any more.
  if (answer.answered !== lost.sent) return undefined;
  const took = Math.max(0, fromKernel(answer.answeredAt) - lost.sentAt);
  return resultOf(probe, frame, lost.sequence, lost.sentAt, 'late', took);
}

/** What became of one frame of the round numbered `sent` by the prober, `sequence` by the machine; undefined: nothing to say. */
function judge(
  probe: FrameProbe,
  frame: WatchedFrame,
  sent: number,
  sentAt: number,
  sequence: number,
  prober: Reader,
): ProbeResult | undefined {
  const answer = prober.answer(frame.id);
  if (isAnswered(answer, sent)) {
    const newer = answer.answered !== sent;
    const took = Math.max(0, fromKernel(answer.answeredAt) - (newer ? fromKernel(answer.sentAt) : sentAt));
    if (took <= probe.spec.limit || newer) {
      frame.lost = undefined;
      const outcome = answer.refused && !newer ? 'refused' : 'answered';
      return resultOf(probe, frame, sequence, sentAt, outcome, took);
    }
  }
  const unsent = prober.unsent(frame.id);
  if (unsent !== frame.unsent) {
    // It never left: that is no loss of the device's.
    frame.unsent = unsent;
    return undefined;
  }
  frame.lost = { sent, sentAt, sequence };
  return resultOf(probe, frame, sequence, sentAt, 'lost', 0);
}

/** Of frames that must be stopped: one that came out is wrong, whatever became of the others. */
function stopped(seen: readonly ProbeResult[]): ProbeResult {
  const out = seen.findIndex(({ outcome }) => outcome !== 'lost');
  const { direction: _, ...result } = seen[Math.max(out, 0)]!;
  if (out < 0) return { ...result, outcome: 'answered' };
  return { ...result, outcome: 'wrong', detail: `frame ${out + 1} of ${seen.length} came out` };
}

function resultOf(
  { device, spec }: FrameProbe,
  { direction }: WatchedFrame,
  sequence: number,
  sentAt: number,
  outcome: Outcome,
  took: number,
): ProbeResult {
  const probe = spec.name;
  if (direction === undefined) return { device, probe, sequence, sentAt, outcome, took };
  return { device, probe, direction, sequence, sentAt, outcome, took };
}

/** Numbers wrap at 2^32. */
const isAnswered = (answer: ProbeAnswer, sent: number): boolean => ((answer.answered - sent) | 0) >= 0;
