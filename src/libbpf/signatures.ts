/**
 * The C functions this binding calls: one table, each entry the C declaration and its TypeScript form. The libraries
 * are loaded on the first call, so that importing this folder costs nothing where BPF is not used.
 */
import koffi from 'koffi';

/** A C pointer: an address that nothing keeps alive. */
export type Pointer = bigint;

type Bytes = Uint8Array;
/** A struct passed by pointer: made by `structBytes` in memory.ts. */
type Struct = Uint8Array;

interface Declaration<F> {
  readonly declaration: string;
  /** Only in the type system. */
  readonly type?: F;
}

const c = <F>(declaration: string): Declaration<F> => ({ declaration });

const LIBBPF = {
  libbpf_version_string: c<() => string>('const char *libbpf_version_string(void)'),
  libbpf_set_print: c<(fn: Pointer | null) => Pointer | null>('void *libbpf_set_print(void *fn)'),
  libbpf_num_possible_cpus: c<() => number>('int libbpf_num_possible_cpus(void)'),

  bpf_object__open_file: c<(path: string, opts: Struct) => Pointer | null>(
    'void *bpf_object__open_file(const char *path, const void *opts)',
  ),
  bpf_object__load: c<(object: Pointer) => number>('int bpf_object__load(void *object)'),
  bpf_object__close: c<(object: Pointer) => void>('void bpf_object__close(void *object)'),
  bpf_object__btf: c<(object: Pointer) => Pointer | null>('void *bpf_object__btf(const void *object)'),
  bpf_object__find_map_by_name: c<(object: Pointer, name: string) => Pointer | null>(
    'void *bpf_object__find_map_by_name(const void *object, const char *name)',
  ),
  bpf_object__next_map: c<(object: Pointer, map: Pointer | null) => Pointer | null>(
    'void *bpf_object__next_map(const void *object, const void *map)',
  ),
  bpf_object__find_program_by_name: c<(object: Pointer, name: string) => Pointer | null>(
    'void *bpf_object__find_program_by_name(const void *object, const char *name)',
  ),
  bpf_object__next_program: c<(object: Pointer, program: Pointer | null) => Pointer | null>(
    'void *bpf_object__next_program(const void *object, void *program)',
  ),

  bpf_map__name: c<(map: Pointer) => string>('const char *bpf_map__name(const void *map)'),
  bpf_map__fd: c<(map: Pointer) => number>('int bpf_map__fd(const void *map)'),
  bpf_map__type: c<(map: Pointer) => number>('int bpf_map__type(const void *map)'),
  bpf_map__key_size: c<(map: Pointer) => number>('uint32_t bpf_map__key_size(const void *map)'),
  bpf_map__value_size: c<(map: Pointer) => number>('uint32_t bpf_map__value_size(const void *map)'),
  bpf_map__set_max_entries: c<(map: Pointer, entries: number) => number>(
    'int bpf_map__set_max_entries(void *map, uint32_t entries)',
  ),
  bpf_map__initial_value: c<(map: Pointer, size: [number]) => Pointer | null>(
    'void *bpf_map__initial_value(void *map, _Out_ size_t *size)',
  ),
  bpf_map__reuse_fd: c<(map: Pointer, fd: number) => number>('int bpf_map__reuse_fd(void *map, int fd)'),

  bpf_program__name: c<(program: Pointer) => string>('const char *bpf_program__name(const void *program)'),
  bpf_program__fd: c<(program: Pointer) => number>('int bpf_program__fd(const void *program)'),
  bpf_program__set_autoload: c<(program: Pointer, autoload: boolean) => number>(
    'int bpf_program__set_autoload(void *program, bool autoload)',
  ),

  btf__find_by_name_kind: c<(btf: Pointer, name: string, kind: number) => number>(
    'int btf__find_by_name_kind(const void *btf, const char *name, uint32_t kind)',
  ),
  btf__type_by_id: c<(btf: Pointer, id: number) => Pointer | null>(
    'const void *btf__type_by_id(const void *btf, uint32_t id)',
  ),
  btf__name_by_offset: c<(btf: Pointer, offset: number) => string | null>(
    'const char *btf__name_by_offset(const void *btf, uint32_t offset)',
  ),

  bpf_map_create: c<
    (type: number, name: string, keySize: number, valueSize: number, entries: number, opts: Struct) => number
  >(
    'int bpf_map_create(int type, const char *name, uint32_t key_size, uint32_t value_size, uint32_t max_entries, const void *opts)',
  ),
  bpf_map_lookup_elem: c<(fd: number, key: Bytes, value: Bytes) => number>(
    'int bpf_map_lookup_elem(int fd, const void *key, void *value)',
  ),
  bpf_map_update_elem: c<(fd: number, key: Bytes, value: Bytes, flags: number) => number>(
    'int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)',
  ),
  bpf_map_delete_elem: c<(fd: number, key: Bytes) => number>('int bpf_map_delete_elem(int fd, const void *key)'),
  bpf_map_get_next_key: c<(fd: number, key: Bytes | null, next: Bytes) => number>(
    'int bpf_map_get_next_key(int fd, const void *key, void *next)',
  ),
  bpf_map_lookup_batch: c<
    (
      fd: number,
      from: Bytes | null,
      to: Bytes,
      keys: Bytes,
      values: Bytes,
      count: Uint32Array,
      opts: Struct | null,
    ) => number
  >(
    'int bpf_map_lookup_batch(int fd, void *in_batch, void *out_batch, void *keys, void *values, void *count, const void *opts)',
  ),
  bpf_map_update_batch: c<(fd: number, keys: Bytes, values: Bytes, count: Uint32Array, opts: Struct | null) => number>(
    'int bpf_map_update_batch(int fd, const void *keys, const void *values, void *count, const void *opts)',
  ),
  bpf_map_delete_batch: c<(fd: number, keys: Bytes, count: Uint32Array, opts: Struct | null) => number>(
    'int bpf_map_delete_batch(int fd, const void *keys, void *count, const void *opts)',
  ),
  bpf_map_get_fd_by_id: c<(id: number) => number>('int bpf_map_get_fd_by_id(uint32_t id)'),
  bpf_prog_get_fd_by_id: c<(id: number) => number>('int bpf_prog_get_fd_by_id(uint32_t id)'),

  bpf_obj_pin: c<(fd: number, path: string) => number>('int bpf_obj_pin(int fd, const char *path)'),
  bpf_obj_get: c<(path: string) => number>('int bpf_obj_get(const char *path)'),
  bpf_obj_get_info_by_fd: c<(fd: number, info: Bytes, size: Uint32Array) => number>(
    'int bpf_obj_get_info_by_fd(int fd, void *info, void *size)',
  ),

  bpf_prog_test_run_opts: c<(fd: number, opts: Pointer) => number>('int bpf_prog_test_run_opts(int fd, void *opts)'),

  bpf_link_create: c<(program: number, target: number, attachType: number, opts: Struct) => number>(
    'int bpf_link_create(int program, int target, int attach_type, const void *opts)',
  ),
  bpf_link_update: c<(link: number, program: number, opts: Struct | null) => number>(
    'int bpf_link_update(int link, int program, const void *opts)',
  ),
  bpf_link_detach: c<(link: number) => number>('int bpf_link_detach(int link)'),
  bpf_xdp_query: c<(ifindex: number, flags: number, opts: Struct) => number>(
    'int bpf_xdp_query(int ifindex, int flags, void *opts)',
  ),

  ring_buffer__new: c<(fd: number, callback: Pointer, context: Pointer | null, opts: Struct | null) => Pointer | null>(
    'void *ring_buffer__new(int fd, void *callback, void *context, const void *opts)',
  ),
  ring_buffer__consume: c<(ring: Pointer) => number>('int ring_buffer__consume(void *ring)'),
  ring_buffer__epoll_fd: c<(ring: Pointer) => number>('int ring_buffer__epoll_fd(const void *ring)'),
  ring_buffer__free: c<(ring: Pointer) => void>('void ring_buffer__free(void *ring)'),
} as const;

const LIBC = {
  mmap: c<
    (address: null, length: number, protection: number, flags: number, fd: number, offset: number) => Pointer | null
  >('void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)'),
  vasprintf: c<(text: [Pointer | null], format: Pointer, args: Pointer) => number>(
    'int vasprintf(_Out_ void **text, const void *format, void *args)',
  ),
  socket: c<(domain: number, type: number, protocol: number) => number>(
    'int socket(int domain, int type, int protocol)',
  ),
  send: c<(socket: number, bytes: Bytes, size: number, flags: number) => number>(
    'long send(int socket, const void *bytes, size_t size, int flags)',
  ),
  recv: c<(socket: number, bytes: Bytes, size: number, flags: number) => number>(
    'long recv(int socket, void *bytes, size_t size, int flags)',
  ),
  fcntl: c<(fd: number, command: number, value: number) => number>('int fcntl(int fd, int command, int value)'),
  getsockopt: c<(socket: number, level: number, name: number, value: Bytes, size: Bytes) => number>(
    'int getsockopt(int socket, int level, int name, _Inout_ void *value, _Inout_ void *size)',
  ),
  syscall: c<(number: number, command: number, flags: number, cpu: number) => number>(
    'long syscall(long number, long command, unsigned int flags, int cpu)',
  ),
} as const;

type Table = Readonly<Record<string, Declaration<unknown>>>;
type Loaded<T extends Table> = { readonly [K in keyof T]: T[K] extends Declaration<infer F> ? F : never };

function load<T extends Table>(library: string, table: T): Loaded<T> {
  const handle = koffi.load(library);
  const entries = Object.entries(table).map(([name, entry]) => [name, handle.func(entry.declaration)] as const);
  return Object.fromEntries(entries) as Loaded<T>;
}

let libbpf: Loaded<typeof LIBBPF> | undefined;
let libc: Loaded<typeof LIBC> | undefined;

/**
 * libbpf's functions, loaded on the first call.
 * @throws Error when the library is missing, or older than 1.0.
 */
export function bpf(): Loaded<typeof LIBBPF> {
  if (libbpf) return libbpf;
  try {
    libbpf = load('libbpf.so.1', LIBBPF);
  } catch (cause) {
    throw new Error('load libbpf.so.1: not found or too old (install libbpf 1.0 or later: `apt-get install libbpf1`)', {
      cause,
    });
  }
  return libbpf;
}

/** The few functions of the C library that Node does not offer. */
export function system(): Loaded<typeof LIBC> {
  libc ??= load('libc.so.6', LIBC);
  return libc;
}

/** Runs a C function in a worker thread; `errno` is not available there, use what the function returns. */
export function inWorker<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<R> {
  const { async: call } = fn as unknown as { async: (...args: unknown[]) => void };
  return new Promise((resolve, reject) => {
    call(...args, (error: unknown, result: R) => (error ? reject(error) : resolve(result)));
  });
}
