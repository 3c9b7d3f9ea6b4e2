import type { FrameProbes } from './frame-probes.ts';

/** What is heard of sending. */
export interface SenderEars {
  /** A round left: there is something to judge. */
  left(): void;
  failed(words: string): void;
}

/** Sends rounds, one call at a time. What is due while one is under way goes with the next. */
export class Sender {
  readonly #frames: FrameProbes;
  readonly #ears: SenderEars;
  #underWay: Promise<void> | undefined;
  #stopped = false;

  constructor(frames: FrameProbes, ears: SenderEars) {
    this.#frames = frames;
    this.#ears = ears;
  }

  /** Sends what is to be sent, now or as soon as the present call is over. */
  pump(): void {
    if (this.#underWay !== undefined || this.#stopped || !this.#frames.isWaiting) return;
    this.#underWay = this.#send().finally(() => {
      this.#underWay = undefined;
      if (this.#stopped) return;
      this.#ears.left();
      this.pump();
    });
  }

  /** Resolves when no call is under way; none begins after it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#underWay;
  }

  async #send(): Promise<void> {
    try {
      await this.#frames.send();
    } catch (error) {
      this.#ears.failed(`probes cannot be sent: ${(error as Error).message}`);
    }
  }
}
