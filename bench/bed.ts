/** The test bed of the benchmarks: veth pairs in the process's own network namespace, a generator and sinks. */
import { type Cable, cable } from '../test/traffic/cable.ts';
import type { Stream } from '../test/traffic/stream.ts';
import { Traffic } from '../test/traffic/traffic.ts';

/** A way through the machine that frames are counted on: in at one cable, out of another. */
export interface Lane {
  readonly into: Cable;
  readonly out: Cable;
}

/** Frames that came out, and how long sending them took. */
export interface Passage {
  readonly frames: number;
  readonly seconds: number;
}

/** Generator, sinks, and the bare redirect that everything is held against. */
export class Bed {
  readonly traffic: Traffic;
  readonly #ceiling: Lane;

  constructor() {
    this.traffic = new Traffic(cable('spare').far.ifindex);
    this.#ceiling = this.lane('ceiling');
    this.traffic.bare(this.#ceiling.into.engine.ifindex, this.#ceiling.out.engine.ifindex);
  }

  /** Two cables, with a sink at the far end of the second. */
  lane(name: string): Lane {
    const lane = { into: cable(`${name}-in`), out: cable(`${name}-out`) };
    this.traffic.receive({ ifindex: lane.out.far.ifindex, mac: lane.out.far.mac, tally: false });
    return lane;
  }

  /** Frames that come out of the bare redirect. */
  ceiling(frames: number, spread: Partial<Stream> = {}): Promise<Passage> {
    return this.measure(this.#ceiling, frames, { ...spread, destinationMac: this.#ceiling.out.far.mac });
  }

  /** Frames that come out of a lane, of `frames` sent as fast as they go. */
  async measure({ into, out }: Lane, frames: number, stream: Partial<Stream> = {}): Promise<Passage> {
    this.traffic.aim({
      ifindex: into.far.ifindex,
      destinationMac: into.engine.mac,
      sourceMac: into.far.mac,
      destination: '10.0.0.0',
      source: '192.0.2.1',
      port: 80,
      ...stream,
    });
    const before = this.traffic.received(out.far.ifindex);
    const started = performance.now();
    await this.traffic.send(frames);
    const seconds = (performance.now() - started) / 1000;
    return { frames: this.traffic.received(out.far.ifindex) - before, seconds };
  }

  close(): void {
    this.traffic.close();
  }
}
