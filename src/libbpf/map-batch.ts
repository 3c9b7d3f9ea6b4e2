/** Many elements of a map in one system call, with what the kernel's answers mean. */
import { BpfError, checkAtLeast, checked } from './errors.ts';
import { bpf } from './signatures.ts';

/** Positive, as in errno.h; what libbpf returns is negative. */
const ENOENT = 2;
const ENOSPC = 28;
const E2BIG = 7;
/** The kernel's answer for types without batches: devmaps, and on older kernels more. */
const ENOTSUPP = 524;
const CHUNK = 4096;
/** The kernel's own place in a hash is 4 bytes, in other maps a key. */
const LEAST_CURSOR = 8;

/** What batches need of a map: see BpfMap. */
export interface BatchedMap {
  readonly fd: number;
  readonly label: string;
  readonly type: string;
  readonly keySize: number;
  readonly bufferSize: number;
  readonly maxEntries: number;
  keys(): Iterable<Uint8Array>;
  lookup(key: Uint8Array): Uint8Array | undefined;
}

/** How far a batched read has come; a new one starts at the beginning. */
export class BatchCursor {
  /** True when the last element has been read. */
  done = false;
  position: Uint8Array | null = null;
}

/** See BpfMap.lookupBatch. */
export function lookupBatch(
  map: BatchedMap,
  keys: Uint8Array,
  values: Uint8Array,
  count: number,
  cursor: BatchCursor,
): number {
  checkBuffers('read a batch of', map, keys, values, count);
  if (cursor.done || count === 0) return 0;
  const next = new Uint8Array(Math.max(LEAST_CURSOR, map.keySize));
  const read = Uint32Array.of(count);
  const result = bpf().bpf_map_lookup_batch(map.fd, cursor.position, next, keys, values, read, null);
  if (result === -ENOENT) cursor.done = true;
  else {
    checked('read a batch of', map.label, result, {
      ENOSPC: 'one bucket of the hash holds more elements than asked for: use larger buffers',
      ENOTSUPP: `maps of type ${map.type} have no batches`,
    });
  }
  cursor.position = next;
  return read[0]!;
}

/** See BpfMap.updateBatch. */
export function updateBatch(map: BatchedMap, keys: Uint8Array, values: Uint8Array, count: number): void {
  checkBuffers('update a batch of', map, keys, values, count);
  if (count === 0) return;
  const done = Uint32Array.of(count);
  const result = bpf().bpf_map_update_batch(map.fd, keys, values, done, null);
  if (result >= 0) return;
  throw new BpfError('update a batch of', map.label, result, {
    done: done[0]!,
    hint: result === -E2BIG ? `the map is full: ${done[0]} of ${count} elements were stored` : undefined,
  });
}

/** See BpfMap.deleteBatch: the kernel stops at the first missing key, this goes on behind it. */
export function deleteBatch(map: BatchedMap, keys: Uint8Array, count: number): number {
  checkAtLeast('delete a batch of', map.label, 'keys', keys, count * map.keySize);
  let deleted = 0;
  for (let from = 0; from < count; ) {
    const done = Uint32Array.of(count - from);
    const result = bpf().bpf_map_delete_batch(map.fd, keys.subarray(from * map.keySize), done, null);
    deleted += done[0]!;
    if (result >= 0) return deleted;
    if (result !== -ENOENT) throw new BpfError('delete a batch of', map.label, result, { done: deleted });
    from += done[0]! + 1;
  }
  return deleted;
}

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** Every element of a map. */
export function* readAll(map: BatchedMap): Generator<Entry, void> {
  const cursor = new BatchCursor();
  let chunk = Math.min(CHUNK, map.maxEntries);
  while (!cursor.done) {
    const keys = new Uint8Array(chunk * map.keySize);
    const values = new Uint8Array(chunk * map.bufferSize);
    const read = readChunk(map, keys, values, chunk, cursor);
    if (read === 'no batches') return yield* readEach(map);
    if (read === 'too small') chunk = Math.min(chunk * 2, map.maxEntries);
    else yield* slices(map, keys, values, read);
  }
}

function* readEach(map: BatchedMap): Generator<Entry, void> {
  for (const key of map.keys()) {
    const value = map.lookup(key);
    if (value) yield [key, value];
  }
}

function* slices(map: BatchedMap, keys: Uint8Array, values: Uint8Array, count: number): Generator<Entry, void> {
  for (let i = 0; i < count; i++) {
    const key = keys.slice(i * map.keySize, (i + 1) * map.keySize);
    yield [key, values.slice(i * map.bufferSize, (i + 1) * map.bufferSize)];
  }
}

/** 'too small': one bucket of a hash has more elements than the chunk. */
function readChunk(map: BatchedMap, keys: Uint8Array, values: Uint8Array, count: number, cursor: BatchCursor) {
  try {
    return lookupBatch(map, keys, values, count, cursor);
  } catch (error) {
    if (!(error instanceof BpfError)) throw error;
    if (error.errno === ENOTSUPP) return 'no batches';
    if (error.errno === ENOSPC && count < map.maxEntries) return 'too small';
    throw error;
  }
}

function checkBuffers(operation: string, map: BatchedMap, keys: Uint8Array, values: Uint8Array, count: number): void {
  checkAtLeast(operation, map.label, 'keys', keys, count * map.keySize);
  checkAtLeast(operation, map.label, 'values', values, count * map.bufferSize);
}
