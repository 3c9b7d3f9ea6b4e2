/** The hash of docs/design/dataplane.md, the same as in bpf/lookup.h. */

const SEED = 0x9747b28c;
const SECOND = 0x5bd1e995;
const MAPPED_IPV4 = 0xffff0000;
const KEY_WORDS = 6;
const IPV4_WORDS = 3;

/** Hash of `count` words from `at` on. */
export function hashWords(words: Uint32Array, at: number, count: number): number {
  let h = SEED ^ count;
  for (let i = at; i < at + count; i++) {
    let k = Math.imul(words[i]!, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  return h;
}

/** Hash of a step's key that begins at word `at`: of IPv4 only what differs. */
export function hashKey(words: Uint32Array, at: number): number {
  const isIpv4 = words[at] === 0 && words[at + 1] === 0 && words[at + 2] === MAPPED_IPV4;
  return isIpv4 ? hashWords(words, at + KEY_WORDS - IPV4_WORDS, IPV4_WORDS) : hashWords(words, at, KEY_WORDS);
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

function mix(hash: number): number {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
