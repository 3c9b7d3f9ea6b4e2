/** Memory that C code sees: structs passed by pointer, blocks that outlive the garbage collector, mapped maps. */
import koffi, { type TypeObject } from 'koffi';
import { BpfError } from './errors.ts';
import { type Pointer, system } from './signatures.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

type CStruct = TypeObject;

/** A C struct by its members, in order, with their C types. */
export const struct = (members: Record<string, string>): CStruct => koffi.struct(members);

export const sizeOf = (type: CStruct): number => koffi.sizeof(type);

/** Offsets of a struct's members, in bytes, as the C compiler would lay them out. */
export function offsetsOf<K extends string>(type: CStruct, ...members: K[]): Record<K, number> {
  return Object.fromEntries(members.map((name) => [name, koffi.offsetof(type, name)])) as Record<K, number>;
}

/**
 * A struct as bytes, to be passed as a pointer: members left out are 0, `sz` (as libbpf's option structs have it) is the
 * size of the struct.
 */
export function structBytes(type: CStruct, values: Readonly<Record<string, number | bigint>>): Uint8Array {
  const bytes = new Uint8Array(type.size);
  const view = new DataView(bytes.buffer);
  for (const { name, offset, type: member } of Object.values(type.members ?? {})) {
    const value = name === 'sz' ? type.size : values[name];
    if (value === undefined) continue;
    if (member.size === 8) view.setBigUint64(offset, BigInt(value), true);
    else if (member.size === 4) view.setUint32(offset, Number(value), true);
    else throw new TypeError(`member ${name} has ${member.size} bytes, only 4 and 8 are written`);
  }
  return bytes;
}

/**
 * A block of C memory. A JavaScript buffer's address is no substitute: nothing keeps the buffer alive while C holds the
 * address. Whoever allocates frees; `bytes` must not be touched afterwards.
 */
export interface Block {
  readonly address: Pointer;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  free(): void;
}

export function allocate(size: number): Block {
  const address = koffi.alloc('uint8_t', size) as Pointer;
  const buffer = koffi.view(address, size);
  return {
    address,
    bytes: new Uint8Array(buffer),
    view: new DataView(buffer),
    free: () => koffi.free(address),
  };
}

/** C memory as bytes, without copying: valid as long as whoever owns the memory keeps it. */
export function viewOf(address: Pointer, size: number): Uint8Array {
  return new Uint8Array(koffi.view(address, size));
}

/** A C string, up to its 0. */
export function readString(address: Pointer): string {
  return koffi.decode.string(address);
}

/** Gives back what C allocated with malloc. */
export function freePointer(address: Pointer): void {
  koffi.free(address);
}

/** The error number of the last synchronous call: read at once, before anything else runs. */
export function lastErrno(): number {
  return koffi.errno();
}

/**
 * Maps the memory behind `fd`, shared with the kernel. It is never unmapped, since touching a view of unmapped memory
 * ends the process; it outlives the file descriptor.
 */
export function mapShared(fd: number, length: number, object: string): ArrayBuffer {
  const address = system().mmap(null, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address === null || address === MAP_FAILED) throw new BpfError('map into memory', object, lastErrno());
  return koffi.view(address, length);
}
