/** Decoded values as people read and write them: addresses, MACs and names as text, counters as numbers. */
import { isDeepStrictEqual } from 'node:util';
import { formatAddress, parseAddress } from '../../terms/address.ts';
import { countOf } from '../../terms/count.ts';
import { addressBytes, macBytes, macText } from './bytes.ts';
import { type Codec, decode, encode } from './codec.ts';

const ADDRESS = 16;
const IPV4 = 4;
const MAC = 6;
const NAME = 64;

/** Bytes and big integers of a decoded value become text and numbers. */
export function toText(value: unknown): unknown {
  if (typeof value === 'bigint') return countOf(value);
  if (value instanceof Uint8Array) return bytesToText(value);
  if (Array.isArray(value)) return value.map(toText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toText(field)]));
}

function bytesToText(bytes: Uint8Array): string {
  if (bytes.length === ADDRESS) {
    return bytes.every((byte) => byte === 0) ? '::' : formatAddress(new Uint32Array(bytes.slice().buffer));
  }
  if (bytes.length === IPV4) return bytes.join('.');
  if (bytes.length === MAC) return macText(bytes);
  if (bytes.length === NAME) return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
  return Buffer.from(bytes).toString('hex');
}

/**
 * The other way round, in the shape of `template`, whose fields are taken where the value has none.
 * @throws RangeError where a field does not exist or has another kind of value.
 */
export function fromText(value: unknown, template: unknown, what = 'it'): unknown {
  if (value === undefined) return template;
  if (typeof template === 'bigint') return typeof value === 'bigint' ? value : BigInt(numberOf(value, what));
  if (typeof template === 'number') return numberOf(value, what);
  if (template instanceof Uint8Array) return bytesFromText(value, template.length, what);
  if (Array.isArray(template)) return arrayOf(value, template, what);
  const fields = template as Record<string, unknown>;
  const names = Object.keys(fields).join(', ');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(what, value, `a record of ${names}`);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name))
      throw new RangeError(`write entry: there is no field ${name}; there are ${names}`);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, fromText(ownOf(value, name), field, name)]),
  );
}

/** As written, and found as it was written: what does not fit into its bits is refused. @throws RangeError */
export function encodeExactly<T>(codec: Codec<T>, value: T): Uint8Array {
  const bytes = encode(codec, value);
  if (isDeepStrictEqual(decode(codec, bytes), value)) return bytes;
  throw new RangeError(`write entry: ${JSON.stringify(toText(value))} does not fit, a number is too large`);
}

const ownOf = (value: object, name: string): unknown =>
  Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;

function wrong(what: string, value: unknown, wanted: string): RangeError {
  return new RangeError(`write entry: ${what} is ${JSON.stringify(value)}, which is not ${wanted}`);
}

function numberOf(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(what, value, 'a number from 0 on');
  return value as number;
}

function arrayOf(value: unknown, template: readonly unknown[], what: string): unknown[] {
  if (!Array.isArray(value) || value.length !== template.length) {
    throw wrong(what, value, `a list of ${template.length}`);
  }
  return template.map((each, i) => fromText(value[i], each, what));
}

function bytesFromText(value: unknown, length: number, what: string): Uint8Array {
  if (typeof value !== 'string') throw wrong(what, value, 'text');
  if (length === ADDRESS || length === IPV4) {
    if (parseAddress(value) === undefined) throw wrong(what, value, 'an address');
    return length === ADDRESS ? addressBytes(value) : addressBytes(value).slice(ADDRESS - IPV4);
  }
  if (length === MAC) {
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) throw wrong(what, value, 'a MAC');
    return macBytes(value);
  }
  const bytes = new Uint8Array(length);
  const given = length === NAME ? Buffer.from(value) : Buffer.from(value, 'hex');
  const fits = length === NAME ? given.length < NAME : given.length === length && value.length === 2 * length;
  if (!fits)
    throw wrong(what, value, length === NAME ? `text of at most ${NAME - 1} bytes` : `${length} bytes in hexadecimal`);
  bytes.set(given);
  return bytes;
}
