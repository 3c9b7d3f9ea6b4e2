/** The hash of docs/design/dataplane.md, the same as in bpf/lookup.h. */

/** Upper and lower halves of the multipliers, which are the digits of pi. */
const HIGH = [0x243f6a88, 0x13198a2e, 0xa4093822, 0x082efa98, 0x452821e6, 0xbe5466cf, 0xc0ac29b7] as const;
const LOW = [0x85a308d3, 0x03707344, 0x299f31d0, 0xec4e6c89, 0x38d01377, 0x34e90c6c, 0xc97c50dd] as const;
const SECOND = 0x5bd1e995;
const KEY_WORDS = 6;
const HOME_SHIFT = 29;

/** Hash of `count` words from `at` on, at most six: the upper half of a sum of 64-bit products. */
export function hashWords(words: Uint32Array, at: number, count: number): number {
  let high: number = HIGH[0];
  let low: number = LOW[0];
  for (let place = 0; place < count; place++) {
    const word = words[at + place]!;
    const multiplier = LOW[place + 1]!;
    high += (Math.imul(word, HIGH[place + 1]!) >>> 0) + upperHalf(word, multiplier);
    low += Math.imul(word, multiplier) >>> 0;
  }
  return (high + Math.floor(low / 2 ** 32)) | 0;
}

/** Of the product of two 32-bit words: by halves, as a number holds 53 bits. */
function upperHalf(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const first = aHigh * bLow + ((aLow * bLow) >>> 16);
  const second = aLow * bHigh + (first & 0xffff);
  return aHigh * bHigh + Math.floor(first / 65536) + Math.floor(second / 65536);
}

/** Hash of a step's key that begins at word `at`. */
export function hashKey(words: Uint32Array, at: number): number {
  return hashWords(words, at, KEY_WORDS);
}

/** What a bucket's entry carries; never 0, which is empty. Unsigned. */
export function fingerprint(hash: number): number {
  return hash === 0 ? 1 : hash >>> 0;
}

export function firstBucket(hash: number, buckets: number): number {
  return mix(hash) & (buckets - 1);
}

export function secondBucket(hash: number, buckets: number): number {
  return mix(hash ^ SECOND) & (buckets - 1);
}

/** Place in the first bucket that packets look at before the others: 0 to 7. */
export function firstHome(hash: number): number {
  return mix(hash) >>> HOME_SHIFT;
}

/** The same of the second bucket. */
export function secondHome(hash: number): number {
  return mix(hash ^ SECOND) >>> HOME_SHIFT;
}

function mix(hash: number): number {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
