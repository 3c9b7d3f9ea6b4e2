import { ProbeFailure } from './failure.ts';

/** One element of ASN.1's basic encoding: tag, length, contents. */
export function ber(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(contents.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/** A number from 0 to 127. */
export function berNumber(tag: number, value: number): Buffer {
  return ber(tag, Buffer.from([value]));
}

export interface BerElement {
  readonly tag: number;
  readonly contents: Buffer;
}

/** The elements that follow each other in these bytes. @throws ProbeFailure when they are no such thing */
export function readBer(bytes: Buffer): readonly BerElement[] {
  const elements: BerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const first = bytes[at + 1] ?? 0;
    const width = first < 128 ? 0 : first & 0x7f;
    const start = at + 2 + width;
    if (width > 4 || start > bytes.length) throw new ProbeFailure('garbage: an element without its length');
    const size = width === 0 ? first : bytes.readUIntBE(at + 2, width);
    if (start + size > bytes.length) throw new ProbeFailure('garbage: an element that is cut off');
    elements.push({ tag, contents: bytes.subarray(start, start + size) });
    at = start + size;
  }
  return elements;
}
