import { type BpfMap, RingBuffer } from '../../libbpf/index.ts';
import { decode } from '../codec/codec.ts';
import { Alarm } from '../codec/layout.ts';
import { CapacityError } from '../tables/capacity.ts';
import { LegTable } from '../tables/leg-table.ts';
import type { TableSet } from '../tables/table-set.ts';
import { LiveNics } from './live-nics.ts';
import { type Definition, defineProbes } from './probe-definition.ts';
import { type ProbeImage, probeImage } from './probe-image.ts';
import { ProbeTable } from './probe-table.ts';
import type { LegFrames, ProbeAnswer, ProbeFrame, Prober, SynAlarm } from './prober-types.ts';

/** How the prober takes part in what else is done with the tables. */
export interface ProberOptions {
  /** The highest number that may be defined. */
  readonly limit: number;
  /** Larger tables, when no change is under way. */
  readonly makeRoom: (error: CapacityError) => Promise<void>;
  /** Told when that failed. */
  readonly onFailure: (error: unknown) => void;
  /** Whether every NIC runs the program in its driver. */
  readonly isNative: () => boolean;
}

/** What the program makes its frames of; it writes every byte. */
const BLANK = new Uint8Array(64);
/** So many are sent at once (some 0.2 ms): a worker thread may have to wait for a CPU, and a dead device with it. */
const FEW = 64;

/** The prober over mapped tables: one system call sends all that is due, reading an answer is none. */
export class TableProber implements Prober {
  readonly #options: ProberOptions;
  #set: TableSet;
  #table: ProbeTable;
  /** Of every generation of tables: the counts of those before stand still. */
  readonly #legs: LegTable[] = [];
  readonly #nics: LiveNics;
  /** The program in place answers live frames with probes; one of an older build does not. */
  #emits = true;
  #sentLive = 0;
  #sending: Promise<void> | undefined;
  /** Not in the tables yet. */
  #wanted: Definition | undefined;
  #isGrowing = false;
  #isMoving = false;
  #shortage: string | undefined;
  #alarms: { readonly map: BpfMap; readonly ring: RingBuffer } | undefined;
  readonly #heard: ((alarm: SynAlarm) => void)[] = [];
  /** Frames are often the same objects as before. */
  readonly #images = new WeakMap<ProbeFrame, ProbeImage>();

  constructor(set: TableSet, options: ProberOptions) {
    this.#options = options;
    this.#set = set;
    this.#table = new ProbeTable(set);
    this.#nics = new LiveNics(options.isNative);
    this.#addLegs(set);
  }

  /** Probes that left as live frames since the start. */
  get sentLive(): number {
    return this.#sentLive;
  }

  /** The program was attached to other NICs, or replaced. */
  nicsChanged(): void {
    this.#nics.forget();
    this.#emits = true;
  }

  get cookie(): number {
    return this.#table.cookie;
  }

  /** Larger tables with the same probes: they are sent from there, and come back to both until {@link moved}. */
  use(set: TableSet): void {
    this.#set = set;
    this.#table = new ProbeTable(set);
    this.#addLegs(set);
    this.#isMoving = true;
  }

  /** Every NIC has the program over the larger tables. */
  moved(): void {
    this.#isMoving = false;
    this.#define();
  }

  define(frames: readonly ProbeFrame[], sources: { readonly v4: string; readonly v6: string }): void {
    const definition = defineProbes(
      frames.map((frame) => this.#imageOf(frame)),
      sources,
    );
    const { highest } = definition;
    if (highest > this.#options.limit) throw new CapacityError('probes', highest, this.#options.limit);
    this.#wanted = definition;
    this.#shortage = undefined;
    this.#define();
  }

  get shortage(): string | undefined {
    return this.#shortage;
  }

  send(ids: Uint32Array): Promise<void> {
    if (this.#sending) return Promise.reject(new RangeError('send probes: others are being sent (await that first)'));
    const sending = this.#sendAll(ids).finally(() => {
      this.#sending = undefined;
      this.#define();
    });
    this.#sending = sending;
    return sending;
  }

  answer(id: number): ProbeAnswer {
    return this.#table.answer(id);
  }

  unsent(id: number): number {
    return this.#table.unsent(id);
  }

  legFrames(leg: number): LegFrames {
    let sent = 0;
    let received = 0;
    for (const table of this.#legs) {
      if (leg >= table.max) continue;
      const frames = table.frames(leg);
      sent += frames.sent;
      received += frames.received;
    }
    return { sent: sent >>> 0, received: received >>> 0 };
  }

  onAlarm(heard: (alarm: SynAlarm) => void): void {
    this.#heard.push(heard);
    if (this.#alarms) return;
    const map = this.#set.map('alarms').again();
    const ring = new RingBuffer(map);
    ring.start((record) => {
      const alarm = decode(Alarm, record);
      for (const each of this.#heard) each(alarm);
    });
    this.#alarms = { map, ring };
  }

  /** Resolves when nothing is under way; nothing is heard any more. */
  async close(): Promise<void> {
    this.#alarms?.ring.stop();
    this.#alarms?.map.close();
    this.#alarms = undefined;
    await this.#sending?.catch(() => undefined);
  }

  /** @throws RangeError with what the frame cannot be. */
  #imageOf(frame: ProbeFrame): ProbeImage {
    const known = this.#images.get(frame);
    if (known !== undefined) return known;
    const image = probeImage(frame);
    this.#images.set(frame, image);
    return image;
  }

  /** Puts what is wanted into the tables, when it does not get in the way. */
  #define(): void {
    const wanted = this.#wanted;
    if (!wanted || this.#sending || this.#isMoving || this.#isGrowing) return;
    if (wanted.highest > this.#table.max) {
      this.#grow(new CapacityError('probes', wanted.highest, this.#table.max));
      return;
    }
    this.#wanted = undefined;
    this.#table.define(wanted);
  }

  #grow(error: CapacityError): void {
    this.#isGrowing = true;
    this.#options.makeRoom(error).then(
      () => {
        this.#isGrowing = false;
        this.#define();
      },
      (failure: unknown) => {
        this.#isGrowing = false;
        this.#wanted = undefined;
        this.#shortage = `make the table of probes larger: ${(failure as Error).message}`;
        this.#options.onFailure(failure);
      },
    );
  }

  async #sendAll(ids: Uint32Array): Promise<void> {
    if (ids.length <= FEW || !this.#emits || this.#isMoving) return this.#sendClones(ids);
    const [live, rest] = this.#split(ids);
    const left = live.length === 0 ? live : await this.#sendLive(live);
    await this.#sendClones(left.length === 0 ? rest : Uint32Array.of(...rest, ...left));
  }

  /** Those that can leave as live frames, and the others. */
  #split(ids: Uint32Array): readonly [live: Uint32Array, rest: Uint32Array] {
    const now = performance.now();
    const order = new Uint32Array(ids.length);
    let live = 0;
    let rest = ids.length;
    for (const id of ids) {
      const nic = this.#table.nic(id);
      if (nic > 0 && this.#nics.takes(nic, now)) order[live++] = id;
      else order[--rest] = id;
    }
    return [order.subarray(0, live), order.subarray(live).reverse()];
  }

  /** As live frames of the engine's program: a third of the cost, where a call is worth its worker. Those that did not leave. */
  async #sendLive(ids: Uint32Array): Promise<Uint32Array> {
    this.#table.queue(ids);
    for (let due = ids.length; due > 0; due = this.#table.due) {
      const { program } = this.#set;
      try {
        await program.testRunAsync({ data: BLANK, repeat: due, live: true });
      } catch (error) {
        if (program === this.#set.program) throw error;
      }
      this.#emits = this.#table.due < due || program !== this.#set.program;
      if (!this.#emits) break;
    }
    const { due } = this.#table;
    this.#sentLive += ids.length - due;
    return ids.subarray(ids.length - due);
  }

  /** As clones of an skb, which every NIC takes. The program takes one after the other from the queue: interrupted by a signal, it goes on where it was. */
  async #sendClones(ids: Uint32Array): Promise<void> {
    this.#table.queue(ids);
    while (this.#table.due > 0) {
      const program = this.#set.probe;
      const run = { data: BLANK, repeat: this.#table.due };
      try {
        if (run.repeat <= FEW) program.testRun(run);
        else await program.testRunAsync(run);
      } catch (error) {
        // Another build or larger tables took its place: theirs goes on with the same queue.
        if (program === this.#set.probe) throw error;
      }
    }
  }

  #addLegs(set: TableSet): void {
    const never = (): Promise<void> => Promise.reject(new Error('count frames of legs: they are only read'));
    this.#legs.push(new LegTable(set.memory('legs'), set.cpus, set.legsMax, never));
  }
}
