import { Limit } from '../../terms/constants.ts';
import { EtherType, type Link, linkLength, newFrame } from './packet.ts';

/** Bytes of `struct probe_mark`. */
export const MARK_LENGTH = 32;

/**
 * Writes the mark: magic, cookie, number, sequence number and its complement, little end first; the prober fills the
 * sequence number in. With the complement beside it checksums are the same for every one.
 */
export function writeMark(bytes: Uint8Array, at: number, cookie: number, id: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, MARK_LENGTH);
  for (const [i, word] of [Limit.PROBE_MAGIC, cookie, id, 0, 0xffffffff].entries()) view.setUint32(4 * i, word, true);
}

/** A frame that is nothing but Ethernet and the mark: what a bridging device carries. */
export function markedFrame(link: Link, cookie: number, id: number): { bytes: Uint8Array; offset: number } {
  const bytes = newFrame(link, EtherType.experimental, MARK_LENGTH);
  const offset = linkLength(link);
  writeMark(bytes, offset, cookie, id);
  return { bytes, offset };
}
