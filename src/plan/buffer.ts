import { swap16 } from '../terms/address.ts';
import { SlotFlag } from '../terms/constants.ts';
import type { PortRange } from '../terms/ports.ts';
import { IMAGE_WORDS, KEY_WORDS, type Steps } from './types.ts';

/** A step in the making: the fields of `struct slot` in the host's terms. One object is filled again and again. */
export interface StepFields {
  address: Uint32Array;
  origin: number;
  ports: PortRange;
  protocol: number;
  direction: number;
  target: number;
  rewrite: number;
  service: number;
  newPort: number;
  /** SLOT_ANY_PORT and SLOT_RANGE are set from `ports`. */
  flags: number;
  copyset: number;
  hop: number;
  known: number;
}

/** Step images one after the other; grows. */
export class StepBuffer implements Steps {
  words: Uint32Array;
  count = 0;
  ranges = new Map<number, PortRange>();

  constructor(steps = 64) {
    this.words = new Uint32Array(Math.max(steps, 1) * IMAGE_WORDS);
  }

  /** A buffer of steps that are there already; the words are shared, not copied. */
  static over(steps: Steps): StepBuffer {
    const buffer = new StepBuffer(0);
    buffer.words = steps.words;
    buffer.count = steps.count;
    buffer.ranges = new Map(steps.ranges);
    return buffer;
  }

  /** For how many steps there is room without growing. */
  get room(): number {
    return this.words.length / IMAGE_WORDS;
  }

  /** Writes an image behind the last one. Returns its place. */
  push(step: StepFields): number {
    const place = this.#reserve();
    const { words } = this;
    let at = place * IMAGE_WORDS;
    const { address, ports } = step;
    const isRange = ports.from !== ports.to;
    const portFlag = isRange ? SlotFlag.SLOT_RANGE : ports.from === 0 ? SlotFlag.SLOT_ANY_PORT : 0;
    words[at++] = address[0]!;
    words[at++] = address[1]!;
    words[at++] = address[2]!;
    words[at++] = address[3]!;
    words[at++] = step.origin;
    words[at++] = (isRange ? 0 : swap16(ports.from)) | (step.protocol << 16) | (step.direction << 24);
    words[at++] = step.target;
    words[at++] = step.rewrite;
    words[at++] = step.service;
    words[at++] = swap16(step.newPort) | ((step.flags | portFlag) << 16);
    words[at++] = step.copyset;
    words[at] = step.hop | (step.known << 8);
    if (isRange) this.ranges.set(place, ports);
    return place;
  }

  /** Copies an image of other steps behind the last one. Returns its place. */
  copy(steps: Steps, from: number): number {
    const place = this.#reserve();
    const at = from * IMAGE_WORDS;
    this.words.set(steps.words.subarray(at, at + IMAGE_WORDS), place * IMAGE_WORDS);
    const range = steps.ranges.get(from);
    if (range !== undefined) this.ranges.set(place, range);
    return place;
  }

  /** Takes the last image back. */
  pop(): void {
    this.count--;
    this.ranges.delete(this.count);
  }

  #reserve(): number {
    const place = this.count++;
    if (this.count * IMAGE_WORDS > this.words.length) {
      const larger = new Uint32Array(this.count * 2 * IMAGE_WORDS);
      larger.set(this.words);
      this.words = larger;
    }
    return place;
  }
}

/** Direction of the image that begins at word `at`. */
export function directionAt(words: Uint32Array, at: number): number {
  return words[at + KEY_WORDS - 1]! >>> 24;
}

/** Flags of the image that begins at word `at`. */
export function flagsAt(words: Uint32Array, at: number): number {
  return words[at + 9]! >>> 16;
}

/** Place in the sequence of the image that begins at word `at`. */
export function hopAt(words: Uint32Array, at: number): number {
  return words[at + 11]! & 0xff;
}

/** The ports of a range step in one word, 0 for others: with the key, what tells steps apart. */
export function rangeWord(steps: Steps, place: number): number {
  if ((flagsAt(steps.words, place * IMAGE_WORDS) & SlotFlag.SLOT_RANGE) === 0) return 0;
  const range = steps.ranges.get(place);
  return range === undefined ? 0 : ((range.from << 16) | range.to) >>> 0;
}
