/** Names, addresses and MACs: what is one, and what to write when something is none. */
import { formatAddress, isIpv4, parseAddress } from '../terms/address.ts';
import type { DeviceKind } from './types.ts';

export const NAME_CURE =
  'use a letter, then letters, digits, ".", "_" or "-", at most 63 in all (not copy, route or any)';
export const ADDRESS_CURE = 'write an address that one machine can have, as in 198.51.100.10 or 2001:db8::10';
export const MAC_CURE = 'write six bytes as in "02:00:00:00:01:01", the first one even, not all zero';

const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;
const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;

/** `route` is no name of anything either, but may stand for one (`exit: route`). */
export function isName(text: string): boolean {
  return NAME.test(text) && text !== 'copy' && text !== 'any';
}

/** A MAC that one machine can have: neither multicast nor all zero. */
export function isMac(text: string): boolean {
  return MAC.test(text) && (Number.parseInt(text.slice(0, 2), 16) & 1) === 0 && /[1-9a-f]/i.test(text);
}

/** Lower case, colons. */
export function macText(text: string): string {
  return text.toLowerCase().replaceAll('-', ':');
}

/** Whether one machine can be reached at it from another one, by routers. */
export function isAddress(text: string): boolean {
  return addressNoun(text) === 'an address';
}

/** What an address is, in words: "a multicast address", "a prefix, which is not supported yet". */
export function addressNoun(text: string): string {
  if (text.includes('/')) return 'a prefix, which services cannot have yet';
  const words = parseAddress(text);
  if (words === undefined) return 'not an address';
  if (isMapped(text, words)) return 'an IPv4 address written as IPv6';
  return isIpv4(words) ? noun4(words[3]!) : noun6(words);
}

/** What to write instead of a text that is no address of one machine. */
export function addressCure(text: string): string {
  const words = parseAddress(text);
  return words !== undefined && isMapped(text, words) ? `write ${formatAddress(words)}` : ADDRESS_CURE;
}

/** 4 or 6. The text is an address. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** The shortest text of an address (RFC 5952), so that equal addresses are equal texts. */
export function addressText(text: string): string {
  return text.includes(':') ? formatAddress(parseAddress(text)!) : text;
}

/** "a server", "an inline device" */
export function a(kind: DeviceKind): string {
  return kind === 'inline' ? 'an inline device' : `a ${kind}`;
}

/** The tables hold IPv4 addresses like this; packets that bear them so are IPv6 and nobody's. */
function isMapped(text: string, words: Uint32Array): boolean {
  return text.includes(':') && isIpv4(words);
}

function noun4(word: number): string {
  const first = word & 255;
  if (word === 0xffffffff) return 'the broadcast address';
  if (word === 0) return 'the unspecified address';
  if (first === 0 || first === 127) return 'an address that never leaves its host';
  if (first >= 224 && first < 240) return 'a multicast address';
  if (first >= 240) return 'a reserved address';
  return 'an address';
}

function noun6(words: Uint32Array): string {
  const [a, b, c, d] = words as unknown as [number, number, number, number];
  if ((a & 255) === 255) return 'a multicast address';
  if ((a & 0xc0ff) === 0x80fe) return 'a link-local address';
  if (a !== 0 || b !== 0 || c !== 0) return 'an address';
  if (d === 0) return 'the unspecified address';
  return d === 0x01000000 ? 'an address that never leaves its host' : 'an address';
}
