import { SlotFlag } from '../../terms/constants.ts';
import { SLOT } from '../codec/field-words.ts';

/** Size of struct total_key. */
export const TOTAL_KEY_BYTES = 16;

/** Set in a total's target when it is a pool. */
export const TARGET_IS_POOL = 0x8000_0000;

/** The four words of struct total_key for the image that begins at word `at`: what its counts are added up under. */
export function writeTotalKey(words: Uint32Array, at: number, key: Uint32Array): void {
  const isPool = ((words[at + SLOT.FLAGS]! >>> 16) & SlotFlag.SLOT_POOL) !== 0;
  key[0] = words[at + SLOT.SERVICE]!;
  key[1] = (words[at + SLOT.HOP]! & 0xff) | ((words[at + SLOT.PORT_PROTOCOL_DIRECTION]! >>> 24) << 8);
  key[2] = words[at + SLOT.ORIGIN]!;
  key[3] = (words[at + SLOT.TARGET]! | (isPool ? TARGET_IS_POOL : 0)) >>> 0;
}

/** {@link writeTotalKey} as the bytes of the map's key. */
export function totalKey(words: Uint32Array, at: number): Uint8Array {
  const key = new Uint32Array(TOTAL_KEY_BYTES / 4);
  writeTotalKey(words, at, key);
  return new Uint8Array(key.buffer);
}
