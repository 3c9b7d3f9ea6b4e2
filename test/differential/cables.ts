/** The far ends of the engine's cables: frames go in there as a device's would, and what comes out is recorded. */
import { type ChildProcess, spawn } from 'node:child_process';
import { WIRE, Wire } from '../lab/wire.ts';

/** A NIC of the engine, and the NIC of another namespace that its cable leads to. */
export interface Cable {
  readonly ifindex: number;
  readonly nic: string;
  readonly netns: string;
}

export interface OnWire {
  readonly ifindex: number;
  readonly bytes: Uint8Array;
}

const LIMIT = 500;
const GRACE = 8;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Cables {
  readonly #cables: readonly Cable[];
  readonly #wire: Wire;
  readonly #senders: ReadonlyMap<number, ChildProcess>;
  #seen = 0;

  private constructor(cables: readonly Cable[], wire: Wire) {
    this.#cables = cables;
    this.#wire = wire;
    this.#senders = new Map(
      cables.map(({ ifindex, netns, nic }) => [
        ifindex,
        spawn(WIRE, ['send', netns, nic], { stdio: ['pipe', 'ignore', 'inherit'] }),
      ]),
    );
  }

  static async open(cables: readonly Cable[]): Promise<Cables> {
    return new Cables(cables, await Wire.open(cables));
  }

  /**
   * Sends frames into the engine, in order on each cable, and gives what came out of it: as soon as `expected` frames
   * and a little time for others went by, or after half a second.
   * @throws Error when the frames could not even be sent.
   */
  async exchange(frames: readonly OnWire[], expected: number): Promise<OnWire[]> {
    for (const { ifindex, bytes } of frames) {
      this.#senders.get(ifindex)?.stdin?.write(`${Buffer.from(bytes).toString('hex')}\n`);
    }
    const deadline = Date.now() + LIMIT;
    let fresh = this.#fresh();
    while (Date.now() < deadline && !(fresh.left >= frames.length && fresh.arrived.length >= expected)) {
      await pause(1);
      fresh = this.#fresh();
    }
    if (fresh.left < frames.length) {
      throw new Error(`send ${frames.length} frames: only ${fresh.left} left (is the helper of test/lab built?)`);
    }
    await pause(GRACE);
    const { arrived, total } = this.#fresh();
    this.#seen = total;
    return arrived;
  }

  #fresh(): { left: number; arrived: OnWire[]; total: number } {
    const seen = this.#wire.recorded.slice(this.#seen);
    const arrived = seen
      .filter(({ left }) => !left)
      .map(({ tap, bytes }) => ({ ifindex: this.#cables[tap]?.ifindex ?? 0, bytes }));
    return { left: seen.length - arrived.length, arrived, total: this.#seen + seen.length };
  }

  /** @throws Error when frames were lost on the way to us. */
  async close(): Promise<void> {
    for (const sender of this.#senders.values()) {
      sender.stdin?.end();
    }
    await this.#wire.close();
  }
}
