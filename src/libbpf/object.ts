import { BpfError, checked } from './errors.ts';
import { loadError } from './load-error.ts';
import { LoadedObject } from './loaded-object.ts';
import { BpfMap } from './map.ts';
import { mapTypeName } from './map-types.ts';
import { allocate, type Block, lastErrno, readString, struct, structBytes, viewOf } from './memory.ts';
import { withMessages } from './messages.ts';
import { mapNames, programNames } from './object-handle.ts';
import { bpf, type Pointer } from './signatures.ts';
import { variablesOf, writeNumber } from './variables.ts';

/** The largest log the verifier writes; untouched pages of it cost nothing. */
const LOG_SIZE = 0xff_ffff;

const openOptions = struct({
  sz: 'size_t',
  object_name: 'const char *',
  relaxed_maps: 'bool',
  pin_root_path: 'const char *',
  unused: 'uint32_t',
  kconfig: 'const char *',
  btf_custom_path: 'const char *',
  kernel_log_buf: 'void *',
  kernel_log_size: 'size_t',
  kernel_log_level: 'uint32_t',
});

/** What to change before the kernel sees the object; see the methods of the same meaning. */
export interface OpenOptions {
  readonly mapSizes?: Readonly<Record<string, number>>;
  readonly rodata?: Readonly<Record<string, number | bigint>>;
  /** Maps to take from a pin, or from another object, instead of creating them. */
  readonly reuse?: Readonly<Record<string, string | BpfMap>>;
  /** Only these programs are loaded; default all. */
  readonly programs?: readonly string[];
}

/**
 * A BPF object file that has been read and not yet loaded: the only time its maps and constants can be changed.
 * `load` hands everything to the {@link LoadedObject}; after that, and after `close`, every use throws.
 */
export class OpenObject {
  readonly path: string;
  readonly #log: Block;
  #handle: Pointer | undefined;

  constructor(path: string, handle: Pointer, log: Block) {
    this.path = path;
    this.#handle = handle;
    this.#log = log;
  }

  /** Names of the maps in the file, without those of global variables. */
  maps(): readonly string[] {
    return mapNames(this.#use('read maps of'));
  }

  programs(): readonly string[] {
    return programNames(this.#use('read programs of'));
  }

  /** @throws BpfError ENOENT where there is no such map. */
  setMaxEntries(name: string, entries: number): void {
    const map = this.#map('set the size of', name);
    checked('set the size of', `map ${name} to ${entries}`, bpf().bpf_map__set_max_entries(map, entries));
  }

  /**
   * Gives a `const volatile` variable its value.
   * @throws BpfError ENOENT where there is no such variable, ERANGE where the value does not fit.
   */
  setRodata(name: string, value: number | bigint): void {
    const handle = this.#use('set variable');
    const btf = bpf().bpf_object__btf(handle);
    const variables = btf === null ? [] : variablesOf(btf, '.rodata');
    const variable = variables.find((candidate) => candidate.name === name);
    const map = bpf().bpf_object__find_map_by_name(handle, '.rodata');
    const size: [number] = [0];
    const address = map === null ? null : bpf().bpf_map__initial_value(map, size);
    if (!variable || address === null) {
      const known = variables.map((candidate) => candidate.name).join(', ') || 'none';
      throw new BpfError('set variable', `${name} of ${this.path}`, 'ENOENT', {
        cause: `there is no such constant; there are: ${known}`,
        hint: 'declare it `const volatile`',
      });
    }
    writeNumber(viewOf(address, size[0]), variable, value);
  }

  /**
   * Uses a map that is in the kernel already, pinned at a path or open here, instead of creating one.
   * @throws BpfError EINVAL where type or sizes of key or value differ from the object's.
   */
  reuseMap(name: string, from: string | BpfMap): void {
    const map = this.#map('reuse', name);
    const existing = typeof from === 'string' ? BpfMap.open(from) : from;
    try {
      const wanted = describe(
        mapTypeName(bpf().bpf_map__type(map)),
        bpf().bpf_map__key_size(map),
        bpf().bpf_map__value_size(map),
      );
      const found = describe(existing.type, existing.keySize, existing.valueSize);
      if (wanted !== found) {
        throw new BpfError('reuse', `map ${name}`, 'EINVAL', {
          cause: `the existing one is ${found}, the object wants ${wanted}`,
          hint: 'it was made by another version: remove its pin, or migrate it',
        });
      }
      checked('reuse', `map ${name}`, bpf().bpf_map__reuse_fd(map, existing.fd));
    } finally {
      if (typeof from === 'string') existing.close();
    }
  }

  /** Loads only these programs. */
  selectPrograms(names: readonly string[]): void {
    for (const name of names) this.#program(name);
    for (const name of this.programs()) {
      const result = bpf().bpf_program__set_autoload(this.#program(name), names.includes(name));
      checked('select', `program ${name}`, result);
    }
  }

  /**
   * Creates the maps and has the verifier check the programs. The object is closed when it fails.
   * @throws BpfError with one line of the verifier's in the message and its whole log in `log`.
   */
  load(): LoadedObject {
    const handle = this.#use('load');
    const { result, messages } = withMessages(() => bpf().bpf_object__load(handle));
    const log = readString(this.#log.address);
    if (result < 0) {
      this.close();
      throw loadError(this.path, result, messages, log);
    }
    this.#release();
    return new LoadedObject(this.path, handle);
  }

  /** Harmless when closed or loaded already. */
  close(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#release();
    bpf().bpf_object__close(handle);
  }

  #release(): void {
    this.#handle = undefined;
    this.#log.free();
  }

  #use(operation: string): Pointer {
    if (this.#handle !== undefined) return this.#handle;
    throw new BpfError(operation, this.path, 'EBADF', { cause: 'it is loaded or closed' });
  }

  #map(operation: string, name: string): Pointer {
    const map = bpf().bpf_object__find_map_by_name(this.#use(operation), name);
    if (map !== null) return map;
    throw new BpfError(operation, `map ${name} of ${this.path}`, 'ENOENT', {
      cause: `there is no such map; there are: ${this.maps().join(', ') || 'none'}`,
    });
  }

  #program(name: string): Pointer {
    const program = bpf().bpf_object__find_program_by_name(this.#use('select'), name);
    if (program !== null) return program;
    throw new BpfError('select', `program ${name} of ${this.path}`, 'ENOENT', {
      cause: `there is no such program; there are: ${this.programs().join(', ') || 'none'}`,
    });
  }
}

const describe = (type: string, keySize: number, valueSize: number): string =>
  `a ${type} with keys of ${keySize} and values of ${valueSize} bytes`;

/**
 * Reads a BPF object file.
 * @throws BpfError ENOENT where there is no file, EINVAL (or what libbpf says) where it is no BPF object.
 */
export function openObject(path: string, options: OpenOptions = {}): OpenObject {
  const log = allocate(LOG_SIZE);
  log.bytes[0] = 0;
  const opts = structBytes(openOptions, { kernel_log_buf: log.address, kernel_log_size: LOG_SIZE });
  const { result, messages } = withMessages(() => {
    const handle = bpf().bpf_object__open_file(path, opts);
    return { handle, errno: handle === null ? lastErrno() : 0 };
  });
  if (result.handle === null) {
    log.free();
    throw new BpfError('open', `BPF object ${path}`, result.errno, {
      hint: result.errno === 2 ? 'build it first: `make build`' : messages.join('; ') || undefined,
      log: messages.join('\n'),
    });
  }
  const object = new OpenObject(path, result.handle, log);
  try {
    prepare(object, options);
  } catch (error) {
    object.close();
    throw error;
  }
  return object;
}

function prepare(object: OpenObject, { mapSizes = {}, rodata = {}, reuse = {}, programs }: OpenOptions): void {
  for (const [name, entries] of Object.entries(mapSizes)) object.setMaxEntries(name, entries);
  for (const [name, value] of Object.entries(rodata)) object.setRodata(name, value);
  for (const [name, from] of Object.entries(reuse)) object.reuseMap(name, from);
  if (programs) object.selectPrograms(programs);
}
