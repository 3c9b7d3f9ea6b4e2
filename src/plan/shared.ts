import type { AddressWords } from '../terms/address.ts';
import { Direction } from '../terms/constants.ts';
import { ANY_PORT } from '../terms/ports.ts';
import { StepBuffer, type StepFields } from './buffer.ts';
import { StepSet } from './set.ts';
import { IMAGE_WORDS, type Steps } from './types.ts';

/** A KNOWN bit of an address (origin 0), or the address answered for on a segment (known 0): needed once more, or less. */
export interface SharedNeed {
  readonly address: AddressWords;
  readonly origin: number;
  readonly known: number;
}

const BITS = 3;

/** Steps that several services may need, with how many do: KNOWN and ANSWER, one per address (and segment). */
export class Shared {
  readonly steps = new StepBuffer();
  readonly #set = new StepSet(this.steps);
  /** For every step, how many need each of its bits. */
  #needs = new Uint32Array(64 * BITS);
  readonly #fields: StepFields = {
    address: new Uint32Array(4),
    origin: 0,
    ports: ANY_PORT,
    protocol: 0,
    direction: 0,
    target: 0,
    rewrite: 0,
    service: 0,
    newPort: 0,
    flags: 0,
    copyset: 0,
    hop: 0,
    known: 0,
  };

  add(need: SharedNeed): void {
    this.#count(need, 1);
  }

  /** Gives back and takes; returns the images that are different afterwards, as they were and as they are. */
  exchange(
    gone: readonly SharedNeed[],
    come: readonly SharedNeed[],
  ): { readonly before: Steps; readonly after: Steps } {
    const touched = new StepBuffer();
    const distinct = new StepSet(touched);
    for (const need of [...gone, ...come]) {
      touched.push(this.#key(need));
      if (distinct.addLast() >= 0) touched.pop();
    }
    const before = this.#images(touched);
    for (const need of come) this.#count(need, 1);
    for (const need of gone) this.#count(need, -1);
    const after = this.#images(touched);
    return onlyDifferent(before, after);
  }

  #count(need: SharedNeed, by: 1 | -1): void {
    const { steps } = this;
    steps.push(this.#key(need));
    let place = this.#set.addLast();
    if (place >= 0) steps.pop();
    else {
      place = steps.count - 1;
      this.#reserve(steps.count);
      this.#needs.fill(0, place * BITS, (place + 1) * BITS);
    }
    this.#needs[place * BITS + bitOf(need)]! += by;
    this.#settle(place, need.origin === 0);
  }

  /** Brings the image in line with its counts, or takes it out when nobody needs it. */
  #settle(place: number, isKnown: boolean): void {
    let bits = 0;
    for (let bit = 0; bit < BITS; bit++) if (this.#needs[place * BITS + bit]! > 0) bits |= 1 << bit;
    if (bits !== 0) {
      this.steps.words[place * IMAGE_WORDS + 11] = isKnown ? bits << 8 : 0;
      return;
    }
    const last = this.steps.count - 1;
    this.#set.remove(place);
    this.#needs.copyWithin(place * BITS, last * BITS, (last + 1) * BITS);
  }

  #images(touched: StepBuffer): StepBuffer {
    const images = new StepBuffer();
    for (let i = 0; i < touched.count; i++) {
      const place = this.#set.find(touched, i);
      if (place >= 0) images.copy(this.steps, place);
    }
    return images;
  }

  #key({ address, origin }: SharedNeed): StepFields {
    const fields = this.#fields;
    fields.address = address;
    fields.origin = origin;
    fields.direction = origin === 0 ? Direction.KNOWN : Direction.ANSWER;
    return fields;
  }

  #reserve(steps: number): void {
    if (steps * BITS <= this.#needs.length) return;
    const larger = new Uint32Array(this.#needs.length * 2);
    larger.set(this.#needs);
    this.#needs = larger;
  }
}

function bitOf({ known }: SharedNeed): number {
  return known === 0 ? 0 : 31 - Math.clz32(known);
}

function onlyDifferent(before: StepBuffer, after: StepBuffer): { readonly before: Steps; readonly after: Steps } {
  const old = new StepSet(before);
  const now = new StepSet(after);
  const kept = (steps: StepBuffer, other: StepSet): Steps => {
    const different = new StepBuffer();
    for (let i = 0; i < steps.count; i++) {
      const place = other.find(steps, i);
      const known = steps.words[i * IMAGE_WORDS + 11];
      if (place < 0 || other.steps.words[place * IMAGE_WORDS + 11] !== known) different.copy(steps, i);
    }
    return different;
  };
  return { before: kept(before, now), after: kept(after, old) };
}
