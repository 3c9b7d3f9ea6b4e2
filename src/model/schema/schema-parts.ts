/** What schemas of the definition file are made of: names, numbers and words, each with what to write instead of a wrong one. */
import * as z from 'zod';
import { ADDRESS_CURE, addressCure, addressNoun, isAddress, isMac, isName, MAC_CURE, NAME_CURE } from '../words.ts';

/** What a value should have been, and what to write; explain.ts puts the place and the value before it. */
export function not(noun: string, cure: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => `${input === undefined || input === null ? 'is missing' : `is ${noun}`}\n${cure}` };
}

/** For a value whose fault can be told more exactly. */
export function told(
  noun: (value: string) => string,
  cure: (value: string) => string,
): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => `is ${noun(String(input))}\n${cure(String(input))}` };
}

const nameWords = not('not a name', NAME_CURE);
export const name = z.string(nameWords).refine(isName, nameWords).meta({ pattern: '^[A-Za-z][A-Za-z0-9._-]{0,62}$' });

export const address = z
  .string(not('not an address', ADDRESS_CURE))
  .refine(isAddress, told(addressNoun, addressCure))
  .describe('An IPv4 or IPv6 address');

export const mac = z
  .string(not('not a MAC', MAC_CURE))
  .refine(isMac, not('not the MAC of one machine', MAC_CURE))
  .describe('A MAC address: "02:00:00:00:01:01"');

const PORT_CURE = 'write a port from 1 to 65535, a range as in "1025-1125", a list of these, or any';
const portWords = not('not a port', PORT_CURE);
export const portNumber = z.int(portWords).min(1, portWords).max(65535, portWords);
const portRange = z
  .string(portWords)
  .regex(/^(any|[1-9]\d{0,4}(-[1-9]\d{0,4})?)$/, portWords)
  .refine(isPortText, portWords);
export const port = z
  .union(
    [portNumber, portRange, z.array(z.union([portNumber, portRange], portWords), portWords).min(1, portWords)],
    portWords,
  )
  .describe('A port, a range "1025-1125", a list of them, or any');

const vlanWords = not('not a VLAN', 'write a number from 1 to 4094, or two of them as in [100, 7], outer first');
const vlanId = z.int(vlanWords).min(1, vlanWords).max(4094, vlanWords);
export const vlan = z.union([vlanId, z.array(vlanId, vlanWords).min(1, vlanWords).max(2, vlanWords)], vlanWords);

const PROTOCOL_CURE = 'write tcp, udp, icmp, icmp6, or a protocol number from 0 to 255';
const protocolWords = not('not a protocol', PROTOCOL_CURE);
export const protocol = z.union(
  [
    z.enum(['tcp', 'udp', 'icmp', 'icmp6'], protocolWords),
    z.int(protocolWords).min(0, protocolWords).max(255, protocolWords),
  ],
  protocolWords,
);

export function oneOrMore<T extends z.ZodType>(each: T, noun: string, cure: string) {
  return z.union([each, z.array(each, not(noun, cure)).min(1, not('an empty list', cure))], not(noun, cure));
}

export const names = oneOrMore(name, 'not a name or a list of names', NAME_CURE);
export const addresses = oneOrMore(address, 'not an address or a list of addresses', ADDRESS_CURE);
export const flag = z.boolean(not('neither true nor false', 'write true or false'));

export function choice<const T extends readonly [string, ...string[]]>(...words: T) {
  const [last, ...rest] = [...words].reverse();
  return z.enum(
    words,
    not(`not one of ${words.join(', ')}`, `write ${[...rest.reverse(), ''].join(', ').slice(0, -2)} or ${last}`),
  );
}

export function table<T extends z.ZodType>(value: T, what: string) {
  return z.record(name, value, not('not a table of names', `write ${what} as a table: "name: {...}"`));
}

/** An object of exactly these keys. For an unknown key the words are the keys there are: explain.ts picks the nearest. */
export function fields<T extends z.ZodRawShape>(shape: T, what: string) {
  const keys = Object.keys(shape);
  const words = not(`not ${what}`, `write its keys in braces, as in {${keys[0]}: ...}`);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(' ') : words.error(issue)),
  });
}

function isPortText(value: string): boolean {
  if (value === 'any') return true;
  const [from, to = from] = value.split('-').map(Number);
  return from! >= 1 && from! <= to! && to! <= 65535;
}
