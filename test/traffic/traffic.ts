import { attachXdp, type BpfLink, type LoadedObject, openObject } from '../../src/libbpf/index.ts';

/** Where the fields of traffic.bpf.c's structs lie. */
const GENERATOR = { sequence: 0, destinations: 8, destination: 12, source: 16, sources: 20, headerSum: 24, frame: 32 };
const FRAME = 60;
const ROLE = {
  kind: 0,
  out: 4,
  destinationMac: 8,
  sourceMac: 14,
  ownMac: 20,
  tally: 26,
  received: 32,
  strays: 544,
  size: 1056,
};
const ROLES = 256;
const CPUS = 64;
const SEEN = 1 << 24;
/** Frames of one paced call: fewer than a veth's queue holds. */
const BURST = 192;
/** Milliseconds after which a paced frame counts as lost. */
const PATIENCE = 500;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Where a frame has what a sink can remember; 0: its number. */
const TALLIES = { number: 0, source: 26, destination: 30 };

export const macBytes = (mac: string): number[] => mac.split(':').map((byte) => Number.parseInt(byte, 16));
const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) >>> 0;

/** What the generator sends: 60-byte UDP frames (64 with the check sum), numbered, each to one of `destinations`. */
export interface Stream {
  /** NIC the frames leave by: the outer end of the engine's. */
  readonly ifindex: number;
  readonly destinationMac: string;
  readonly sourceMac: string;
  readonly destination: string;
  readonly destinations?: number;
  readonly source: string;
  readonly sources?: number;
  readonly port: number;
}

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
}

/** Generator, wires and sinks of one network namespace; see traffic.bpf.c. */
export class Traffic {
  readonly #object: LoadedObject;
  readonly #links: BpfLink[] = [];
  readonly #generator: DataView;
  readonly #roles: DataView;
  readonly #seen: Uint8Array;

  /** @param spare an interface nothing else uses: the generator stays attached there, so that a call costs microseconds. */
  constructor(spare: number) {
    this.#object = openObject('.output/test/traffic/traffic.bpf.o').load();
    this.#generator = new DataView(this.#object.map('generators').mmap());
    this.#roles = new DataView(this.#object.map('roles').mmap());
    this.#seen = new Uint8Array(this.#object.map('sequences').mmap());
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

  receive({ ifindex, mac, out, tally = 'number' }: Receiver): void {
    const base = this.#base(ifindex);
    if (this.#roles.getUint32(base + ROLE.kind, true) !== 0) throw new Error(`receive on ${ifindex}: place is taken`);
    const role = new Uint8Array(this.#roles.buffer, base, ROLE.size);
    role.set(macBytes(mac), ROLE.ownMac);
    if (out) {
      this.#roles.setUint32(base + ROLE.out, out.ifindex, true);
      role.set(macBytes(out.destinationMac), ROLE.destinationMac);
      role.set(macBytes(out.sourceMac), ROLE.sourceMac);
    }
    if (tally) role[ROLE.tally] = TALLIES[tally];
    this.#roles.setUint32(base + ROLE.kind, out ? 2 : tally ? 3 : 1, true);
    this.#links.push(attachXdp(this.#object.program('receive'), ifindex, 'native'));
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

/** The frame all others are made from: addresses, check sum, source port and number are filled in by the program. */
function frameTo({ destinationMac, sourceMac, port }: Stream): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME);
  const view = new DataView(bytes.buffer);
  bytes.set(macBytes(destinationMac), 0);
  bytes.set(macBytes(sourceMac), 6);
  view.setUint16(12, 0x0800);
  bytes[14] = 0x45;
  view.setUint16(16, FRAME - 14);
  bytes[22] = 64;
  bytes[23] = 17;
  view.setUint16(36, port);
  view.setUint16(38, FRAME - 34);
  bytes.set([0x48, 0x4f, 0x50, 0x31], 42);
  return bytes;
}
