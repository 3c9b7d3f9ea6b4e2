import { setTimeout as pause } from 'node:timers/promises';
import type {
  LegFrames,
  ProbeAnswer,
  ProbeFrame,
  Prober,
  SynAlarm,
} from '../../../src/dataplane/probe/prober-types.ts';

/** What becomes of a frame: milliseconds until its answer, or what else comes. */
export type Fate = number | 'silent' | 'refused' | 'unsent';

interface Round {
  readonly sent: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly refused: boolean;
}

interface Known {
  readonly frame: ProbeFrame;
  sent: number;
  rounds: Round[];
  unsent: number;
}

const clock = (): number => Number(process.hrtime.bigint());

/** Devices made of words: what the tables would hold is worked out when somebody looks. */
export class FakeProber implements Prober {
  readonly cookie = 7;
  readonly shortage = undefined;
  /** What becomes of a frame that leaves now. */
  fate: (frame: ProbeFrame) => Fate = () => 0.1;
  /** Milliseconds the sending call takes before anything leaves. */
  sendDelay = 0;
  /** Thrown by the sending call. */
  failure: Error | undefined;
  readonly legs = new Map<number, { sent: number; received: number }>();
  calls = 0;
  alarm: (alarm: SynAlarm) => void = () => undefined;
  sources: { readonly v4: string; readonly v6: string } | undefined;
  readonly #known = new Map<number, Known>();

  get frames(): readonly ProbeFrame[] {
    return [...this.#known.values()].map(({ frame }) => frame);
  }

  define(frames: readonly ProbeFrame[], sources: { readonly v4: string; readonly v6: string }): void {
    const before = new Map(this.#known);
    this.#known.clear();
    this.sources = sources;
    for (const frame of frames) {
      const old = before.get(frame.id) ?? { sent: 0, rounds: [], unsent: 0 };
      this.#known.set(frame.id, { ...old, frame });
    }
  }

  async send(ids: Uint32Array): Promise<void> {
    this.calls += 1;
    if (this.sendDelay > 0) await pause(this.sendDelay);
    if (this.failure !== undefined) throw this.failure;
    for (const id of ids) {
      const known = this.#known.get(id);
      if (known !== undefined) this.#leave(known);
    }
  }

  answer(id: number): ProbeAnswer {
    const { sent, rounds } = this.#known.get(id)!;
    const now = clock();
    const last = rounds.findLast(({ answeredAt }) => answeredAt <= now);
    const { answeredAt = 0, refused = false } = last ?? {};
    return { sent, sentAt: rounds.at(-1)?.sentAt ?? 0, answered: last?.sent ?? 0, answeredAt, refused };
  }

  unsent(id: number): number {
    return this.#known.get(id)?.unsent ?? 0;
  }

  legFrames(leg: number): LegFrames {
    return { sent: 0, received: 0, ...this.legs.get(leg) };
  }

  onAlarm(heard: (alarm: SynAlarm) => void): void {
    this.alarm = heard;
  }

  #leave(known: Known): void {
    const fate = this.fate(known.frame);
    const sentAt = clock();
    known.sent += 1;
    if (fate === 'unsent') known.unsent += 1;
    const silent = fate === 'unsent' || fate === 'silent';
    const delay = silent ? Number.POSITIVE_INFINITY : 1e6 * (fate === 'refused' ? 0.1 : fate);
    const round = { sent: known.sent, sentAt, answeredAt: sentAt + delay, refused: fate === 'refused' };
    known.rounds = [...known.rounds.slice(-3), round];
  }
}
