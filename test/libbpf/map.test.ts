import { existsSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BatchCursor, BpfMap, BpfProgram, createMap, MapFlag, possibleCpus } from '../../src/libbpf/index.ts';
import { loadSample, openDescriptors, pinDirectory, refusal, u32, u64 } from './sample.ts';

const loaded = loadSample();
const pins = pinDirectory();
afterAll(() => {
  loaded.close();
  pins.remove();
});

const hash = loaded.map('hash');
beforeEach(() => {
  for (const key of [...hash.keys()]) hash.delete(key);
});

const fill = (count: number, from = 0): void => {
  for (let i = from; i < from + count; i++) hash.update(u32(i), u64(BigInt(i)));
};

describe('one element', () => {
  test('is stored, found and deleted', () => {
    hash.update(u32(1), u64(10n));
    expect(hash.lookup(u32(1))).toEqual(u64(10n));
    expect(hash.delete(u32(1))).toBe(true);
    expect(hash.lookup(u32(1))).toBeUndefined();
    expect(hash.delete(u32(1))).toBe(false);
  });

  test.each([
    ['noexist', 'of a key that is there', 'EEXIST', true],
    ['exist', 'of a key that is not there', 'ENOENT', false],
  ] as const)('is refused in mode %s %s', (mode, _, code, present) => {
    if (present) fill(1);
    expect(refusal(() => hash.update(u32(0), u64(1n), mode)).code).toBe(code);
  });

  test('is refused when the map is full, with the reason', () => {
    fill(8);
    const error = refusal(() => hash.update(u32(99), u64(1n)));
    expect(error.code).toBe('E2BIG');
    expect(error.message).toMatch(/update map hash: .*the map is full/);
  });

  test.each([
    ['a short key', () => hash.lookup(new Uint8Array(3)), /key has 3 bytes, 4 are needed/],
    ['a long key', () => hash.delete(new Uint8Array(5)), /key has 5 bytes, 4 are needed/],
    ['a short value', () => hash.update(u32(0), new Uint8Array(7)), /value has 7 bytes, 8 are needed/],
    ['a short buffer', () => hash.lookupInto(u32(0), new Uint8Array(7)), /value has 7 bytes, 8 are needed/],
    ['short keys of a batch', () => hash.updateBatch(new Uint8Array(7), new Uint8Array(16), 2), /keys has 7 bytes/],
    [
      'short values of a batch',
      () => hash.updateBatch(new Uint8Array(8), new Uint8Array(15), 2),
      /values has 15 bytes/,
    ],
    ['short keys to delete', () => hash.deleteBatch(new Uint8Array(7), 2), /keys has 7 bytes/],
    [
      'short buffers to read into',
      () => hash.lookupBatch(new Uint8Array(8), new Uint8Array(15), 2, new BatchCursor()),
      /values has 15 bytes/,
    ],
  ])('is refused with %s', (_, call, message) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });

  test('of an array cannot be deleted', () => {
    expect(refusal(() => loaded.map('mapped').delete(u32(0))).message).toMatch(/cannot be deleted/);
  });

  test('of an LPM trie is found by the longest prefix', () => {
    const lpm = loaded.map('lpm');
    const key = (bits: number, ...address: number[]): Uint8Array => Uint8Array.from([bits, 0, 0, 0, ...address]);
    lpm.update(key(8, 10, 0, 0, 0), u32(1));
    lpm.update(key(16, 10, 1, 0, 0), u32(2));
    expect(lpm.lookup(key(32, 10, 1, 2, 3))).toEqual(u32(2));
    expect(lpm.lookup(key(32, 10, 2, 2, 3))).toEqual(u32(1));
    expect([...lpm.entries()]).toHaveLength(2);
  });

  test('of a per-CPU map has a value for each CPU', () => {
    const percpu = loaded.map('percpu');
    expect(percpu.bufferSize).toBe(8 * possibleCpus());
    for (let i = 0; i < 5; i++) loaded.program('count_cpu').testRun({ data: new Uint8Array(64) });
    const counts = new Uint32Array(percpu.lookup(u32(1))!.buffer).filter((_, i) => i % 2 === 0);
    expect(counts).toHaveLength(possibleCpus());
    expect(counts.reduce((sum, count) => sum + count)).toBe(5);
  });
});

describe('all elements', () => {
  test('are walked, each once', () => {
    fill(8);
    const keys = [...hash.keys()].map((key) => new Uint32Array(key.buffer)[0]!);
    expect(keys.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('are read in batches with their values', () => {
    fill(8);
    const entries = [...hash.entries()].map(([key, value]) => [key[0], value[0]]);
    expect(entries.sort((a, b) => a[0]! - b[0]!)).toEqual(Array.from({ length: 8 }, (_, i) => [i, i]));
  });

  test('of a map without batches are read one by one', () => {
    const map = createMap({ type: 'devmap_hash', name: 'no_batches', keySize: 4, valueSize: 4, maxEntries: 4 });
    const loopback = u32(1);
    map.update(u32(7), loopback);
    map.update(u32(8), loopback);
    expect([...map.entries()].sort()).toEqual([
      [u32(7), loopback],
      [u32(8), loopback],
    ]);
    map.close();
  });

  test('of a large hash come in several chunks, none lost', () => {
    const count = 20_000;
    const large = createMap({ type: 'hash', name: 'large', keySize: 4, valueSize: 8, maxEntries: count });
    const keys = Uint32Array.from({ length: count }, (_, i) => i * 7);
    const values = BigUint64Array.from(keys, (key) => BigInt(key) << 20n);
    large.updateBatch(new Uint8Array(keys.buffer), new Uint8Array(values.buffer), count);
    let seen = 0;
    for (const [key, value] of large.entries()) {
      seen++;
      expect(new BigUint64Array(value.buffer)[0]).toBe(BigInt(new Uint32Array(key.buffer)[0]!) << 20n);
    }
    expect(seen).toBe(count);
    expect(large.deleteBatch(new Uint8Array(keys.buffer), count)).toBe(count);
    expect([...large.keys()]).toEqual([]);
    large.close();
  });
});

test('a map of an object may be closed on its own and found again', () => {
  const map = loaded.map('lpm');
  map.close();
  expect(refusal(() => map.fd).code).toBe('EBADF');
  expect(loaded.map('lpm').lookup(new Uint8Array(8))).toBeUndefined();
});

describe('a batch', () => {
  const batch = (...keys: number[]): Uint8Array => new Uint8Array(Uint32Array.from(keys).buffer);

  test('that does not fit says how much of it was stored', () => {
    const error = refusal(() => hash.updateBatch(batch(...Array(10).keys()), new Uint8Array(80), 10));
    expect(error.code).toBe('E2BIG');
    expect(error.done).toBe(8);
    expect(error.message).toMatch(/8 of 10 elements were stored/);
  });

  test('deletes those that are there, whatever is missing between', () => {
    fill(3, 1);
    expect(hash.deleteBatch(batch(99, 1, 98, 97, 2, 3, 96), 7)).toBe(3);
    expect([...hash.keys()]).toEqual([]);
  });

  test('of nothing does nothing', () => {
    hash.updateBatch(batch(), batch(), 0);
    expect(hash.deleteBatch(batch(), 0)).toBe(0);
  });

  test('ends with the cursor done and a valid count', () => {
    fill(5);
    const cursor = new BatchCursor();
    expect(hash.lookupBatch(new Uint8Array(32), new Uint8Array(64), 8, cursor)).toBe(5);
    expect(cursor.done).toBe(true);
    expect(hash.lookupBatch(new Uint8Array(32), new Uint8Array(64), 8, cursor)).toBe(0);
  });
});

describe('a mapping', () => {
  test('shows each value at its stride and is seen by the program', () => {
    const mapped = loaded.map('mapped');
    expect(mapped.stride).toBe(8);
    const words = new Int32Array(mapped.mmap());
    const program = loaded.program('read_mapped');
    for (let key = 0; key < 250; key++) {
      Atomics.store(words, 2 * key, 1000 + key);
      expect(program.testRun({ data: Uint8Array.from([key, ...Array(63).fill(0)]) }).retval).toBe(1000 + key);
    }
    mapped.update(u32(9), u32(5));
    expect(Atomics.load(words, 18)).toBe(5);
    expect(words.byteLength).toBe(8000);
  });

  test('takes 64-bit stores and outlives the map', () => {
    const spec = { type: 'array', keySize: 4, valueSize: 8, maxEntries: 4, flags: MapFlag.MMAPABLE } as const;
    const map = createMap({ ...spec, name: 'words' });
    const words = new BigInt64Array(map.mmap());
    Atomics.store(words, 3, -1n);
    expect(map.lookup(u32(3))).toEqual(new Uint8Array(8).fill(255));
    expect(map.mmap()).toBe(words.buffer);
    map.close();
    expect(Atomics.add(words, 3, 2n)).toBe(-1n);
    expect(words[3]).toBe(1n);
  });

  test('is refused for a map that was not made for it', () => {
    expect(refusal(() => hash.mmap()).message).toMatch(/without BPF_F_MMAPABLE/);
  });
});

describe('a pin', () => {
  test('keeps the map beyond its descriptor', () => {
    const path = `${pins.path}/kept`;
    const map = createMap({ type: 'array', name: 'kept', keySize: 4, valueSize: 4, maxEntries: 1 });
    map.update(u32(0), u32(8));
    map.pin(path);
    map.close();
    const opened = BpfMap.open(path);
    expect([opened.name, opened.type, opened.lookup(u32(0))]).toEqual(['kept', 'array', u32(8)]);
    opened.close();
    opened.close();
    expect(refusal(() => opened.lookup(u32(0))).code).toBe('EBADF');
  });

  test.each([
    ['where something is', () => hash.pin(pins.path), 'EEXIST', /something is pinned there/],
    ['in a directory that is missing', () => hash.pin(`${pins.path}/no/map`), 'ENOENT', /the directory is missing/],
    ['outside a BPF file system', () => hash.pin('/tmp/hlib-no-pin'), 'EPERM', /must be on a BPF file system/],
    ['of nothing', () => BpfMap.open(`${pins.path}/nothing`), 'ENOENT', /nothing is pinned there/],
    ['that is a file', () => BpfMap.open('/etc/hostname'), 'EACCES', /no BPF object/],
  ])('%s is refused', (_, call, code, message) => {
    const before = openDescriptors();
    const error = refusal(call);
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(openDescriptors()).toBe(before);
    expect(existsSync('/tmp/hlib-no-pin')).toBe(false);
  });

  test('of a map is no program', () => {
    hash.pin(`${pins.path}/hash`);
    const before = openDescriptors();
    expect(refusal(() => BpfProgram.openPinned(`${pins.path}/hash`)).message).toMatch(/it is no program but .*map/);
    expect(openDescriptors()).toBe(before);
  });
});

describe('a map of its own', () => {
  test('goes into a map of maps and is found by its number', () => {
    const groups = loaded.map('groups');
    const inner = createMap({ type: 'devmap_hash', name: 'inner', keySize: 4, valueSize: 8, maxEntries: 4 });
    const key = new Uint8Array(8).fill(1);
    groups.update(key, u32(inner.fd));
    const id = new Uint32Array(groups.lookup(key)!.buffer)[0]!;
    expect(id).toBe(inner.id);
    inner.close();
    const found = BpfMap.byId(id);
    expect(found.name).toBe('inner');
    found.close();
  });

  test.each([
    ['without entries', { maxEntries: 0 }, 'EINVAL'],
    ['with a name of bad letters', { name: 'a b' }, 'EINVAL'],
    ['with a value that is too large', { valueSize: 0x7fff_ffff }, 'E2BIG'],
  ])('%s is refused', (_, wrong, code) => {
    const spec = { type: 'hash', name: 'wrong', keySize: 4, valueSize: 4, maxEntries: 1 } as const;
    expect(refusal(() => createMap({ ...spec, ...wrong })).code).toBe(code);
  });

  test('by a number nobody has is refused', () => {
    expect(refusal(() => BpfMap.byId(0x7fff_ffff)).code).toBe('ENOENT');
  });
});
