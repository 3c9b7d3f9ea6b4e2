/** An address as the tables hold it: 16 bytes on the wire order, read as four little-endian words. IPv4 is ::ffff:a.b.c.d. */
export type AddressWords = Uint32Array;

const MAPPED = 0xffff0000;
const DOT = 46;
const ZERO = 48;

/** Words of an IPv4 or IPv6 address; undefined when the text is none. */
export function parseAddress(text: string): AddressWords | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** The shortest text of the address at `offset` (RFC 5952), IPv4 in dots. */
export function formatAddress(words: Uint32Array, offset = 0): string {
  if (words[offset] === 0 && words[offset + 1] === 0 && words[offset + 2] === MAPPED) {
    return formatIpv4(words[offset + 3]!);
  }
  const groups = Array.from({ length: 8 }, (_, group) => {
    const half = (words[offset + (group >> 1)]! >>> (16 * (group & 1))) & 0xffff;
    return swap16(half);
  });
  return shortenGroups(groups);
}

/** Whether the words are an IPv4 address. */
export function isIpv4(words: AddressWords): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === MAPPED;
}

export function sameAddress(a: AddressWords, b: AddressWords): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

/** Between a port and the little-endian half word that holds it on the wire order. */
export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

function parseIpv4(text: string): AddressWords | undefined {
  const word = ipv4Word(text);
  if (word === undefined) return undefined;
  const words = new Uint32Array(4);
  words[2] = MAPPED;
  words[3] = word;
  return words;
}

/** Character by character: a hundred thousand of these are read in one compile. */
function ipv4Word(text: string): number | undefined {
  let word = 0;
  let byte = -1;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (byte < 0 || bytes === 3) return undefined;
      word |= byte << (8 * bytes++);
      byte = -1;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || byte === 0) return undefined;
    byte = byte < 0 ? digit : byte * 10 + digit;
    if (byte > 255) return undefined;
  }
  return bytes === 3 && byte >= 0 ? (word | (byte << 24)) >>> 0 : undefined;
}

function parseIpv6(text: string): AddressWords | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0]!);
  const tail = halves.length === 2 ? readGroups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  const words = new Uint32Array(4);
  groups.forEach((group, i) => {
    words[i >> 1] = (words[i >> 1]! | (swap16(group) << (16 * (i & 1)))) >>> 0;
  });
  return words;
}

/** The 16-bit groups of one side of "::"; a dotted IPv4 address may stand for the last two. */
function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.') && i === parts.length - 1) {
      const word = ipv4Word(part);
      if (word === undefined) return undefined;
      groups.push(swap16(word & 0xffff), swap16(word >>> 16));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function formatIpv4(word: number): string {
  return `${word & 255}.${(word >>> 8) & 255}.${(word >>> 16) & 255}.${word >>> 24}`;
}

function shortenGroups(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}
