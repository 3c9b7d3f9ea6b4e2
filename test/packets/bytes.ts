/** Addresses as bytes and back, and the Internet checksum: what building and reading frames have in common. */

/** Bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Big-endian 16-bit words as bytes. */
export function words(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]));
}

/** Big-endian 16 bits at an offset; throws a RangeError beyond the end. */
export function word(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint16(at);
}

/** "02:00:00:00:01:01" -> 6 bytes. */
export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':'), (digits) => Number.parseInt(digits, 16));
}

/** 6 bytes -> "02:00:00:00:01:01". */
export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function address4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

function groups(text: string): number[] {
  if (text === '') {
    return [];
  }
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) {
      return [Number.parseInt(group, 16)];
    }
    const four = address4(group);
    return [word(four, 0), word(four, 2)];
  });
}

/** IPv4 text -> 4 bytes, IPv6 text -> 16 bytes. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(':')) {
    return address4(text);
  }
  const [head = '', tail] = text.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  return words(...left, ...new Array<number>(gap).fill(0), ...right);
}

/** Any address as the 16 bytes of the tables: IPv4 is ::ffff:a.b.c.d. */
export function address16(text: string): Uint8Array {
  const bytes = addressBytes(text);
  return bytes.length === 16 ? bytes : concat(words(0, 0, 0, 0, 0, 0xffff), bytes);
}

/** 4 or 16 bytes -> text; the longest run of zero groups becomes "::". */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) {
    return bytes.join('.');
  }
  const text = Array.from({ length: 8 }, (_, group) => word(bytes, 2 * group).toString(16)).join(':');
  const runs = text.match(/\b0(:0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? text : text.replace(new RegExp(`\\b${longest}\\b`), '::').replace(/:{3,4}/, '::');
}

/** The Internet checksum (RFC 1071) of all bytes; 0 over bytes that hold a right checksum. */
export function checksum(...parts: readonly Uint8Array[]): number {
  const bytes = concat(...parts);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}

/** The pseudo header of TCP, UDP and ICMPv6 over addresses of 4 or 16 bytes. */
export function pseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): Uint8Array {
  return source.length === 4
    ? concat(source, destination, words(protocol, length))
    : concat(source, destination, words(length >>> 16, length & 0xffff, 0, protocol));
}
