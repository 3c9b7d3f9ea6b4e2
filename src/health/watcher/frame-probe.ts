import type { Prober } from '../../dataplane/probe/prober-types.ts';
import type { Direction, ProbeSpec } from '../../terms/health/spec.ts';
import type { ComposedProbe } from '../frames/types.ts';

/** One frame of a probe. */
export interface WatchedFrame {
  readonly id: number;
  readonly direction: Direction | undefined;
  /** The prober's number of its last round. */
  sent: number;
  /** The prober's number of a round that was called lost and may still be answered; undefined when there is none. */
  lost: LostRound | undefined;
  /** `Prober.unsent` as last seen. */
  unsent: number;
  /** It is sent no more: what became of it is nobody's business. */
  gone: boolean;
}

export interface LostRound {
  readonly sent: number;
  readonly sentAt: number;
  readonly sequence: number;
}

/** A probe that consists of frames, sent together in rounds. Times are milliseconds. */
export interface FrameProbe {
  readonly device: string;
  spec: ProbeSpec;
  /** Empty while it cannot be sent. */
  frames: readonly WatchedFrame[];
  interval: number;
  nextAt: number;
  /** Of the last round, as the machine counts them. */
  sequence: number;
}

/** What results and actions name it by. */
export const probeKey = (device: string, probe: string): string => `${device}\0${probe}`;

/** Frames of a new composition; those that are there already keep what is known of them. */
export function takeFrames(
  { frames: before }: FrameProbe,
  composed: readonly ComposedProbe[],
  prober: Pick<Prober, 'answer' | 'unsent'>,
): readonly WatchedFrame[] {
  const same = composed.length === before.length && composed.every(({ frame }, i) => frame.id === before[i]!.id);
  if (same) return before;
  return composed.map(({ direction, frame: { id } }) => {
    const known = before.find((frame) => frame.id === id);
    if (known !== undefined) return known;
    return { id, direction, sent: prober.answer(id).sent, lost: undefined, unsent: prober.unsent(id), gone: false };
  });
}
