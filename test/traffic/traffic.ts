import { attachXdp, type BpfLink, type LoadedObject, openObject } from '../../src/libbpf/index.ts';
import { FRAME, frameTo, macBytes, type Stream } from './stream.ts';

/** Where the fields of traffic.bpf.c's structs lie. */
const GENERATOR = { sequence: 0, destinations: 8, destination: 12, source: 16, sources: 20, headerSum: 24, frame: 32 };
const ROLE = {
  kind: 0,
  out: 4,
  destinationMac: 8,
  sourceMac: 14,
  ownMac: 20,
  tally: 26,
  timed: 27,
  received: 32,
  strays: 544,
  first: 1056,
  size: 1568,
};
const KINDS = { sink: 1, wire: 2, tally: 3, cord: 4, witness: 5 };
const ROLES = 1024;
const CPUS = 64;
const SEEN = 1 << 24;
const TIMES = 1 << 16;
/** Frames of one paced call: fewer than a veth's queue holds. */
const BURST = 192;
/** Milliseconds after which a paced frame counts as lost. */
const PATIENCE = 500;
/** Milliseconds of a flow that are made up for at most, where this process did not come to its turn. */
const ARREARS = 10;

const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Where a frame has what a sink can remember; 0: its number. */
const TALLIES = { number: 0, source: 26, destination: 30 };

const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) >>> 0;

/** A NIC that counts numbered frames; with `out` it hands them to its other leg, as a device in the middle does. */
export interface Receiver {
  readonly ifindex: number;
  /**
   * Remembers which numbers came, or which addresses (their last 24 bits); default `number`. With false a sink only
   * counts, which is faster.
   */
  readonly tally?: keyof typeof TALLIES | false;
  /** Frames for another MAC are strays. */
  readonly mac: string;
  readonly out?: { readonly ifindex: number; readonly destinationMac: string; readonly sourceMac: string };
  /** Knows when the first frame came, and with a tally of numbers when each of the last 65,536 did. */
  readonly timed?: boolean;
}

/** Generator, wires and sinks of one network namespace; see traffic.bpf.c. */
export class Traffic {
  readonly #object: LoadedObject;
  readonly #links: BpfLink[] = [];
  readonly #generator: DataView;
  readonly #roles: DataView;
  readonly #seen: Uint8Array;
  readonly #times: BigUint64Array;

  /** @param spare an interface nothing else uses: the generator stays attached there, so that a call costs microseconds. */
  constructor(spare: number) {
    this.#object = openObject('.output/test/traffic/traffic.bpf.o').load();
    this.#generator = new DataView(this.#object.map('generators').mmap());
    this.#roles = new DataView(this.#object.map('roles').mmap());
    this.#seen = new Uint8Array(this.#object.map('sequences').mmap());
    this.#times = new BigUint64Array(this.#object.map('times').mmap());
    this.#links.push(attachXdp(this.#object.program('generate'), spare, 'native'));
  }

  aim(stream: Stream): void {
    const g = this.#generator;
    g.setUint32(GENERATOR.destination, addressNumber(stream.destination), true);
    g.setUint32(GENERATOR.destinations, stream.destinations ?? 1, true);
    g.setUint32(GENERATOR.source, addressNumber(stream.source), true);
    g.setUint32(GENERATOR.sources, stream.sources ?? 1, true);
    const frame = frameTo(stream);
    new Uint8Array(g.buffer, GENERATOR.frame, FRAME).set(frame);
    let sum = 0;
    const header = new DataView(frame.buffer);
    for (let at = 14; at < 34; at += 2) sum += header.getUint16(at, true);
    g.setUint32(GENERATOR.headerSum, sum, true);
    this.#target(0, stream.ifindex);
  }

  receive({ ifindex, mac, out, tally = 'number', timed = false }: Receiver): void {
    const base = this.#take(ifindex);
    const role = new Uint8Array(this.#roles.buffer, base, ROLE.size);
    role.set(macBytes(mac), ROLE.ownMac);
    if (out) {
      this.#roles.setUint32(base + ROLE.out, out.ifindex, true);
      role.set(macBytes(out.destinationMac), ROLE.destinationMac);
      role.set(macBytes(out.sourceMac), ROLE.sourceMac);
    }
    if (tally) role[ROLE.tally] = TALLIES[tally];
    role[ROLE.timed] = timed ? 1 : 0;
    this.#play(ifindex, out ? KINDS.wire : tally ? KINDS.tally : KINDS.sink);
  }

  /** What comes in at a NIC goes out of another as it is, whatever it is: half of a bridging device that is nothing but a cord. */
  cord(from: number, to: number): void {
    this.#roles.setUint32(this.#take(from) + ROLE.out, to, true);
    this.#play(from, KINDS.cord);
  }

  /** A NIC behind which there is another device: counts numbered frames, knows when the first came, and lets all pass. */
  witness(ifindex: number): void {
    this.#roles.setUint8(this.#take(ifindex) + ROLE.timed, 1);
    this.#play(ifindex, KINDS.witness);
  }

  /** From one NIC straight out of another: the ceiling. */
  bare(from: number, to: number): void {
    this.#target(1, to);
    this.#links.push(attachXdp(this.#object.program('bare'), from, 'native'));
  }

  /** Sends `count` frames, as fast as they go; resolves when all are handed over. */
  async send(count: number, batch = 64): Promise<void> {
    const data = new Uint8Array(FRAME);
    await this.#object.program('generate').testRunAsync({ data, live: true, repeat: count, batch });
  }

  /**
   * Sends at `rate` frames a second until told to stop, in small calls, never more under way than a veth's queue holds:
   * this process does not always come to its turn in time. Frames that do not arrive are waited for, not for ever.
   * @param arrived how many frames have reached a sink, ever.
   */
  async pace(rate: number, arrived: () => number, stop: () => boolean): Promise<void> {
    const [first, before] = [this.sequence, arrived()];
    const missing = () => this.sequence - first - (arrived() - before);
    const started = performance.now();
    let lost = 0;
    while (!stop()) {
      const behind = Math.floor(((performance.now() - started) / 1000) * rate) - (this.sequence - first);
      if (behind > 0) await this.send(Math.min(behind, BURST));
      else await pause(1);
      const deadline = performance.now() + PATIENCE;
      while (missing() > lost && performance.now() < deadline) await pause(1);
      lost = Math.max(lost, missing());
    }
  }

  /**
   * Sends `rate` frames a second until told to stop, whatever becomes of them.
   * @param batch frames that are handed over at once.
   */
  async flow(rate: number, stop: () => boolean, batch = 64): Promise<void> {
    let due = performance.now();
    while (!stop()) {
      const now = performance.now();
      due = Math.max(due, now - ARREARS);
      const behind = Math.floor(((now - due) / 1000) * rate);
      if (behind > 0) await this.send(behind, batch);
      else await pause(1);
      due += (behind / rate) * 1000;
    }
  }

  /** A {@link flow} while `work` goes on. */
  async during<Result>(rate: number, work: () => Promise<Result>): Promise<Result> {
    let done = false;
    const load = this.flow(rate, () => done);
    try {
      return await work();
    } finally {
      done = true;
      await load;
    }
  }

  /** Number of the next frame: how many were ever sent. */
  get sequence(): number {
    return Number(this.#generator.getBigUint64(GENERATOR.sequence, true));
  }

  received(ifindex: number): number {
    return this.#sum(ifindex, ROLE.received);
  }

  strays(ifindex: number): number {
    return this.#sum(ifindex, ROLE.strays);
  }

  /** From now on the next frame is the first one again, there. */
  arm(ifindex: number): void {
    const [base, first] = [this.#base(ifindex), ROLE.first];
    for (let cpu = 0; cpu < CPUS; cpu++) this.#roles.setBigUint64(base + first + 8 * cpu, 0n, true);
  }

  /** When the first frame came since {@link arm}, in milliseconds of CLOCK_MONOTONIC; undefined before. */
  first(ifindex: number): number | undefined {
    const times: bigint[] = [];
    for (let cpu = 0; cpu < CPUS; cpu++) {
      const time = this.#roles.getBigUint64(this.#base(ifindex) + ROLE.first + 8 * cpu, true);
      if (time !== 0n) times.push(time);
    }
    return times.length === 0 ? undefined : Math.min(...times.map(milliseconds));
  }

  /** When the first of the frames numbered `from` to `to - 1` reached a timed tally at or after a time; all in milliseconds. */
  arrivedAfter(time: number, from: number, to: number): number | undefined {
    if (to - from > TIMES)
      throw new RangeError(`arrivals: ${to - from} frames are more than are remembered (${TIMES})`);
    let earliest: number | undefined;
    for (let sequence = from; sequence < to; sequence++) {
      const arrived = milliseconds(this.#times[sequence % TIMES]!);
      if (arrived >= time && (earliest === undefined || arrived < earliest)) earliest = arrived;
    }
    return earliest;
  }

  /** Of the frames numbered `from` to `to - 1`, how many no sink saw, and how many a sink saw more than once. */
  account(from: number, to: number): { lost: number; twice: number } {
    if (to - from > SEEN) throw new RangeError(`account: ${to - from} frames are more than sinks remember (${SEEN})`);
    let lost = 0;
    let twice = 0;
    for (let sequence = from; sequence < to; sequence++) {
      const times = this.#seen[sequence % SEEN]!;
      if (times === 0) lost++;
      else if (times > 1) twice++;
    }
    return { lost, twice };
  }

  /** How many different numbers or addresses sinks saw since they were asked to forget. */
  get different(): number {
    return this.#seen.reduce((sum, times) => sum + (times === 0 ? 0 : 1), 0);
  }

  forget(): void {
    this.#seen.fill(0);
  }

  close(): void {
    for (const link of this.#links) link.close();
    this.#object.close();
  }

  /** Place of a NIC that has no part yet. */
  #take(ifindex: number): number {
    const base = this.#base(ifindex);
    if (this.#roles.getUint32(base + ROLE.kind, true) !== 0) throw new Error(`role of ${ifindex}: its place is taken`);
    return base;
  }

  #play(ifindex: number, kind: number): void {
    this.#roles.setUint32(this.#base(ifindex) + ROLE.kind, kind, true);
    this.#links.push(attachXdp(this.#object.program('receive'), ifindex, 'native'));
  }

  #target(place: number, ifindex: number): void {
    const value = new Uint8Array(8);
    new DataView(value.buffer).setUint32(0, ifindex, true);
    this.#object.map('targets').update(new Uint8Array([place, 0, 0, 0]), value);
  }

  #base(ifindex: number): number {
    return (ifindex % ROLES) * ROLE.size;
  }

  #sum(ifindex: number, field: number): number {
    let sum = 0;
    for (let cpu = 0; cpu < CPUS; cpu++) {
      sum += Number(this.#roles.getBigUint64(this.#base(ifindex) + field + 8 * cpu, true));
    }
    return sum;
  }
}
