import { EtherType, type Link, linkLength, newFrame } from './packet.ts';

/** Begins every mark: told apart from all that is not a probe. */
export const PROBE_MAGIC = 0x31504248;
/** A handshake's source port is this and the probe's number. */
export const PROBE_PORT_BASE = 32768;
/** Numbers are 1 to this: what the ports above the base leave. */
export const MOST_PROBES = 65535 - PROBE_PORT_BASE;
export const MARK_LENGTH = 32;

/**
 * Writes the mark: magic, cookie, number, sequence number and its complement, little end first; the prober fills the
 * sequence number in. With the complement beside it checksums are the same for every one.
 */
export function writeMark(bytes: Uint8Array, at: number, cookie: number, id: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, MARK_LENGTH);
  for (const [i, word] of [PROBE_MAGIC, cookie, id, 0, 0xffffffff].entries()) view.setUint32(4 * i, word, true);
}

/** A frame that is nothing but Ethernet and the mark: what a bridging device carries. */
export function markedFrame(link: Link, cookie: number, id: number): { bytes: Uint8Array; offset: number } {
  const bytes = newFrame(link, EtherType.experimental, MARK_LENGTH);
  const offset = linkLength(link);
  writeMark(bytes, offset, cookie, id);
  return { bytes, offset };
}
