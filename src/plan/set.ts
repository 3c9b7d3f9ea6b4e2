import { rangeWord, type StepBuffer } from './buffer.ts';
import { IMAGE_WORDS, KEY_WORDS, type Steps } from './types.ts';

/**
 * Finds steps of a buffer by key (for range steps: key and ports). Open addressing, linear probing, at most half full;
 * removing moves the last step of the buffer into the gap, so that a buffer stays dense.
 */
export class StepSet {
  readonly steps: StepBuffer;
  /** Place + 1 of the step, 0 for nothing. */
  #table: Int32Array;

  constructor(steps: StepBuffer) {
    this.steps = steps;
    this.#table = new Int32Array(tableSize(steps.room));
    for (let place = 0; place < steps.count; place++) this.#insert(place);
  }

  /** Place of the step with the same key, -1 if there is none. */
  find(other: Steps, place: number): number {
    return this.#table[this.#seek(other, place)]! - 1;
  }

  /** Enters the last step of the buffer. Returns the place of another one with its key, which then stays, or -1. */
  addLast(): number {
    if (this.steps.count * 2 > this.#table.length) this.#grow();
    const place = this.steps.count - 1;
    const at = this.#seek(this.steps, place);
    const found = this.#table[at]! - 1;
    if (found < 0) this.#table[at] = place + 1;
    return found;
  }

  /** Takes a step out of the set and of the buffer. */
  remove(place: number): void {
    const last = this.steps.count - 1;
    this.#erase(this.#seek(this.steps, place));
    if (place !== last) {
      const at = this.#seek(this.steps, last);
      this.#table[at] = place + 1;
      this.steps.words.copyWithin(place * IMAGE_WORDS, last * IMAGE_WORDS, (last + 1) * IMAGE_WORDS);
      const range = this.steps.ranges.get(last);
      if (range === undefined) this.steps.ranges.delete(place);
      else this.steps.ranges.set(place, range);
    }
    this.steps.pop();
  }

  /** Where the step with this key stands in the table, or where it would. */
  #seek(other: Steps, place: number): number {
    const mask = this.#table.length - 1;
    const range = rangeWord(other, place);
    let at = hashKey(other.words, place * IMAGE_WORDS, range) & mask;
    for (;;) {
      const entry = this.#table[at]!;
      if (entry === 0 || this.#equal(entry - 1, other, place, range)) return at;
      at = (at + 1) & mask;
    }
  }

  #equal(mine: number, other: Steps, place: number, range: number): boolean {
    return (
      sameKey(this.steps.words, mine * IMAGE_WORDS, other.words, place * IMAGE_WORDS) &&
      rangeWord(this.steps, mine) === range
    );
  }

  #insert(place: number): void {
    const at = this.#seek(this.steps, place);
    if (this.#table[at] === 0) this.#table[at] = place + 1;
  }

  /** Closes the gap: what was pushed on past it by probing moves back. */
  #erase(hole: number): void {
    const mask = this.#table.length - 1;
    let at = hole;
    for (;;) {
      at = (at + 1) & mask;
      const entry = this.#table[at]!;
      if (entry === 0) break;
      const home = hashKey(this.steps.words, (entry - 1) * IMAGE_WORDS, rangeWord(this.steps, entry - 1)) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.#table[hole] = entry;
        hole = at;
      }
    }
    this.#table[hole] = 0;
  }

  #grow(): void {
    this.#table = new Int32Array(tableSize(this.steps.count * 2));
    for (let place = 0; place < this.steps.count - 1; place++) this.#insert(place);
  }
}

function tableSize(steps: number): number {
  return 1 << Math.ceil(Math.log2(Math.max(steps, 32) * 2));
}

function sameKey(a: Uint32Array, atA: number, b: Uint32Array, atB: number): boolean {
  for (let word = KEY_WORDS - 1; word >= 0; word--) if (a[atA + word] !== b[atB + word]) return false;
  return true;
}

/** Any good hash: it never leaves this file. */
function hashKey(words: Uint32Array, at: number, range: number): number {
  let hash = range;
  for (let word = 0; word < KEY_WORDS; word++) {
    hash = Math.imul(hash ^ words[at + word]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return hash ^ (hash >>> 16);
}
