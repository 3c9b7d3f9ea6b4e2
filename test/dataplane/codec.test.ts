import { describe, expect, test } from 'vitest';
import {
  array,
  be16,
  be32,
  bytes,
  type Codec,
  decode,
  encode,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../../src/dataplane/codec/codec.ts';
import { Interface, MAPS, RangeKey, Slot, Trace } from '../../src/dataplane/codec/layout.ts';

const counting = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i + 1);

describe('numbers', () => {
  test.each<[string, Codec<number | bigint>, number | bigint, number[]]>([
    ['a byte', u8 as Codec<number | bigint>, 0xab, [0xab]],
    ['16 bits', u16 as Codec<number | bigint>, 0x1234, [0x34, 0x12]],
    ['32 bits', u32 as Codec<number | bigint>, 0x12345678, [0x78, 0x56, 0x34, 0x12]],
    ['64 bits', u64 as Codec<number | bigint>, 1n << 56n, [0, 0, 0, 0, 0, 0, 0, 1]],
    ['16 bits as on the wire', be16 as Codec<number | bigint>, 443, [1, 187]],
    ['32 bits as on the wire', be32 as Codec<number | bigint>, 0x12345678, [0x12, 0x34, 0x56, 0x78]],
  ])('%s lie in memory as C has them', (_, codec, value, memory) => {
    expect([...encode(codec, value)]).toEqual(memory);
    expect(decode(codec, Uint8Array.from(memory))).toBe(value);
  });
});

describe('the codecs of the maps', () => {
  test.each(Object.entries(MAPS))(
    '%s: what is read and written again is the same, but for what is reserved',
    (_, map) => {
      for (const codec of [map.key, map.value] as readonly Codec<unknown>[]) {
        const value = decode(codec, counting(codec.size));
        const once = encode(codec, value);
        expect(decode(codec, once)).toEqual(value);
        expect(encode(codec, decode(codec, once))).toEqual(once);
      }
    },
  );

  test('a slot lies where the program reads it', () => {
    const slot = decode(Slot, counting(64));
    expect(slot.origin).toBe(0x14131211);
    expect(slot.port).toBe(0x1516);
    expect(slot.newPort).toBe(0x2526);
    expect(slot.flags).toBe(0x2827);
    expect(slot.packets).toBe(0x3837363534333231n);
    expect([...slot.address]).toEqual([...counting(16)]);
    expect(Slot.offset.target).toBe(24);
    expect(Slot.size).toBe(64);
  });

  test('a struct inside a struct is an object of its own', () => {
    const [first, second] = decode(Interface, counting(Interface.size)).origins;
    expect(first!.leg).toBe(0x4c4b4a49);
    expect(second!.vlan).toEqual([0x7271, 0x7473]);
  });

  test('every byte of a key is written, none is padding', () => {
    expect(encode(RangeKey, decode(RangeKey, counting(28)))).toEqual(counting(28));
  });

  test('what is reserved is left as it is', () => {
    const memory = counting(Trace.size);
    Trace.write(new DataView(memory.buffer), 0, decode(Trace, new Uint8Array(32)));
    expect([...memory.subarray(28)]).toEqual([29, 30, 31, 32]);
    expect([...memory.subarray(0, 28)]).toEqual(Array(28).fill(0));
  });
});

describe('buffers', () => {
  const pair = struct(8, { a: [0, bytes(4)], b: [4, array(u16, 2)] });

  test.each([
    ['too few bytes to read', () => decode(pair, new Uint8Array(7)), /7 bytes given, 8 needed/],
    ['bytes of the wrong length', () => encode(pair, { a: new Uint8Array(3), b: [1, 2] }), /3 given, 4 needed/],
    [
      'an array of the wrong length',
      () => encode(pair, { a: new Uint8Array(4), b: [1] }),
      /1 elements given, 2 needed/,
    ],
  ])('refuse %s', (_, call, message) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });

  test('may begin anywhere in memory', () => {
    const memory = new Uint8Array(20);
    pair.write(new DataView(memory.buffer, 8), 4, { a: Uint8Array.of(1, 2, 3, 4), b: [5, 6] });
    expect([...memory.subarray(12)]).toEqual([1, 2, 3, 4, 5, 0, 6, 0]);
    expect(decode(pair, memory.subarray(12))).toEqual({ a: Uint8Array.of(1, 2, 3, 4), b: [5, 6] });
  });
});
