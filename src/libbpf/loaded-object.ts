import { BpfError } from './errors.ts';
import { BpfMap } from './map.ts';
import { mapNames, programNames } from './object-handle.ts';
import { BpfProgram } from './program.ts';
import { bpf, type Pointer } from './signatures.ts';
import { variablesOf } from './variables.ts';

/**
 * An object in the kernel. Its maps and programs belong to it: `close` closes them too, and what is neither pinned nor
 * attached is gone.
 */
export class LoadedObject {
  readonly path: string;
  readonly #maps = new Map<string, BpfMap>();
  readonly #programs = new Map<string, BpfProgram>();
  #handle: Pointer | undefined;

  /** Made by OpenObject.load. */
  constructor(path: string, handle: Pointer) {
    this.path = path;
    this.#handle = handle;
  }

  maps(): readonly string[] {
    return mapNames(this.#use('read maps of'));
  }

  programs(): readonly string[] {
    return programNames(this.#use('read programs of'));
  }

  /** @throws BpfError ENOENT where there is no such map. ".bss" and ".rodata" are maps too. */
  map(name: string): BpfMap {
    const handle = this.#use('find map of');
    const found = this.#maps.get(name);
    if (found && !found.closed) return found;
    const pointer = bpf().bpf_object__find_map_by_name(handle, name);
    if (pointer === null) throw missing('map', name, this.path, this.maps());
    const map = new BpfMap(bpf().bpf_map__fd(pointer), { name, owned: false });
    this.#maps.set(name, map);
    return map;
  }

  /** @throws BpfError ENOENT where there is no such program, or it was not selected for loading. */
  program(name: string): BpfProgram {
    const handle = this.#use('find program of');
    const found = this.#programs.get(name);
    if (found && !found.closed) return found;
    const pointer = bpf().bpf_object__find_program_by_name(handle, name);
    const fd = pointer === null ? -1 : bpf().bpf_program__fd(pointer);
    if (fd < 0) throw missing('loaded program', name, this.path, this.programs());
    const program = new BpfProgram(fd, { name, owned: false });
    this.#programs.set(name, program);
    return program;
  }

  /**
   * A global variable of the running programs, as live memory: from ".bss" (zero at first) or ".data".
   * @throws BpfError ENOENT where there is no such variable.
   */
  variable(name: string): Uint8Array {
    const btf = bpf().bpf_object__btf(this.#use('find variable of'));
    for (const section of btf === null ? [] : ['.bss', '.data']) {
      const found = variablesOf(btf!, section).find((candidate) => candidate.name === name);
      if (found) return new Uint8Array(this.map(section).mmap(), found.offset, found.size);
    }
    throw new BpfError('find', `variable ${name} of ${this.path}`, 'ENOENT');
  }

  /** Harmless when closed already. */
  close(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    for (const part of [...this.#maps.values(), ...this.#programs.values()]) part.close();
    bpf().bpf_object__close(handle);
  }

  #use(operation: string): Pointer {
    if (this.#handle !== undefined) return this.#handle;
    throw new BpfError(operation, this.path, 'EBADF', { cause: 'it is closed' });
  }
}

function missing(kind: string, name: string, path: string, known: readonly string[]): BpfError {
  return new BpfError('find', `${kind} ${name} of ${path}`, 'ENOENT', {
    cause: `there is none; there are: ${known.join(', ') || 'none'}`,
  });
}
