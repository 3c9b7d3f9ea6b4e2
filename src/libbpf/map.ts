import { possibleCpus } from './cpus.ts';
import { BpfError, checked, checkSize, type Hints } from './errors.ts';
import { FileDescriptor } from './file-descriptor.ts';
import { readMapInfo } from './info.ts';
import { type BatchCursor, deleteBatch, lookupBatch, readAll, updateBatch } from './map-batch.ts';
import { isPerCpu, MapFlag, type MapType, mapTypeName } from './map-types.ts';
import { mapShared } from './memory.ts';
import { openPin, PIN_HINTS } from './pins.ts';
import { bpf, system } from './signatures.ts';

const ENOENT = 2;
const F_DUPFD_CLOEXEC = 1030;

/** BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
const UPDATE_MODES = { any: 0, noexist: 1, exist: 2 } as const;
export type UpdateMode = keyof typeof UPDATE_MODES;

const UPDATE_HINTS: Hints = {
  E2BIG: 'the map is full, or the key is beyond the end of the array',
  ENOSPC: 'the map is full',
  EEXIST: "there already: use mode 'any' or 'exist'",
  ENOENT: "not there: use mode 'any' or 'noexist'",
};

const roundUp8 = (size: number): number => Math.ceil(size / 8) * 8;

/**
 * A map in the kernel. Keys and values are bytes as they lie in memory; a value of a per-CPU map is one value per
 * possible CPU, each at a multiple of {@link stride}. Buffers of another size are refused with a RangeError, any use
 * after close with a BpfError EBADF.
 */
export class BpfMap {
  readonly name: string;
  readonly type: MapType;
  readonly id: number;
  readonly keySize: number;
  /** Of one value, as the BPF program sees it. */
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** Bytes from one value to the next, in a mapping and in a per-CPU value: the value size rounded up to 8. */
  readonly stride: number;
  /** Bytes of what a lookup gives and an update takes. */
  readonly bufferSize: number;
  /** How errors name it. */
  readonly label: string;
  readonly #fd: FileDescriptor;
  #mapping: ArrayBuffer | undefined;

  /**
   * @param fd of a map.
   * @param options.name where the kernel's 15 bytes are too short for it.
   * @param options.owned false where the BPF object closes the descriptor.
   */
  constructor(fd: number, options: { name?: string; owned?: boolean } = {}) {
    const info = readMapInfo(fd, `map ${options.name ?? fd}`);
    this.name = options.name ?? info.name;
    this.label = `map ${this.name}`;
    this.type = mapTypeName(info.type);
    this.id = info.id;
    this.keySize = info.keySize;
    this.valueSize = info.valueSize;
    this.maxEntries = info.maxEntries;
    this.flags = info.flags;
    this.stride = roundUp8(info.valueSize);
    this.bufferSize = isPerCpu(this.type) ? this.stride * possibleCpus() : info.valueSize;
    this.#fd = new FileDescriptor(fd, this.label, options.owned ?? true);
  }

  /** @throws BpfError where nothing is pinned, or something that is no map. */
  static open(path: string): BpfMap {
    return openPin('map', path, (fd) => new BpfMap(fd));
  }

  /** The same map with a descriptor of its own, which outlives this one's. */
  again(): BpfMap {
    const fd = system().fcntl(this.fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) throw new BpfError('open again', this.label, 'EMFILE');
    return new BpfMap(fd, { name: this.name });
  }

  /**
   * The map with the number a lookup in a map of maps gives.
   * @throws BpfError EPERM without CAP_SYS_ADMIN.
   */
  static byId(id: number): BpfMap {
    return new BpfMap(checked('open map with id', String(id), bpf().bpf_map_get_fd_by_id(id)));
  }

  /** @throws BpfError EBADF after close. */
  get fd(): number {
    return this.#fd.get();
  }

  /** The value, or undefined where the key has none. */
  lookup(key: Uint8Array): Uint8Array | undefined {
    const value = new Uint8Array(this.bufferSize);
    return this.lookupInto(key, value) ? value : undefined;
  }

  /** As {@link lookup}, into a buffer of the caller's; false where the key has no value. */
  lookupInto(key: Uint8Array, value: Uint8Array): boolean {
    const fd = this.#fd.get('lookup in');
    checkSize('lookup in', this.label, 'key', key, this.keySize);
    checkSize('lookup in', this.label, 'value', value, this.bufferSize);
    const result = bpf().bpf_map_lookup_elem(fd, key, value);
    if (result === -ENOENT) return false;
    checked('lookup in', this.label, result);
    return true;
  }

  /** @throws BpfError EEXIST, ENOENT as the mode says; E2BIG where the map is full. */
  update(key: Uint8Array, value: Uint8Array, mode: UpdateMode = 'any'): void {
    const fd = this.#fd.get('update');
    checkSize('update', this.label, 'key', key, this.keySize);
    checkSize('update', this.label, 'value', value, this.bufferSize);
    checked('update', this.label, bpf().bpf_map_update_elem(fd, key, value, UPDATE_MODES[mode]), UPDATE_HINTS);
  }

  /** False where the key had no value. */
  delete(key: Uint8Array): boolean {
    const fd = this.#fd.get('delete from');
    checkSize('delete from', this.label, 'key', key, this.keySize);
    const result = bpf().bpf_map_delete_elem(fd, key);
    if (result === -ENOENT) return false;
    checked('delete from', this.label, result, { EINVAL: 'elements of arrays cannot be deleted, only overwritten' });
    return true;
  }

  /**
   * Every key once, as long as nobody deletes meanwhile: a hash starts again when the key just given is gone. To delete
   * while walking, collect the keys first. Ends after as many keys as the map can hold.
   */
  *keys(): Generator<Uint8Array, void> {
    let key: Uint8Array | null = null;
    for (let given = 0; given < this.maxEntries; given++) {
      const next = new Uint8Array(this.keySize);
      const result = bpf().bpf_map_get_next_key(this.#fd.get('walk'), key, next);
      if (result === -ENOENT) return;
      checked('walk', this.label, result);
      yield next;
      key = next;
    }
  }

  /** Every key with its value, read in batches where the kernel can, else one by one. */
  entries(): Generator<readonly [key: Uint8Array, value: Uint8Array], void> {
    return readAll(this);
  }

  /**
   * Reads up to `count` elements into `keys` and `values`, from where `cursor` stands.
   * @returns how many were read; cursor.done after the last.
   */
  lookupBatch(keys: Uint8Array, values: Uint8Array, count: number, cursor: BatchCursor): number {
    return lookupBatch(this, keys, values, count, cursor);
  }

  /**
   * Stores `count` elements, creating or replacing; there is no other mode.
   * @throws BpfError with `done` elements stored (E2BIG: the map is full).
   */
  updateBatch(keys: Uint8Array, values: Uint8Array, count: number): void {
    updateBatch(this, keys, values, count);
  }

  /** Deletes those of `count` keys that are there; returns how many were. */
  deleteBatch(keys: Uint8Array, count: number): number {
    return deleteBatch(this, keys, count);
  }

  /**
   * The whole map as memory shared with the kernel: the value of key k lies at byte k * {@link stride}. Stores through
   * a typed array with Atomics are seen by the next packet. The memory stays mapped until the process ends, also after
   * close.
   * @throws BpfError EINVAL where the map has no BPF_F_MMAPABLE.
   */
  mmap(): ArrayBuffer {
    const fd = this.#fd.get('map into memory');
    if ((this.flags & MapFlag.MMAPABLE) === 0) {
      throw new BpfError('map into memory', this.label, 'EINVAL', {
        cause: 'it was created without BPF_F_MMAPABLE',
        hint: 'add `__uint(map_flags, BPF_F_MMAPABLE)`; arrays only',
      });
    }
    this.#mapping ??= mapShared(fd, this.maxEntries * this.stride, this.label);
    return this.#mapping;
  }

  /** Keeps the map in the BPF file system, beyond this process. */
  pin(path: string): void {
    checked('pin', `${this.label} at ${path}`, bpf().bpf_obj_pin(this.#fd.get('pin'), path), PIN_HINTS);
  }

  /** Harmless when closed already. A map of a BPF object stays in the kernel until the object is closed. */
  close(): void {
    this.#fd.close();
  }

  get closed(): boolean {
    return this.#fd.closed;
  }
}
