import { Limit } from '../../terms/constants.ts';
import { words32 } from '../codec/bytes.ts';
import { PROBE, PROBE_STATE, PROBING } from '../codec/field-words.ts';
import type { TableSet } from '../tables/table-set.ts';
import type { Definition } from './probe-definition.ts';
import type { ProbeImage } from './probe-image.ts';
import type { ProbeAnswer, Prober } from './prober-types.ts';

/** What probes are, which of them are due, and what became of them: the tables of the prober. */
export class ProbeTable {
  readonly #set: TableSet;
  readonly #probes: Uint32Array;
  /** Halves of its 64-bit words, without a BigInt. */
  readonly #states: Uint32Array;
  readonly #queue: Uint32Array;
  readonly #common: Uint32Array;
  readonly #max: number;
  /** In the table since the last definition. */
  #images: Definition['images'] = new Map();
  /** What {@link answer} gives: an object for each of 40,000 a second would be the collector's main work. */
  readonly #answer = { sent: 0, sentAt: 0, answered: 0, answeredAt: 0, refused: false };

  constructor(set: TableSet) {
    this.#set = set;
    this.#max = set.map('probes').maxEntries;
    this.#probes = new Uint32Array(set.memory('probes'), 0, this.#max * PROBE.WORDS);
    this.#states = new Uint32Array(set.memory('probe_states'), 0, (Limit.MAX_PROBES + 1) * PROBE_STATE.WORDS);
    this.#queue = new Uint32Array(set.memory('probe_queue'), 0, 2 * Limit.MAX_PROBES);
    this.#common = new Uint32Array(set.memory('probing'));
  }

  get cookie(): number {
    return this.#common[PROBING.COOKIE]!;
  }

  /** The highest number there is room for. */
  get max(): number {
    return this.#max - 1;
  }

  /** Makes these the probes, while none is being sent. Those that stay as they are keep their state. */
  define({ images, given, sources }: Definition): void {
    for (let id = 1; id < this.#max; id++) {
      const image = images.get(id);
      if (image !== undefined) this.#put(id, image, given.next.get(id) ?? 0);
      else if (this.#probes[id * PROBE.WORDS + PROBE.IFINDEX] !== 0) this.#clear(id, this.#definition(id));
    }
    this.#images = images;
    this.#storeGiven(given.first);
    Atomics.store(this.#common, PROBING.SOURCE4, sources[0]!);
    this.#common.set(sources.subarray(1), PROBING.SOURCE6);
    Atomics.store(this.#common, PROBING.GIVEN, given.count);
  }

  /** Puts these before the program that sends. @throws RangeError where there are too many. */
  queue(ids: Uint32Array): void {
    if (ids.length > Limit.MAX_PROBES) throw new RangeError(`send probes: ${Limit.MAX_PROBES} at most at a time`);
    for (let i = 0; i < ids.length; i++) this.#queue[2 * i] = ids[i]!;
    Atomics.store(this.#common, PROBING.DONE, 0);
    Atomics.store(this.#common, PROBING.DUE, ids.length);
  }

  /** Probes of the queue not sent yet. */
  get due(): number {
    return this.#common[PROBING.DUE]! - Atomics.load(this.#common, PROBING.DONE);
  }

  /** Kernel's number of the NIC it leaves by, 0: there is no such probe. */
  nic(id: number): number {
    return id <= this.max ? this.#probes[id * PROBE.WORDS + PROBE.IFINDEX]! : 0;
  }

  /** See {@link Prober.answer}. */
  answer(id: number): ProbeAnswer {
    const states = this.#states;
    const at = this.#state(id);
    const sent = states[at + PROBE_STATE.SENT]!;
    const answered = states[at + PROBE_STATE.ANSWERED]!;
    const answer = this.#answer;
    answer.sent = sent;
    answer.sentAt = this.#time(at + PROBE_STATE.SENT_AT);
    answer.answered = answered;
    answer.answeredAt = this.#time(at + PROBE_STATE.ANSWERED_AT);
    answer.refused = states[at + PROBE_STATE.REFUSED] !== 0;
    // Read once more, and not out of a register.
    const isWhole =
      Atomics.load(states, at + PROBE_STATE.SENT) === sent &&
      Atomics.load(states, at + PROBE_STATE.ANSWERED) === answered;
    // Written meanwhile: the next reading is of the next round.
    return isWhole ? answer : this.answer(id);
  }

  unsent(id: number): number {
    return this.#states[this.#state(id) + PROBE_STATE.UNSENT]!;
  }

  /** Nanoseconds; exact to the microsecond. */
  #time(at: number): number {
    const high = this.#states[at + 1]!;
    const low = this.#states[at]!;
    // Its lower half may have gone round between the two.
    return low >= 2 ** 30 || Atomics.load(this.#states, at + 1) === high ? high * 2 ** 32 + low : this.#time(at);
  }

  /** @throws RangeError where there is no such number. */
  #state(id: number): number {
    if (!(id >= 1 && id <= Limit.MAX_PROBES))
      throw new RangeError(`read probe ${id}: numbers are 1 to ${Limit.MAX_PROBES}`);
    return id * PROBE_STATE.WORDS;
  }

  #definition(id: number): Uint32Array {
    return this.#probes.subarray(id * PROBE.WORDS, (id + 1) * PROBE.WORDS);
  }

  #clear(id: number, words: Uint32Array): void {
    Atomics.store(words, PROBE.KIND, 0);
    words.fill(0);
    this.#states.fill(0, this.#state(id), this.#state(id) + PROBE_STATE.WORDS);
  }

  /** Nobody is judged by half of it: without a kind there is no probe. */
  #put(id: number, probe: ProbeImage, next: number): void {
    const words = this.#definition(id);
    const image = words32(probe.bytes);
    const isSame = probe === this.#images.get(id) || words.every((word, i) => word === image[i] || i === PROBE.NEXT);
    if (!isSame) {
      this.#clear(id, words);
      words.set(image.subarray(PROBE.KIND + 1), PROBE.KIND + 1);
      words.set(image.subarray(0, PROBE.KIND));
      Atomics.store(words, PROBE.NEXT, next);
      Atomics.store(words, PROBE.KIND, image[PROBE.KIND]!);
    } else Atomics.store(words, PROBE.NEXT, next);
  }

  #storeGiven(first: ReadonlyMap<string, { readonly key: Uint8Array; readonly id: number }>): void {
    const map = this.#set.map('given_probes');
    const keys = [...map.keys()];
    for (const key of keys) if (!first.has(Buffer.from(key).toString('hex'))) map.delete(key);
    for (const { key, id } of first.values()) map.update(key, new Uint8Array(Uint32Array.of(id).buffer));
  }
}
