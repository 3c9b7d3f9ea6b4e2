import type { Mac } from '../../plan/types.ts';
import { parseAddress } from '../../terms/address.ts';

/** Six bytes of a MAC's text; zeros for none. */
export function macBytes(mac: Mac | null): Uint8Array {
  const bytes = new Uint8Array(6);
  if (mac === null) return bytes;
  for (let i = 0; i < 6; i++) bytes[i] = Number.parseInt(mac.slice(3 * i, 3 * i + 2), 16);
  return bytes;
}

export function macText(bytes: Uint8Array): Mac {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Sixteen bytes of an address's text, IPv4 as ::ffff:a.b.c.d; zeros for none. @throws RangeError where it is no address. */
export function addressBytes(text: string | undefined): Uint8Array {
  if (text === undefined) return new Uint8Array(16);
  const words = parseAddress(text);
  if (words === undefined) throw new RangeError(`write address ${text}: not an address`);
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The words of bytes that begin at a multiple of 4. */
export function words32(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

export function words64(bytes: Uint8Array): BigUint64Array {
  return new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
}
