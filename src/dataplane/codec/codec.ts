/** Keys and values of maps as objects: the words that the generated src/dataplane/codec/layout.ts is written in. */

/**
 * How a value lies in memory. Little-endian, as the machines are that this runs on; be16 and be32 are in network order
 * in memory and host numbers here.
 */
export interface Codec<T> {
  readonly size: number;
  read(view: DataView, at?: number): T;
  write(view: DataView, at: number, value: T): void;
}

/** What a codec reads and writes. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

export const u8: Codec<number> = {
  size: 1,
  read: (view, at = 0) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
};

export const u16: Codec<number> = {
  size: 2,
  read: (view, at = 0) => view.getUint16(at, true),
  write: (view, at, value) => view.setUint16(at, value, true),
};

export const u32: Codec<number> = {
  size: 4,
  read: (view, at = 0) => view.getUint32(at, true),
  write: (view, at, value) => view.setUint32(at, value, true),
};

export const u64: Codec<bigint> = {
  size: 8,
  read: (view, at = 0) => view.getBigUint64(at, true),
  write: (view, at, value) => view.setBigUint64(at, value, true),
};

export const be16: Codec<number> = {
  size: 2,
  read: (view, at = 0) => view.getUint16(at),
  write: (view, at, value) => view.setUint16(at, value),
};

export const be32: Codec<number> = {
  size: 4,
  read: (view, at = 0) => view.getUint32(at),
  write: (view, at, value) => view.setUint32(at, value),
};

/** Bytes as they stand; reading copies them. */
export function bytes(size: number): Codec<Uint8Array> {
  return {
    size,
    read: (view, at = 0) => new Uint8Array(view.buffer, view.byteOffset + at, size).slice(),
    write: (view, at, value) => {
      if (value.length !== size) throw new RangeError(`write bytes: ${value.length} given, ${size} needed`);
      new Uint8Array(view.buffer, view.byteOffset + at, size).set(value);
    },
  };
}

export function array<T>(element: Codec<T>, length: number): Codec<readonly T[]> {
  return {
    size: element.size * length,
    read: (view, at = 0) => Array.from({ length }, (_, i) => element.read(view, at + i * element.size)),
    write: (view, at, value) => {
      if (value.length !== length)
        throw new RangeError(`write array: ${value.length} elements given, ${length} needed`);
      for (const [i, each] of value.entries()) element.write(view, at + i * element.size, each);
    },
  };
}

type Fields = Readonly<Record<string, readonly [offset: number, codec: Codec<unknown>]>>;
type Structure<F extends Fields> = { readonly [K in keyof F]: Decoded<F[K][1]> };

export interface StructCodec<F extends Fields> extends Codec<Structure<F>> {
  /** Bytes from the beginning of the struct, by field. */
  readonly offset: { readonly [K in keyof F]: F[K][0] };
}

/** A C struct: fields by name with their offsets. What is reserved has no field: it is not read, and left as it is. */
export function struct<const F extends Fields>(size: number, fields: F): StructCodec<F> {
  const list = Object.entries(fields) as unknown as [string, readonly [number, Codec<unknown>]][];
  return {
    size,
    offset: Object.fromEntries(list.map(([name, [offset]]) => [name, offset])) as StructCodec<F>['offset'],
    read: (view, at = 0) =>
      Object.fromEntries(list.map(([name, [offset, codec]]) => [name, codec.read(view, at + offset)])) as Structure<F>,
    write: (view, at, value) => {
      for (const [name, [offset, codec]] of list) codec.write(view, at + offset, value[name as keyof F]);
    },
  };
}

const viewOf = (source: Uint8Array): DataView => new DataView(source.buffer, source.byteOffset, source.byteLength);

/** @throws RangeError where the bytes are too few. */
export function decode<T>(codec: Codec<T>, source: Uint8Array): T {
  if (source.length < codec.size) throw new RangeError(`decode: ${source.length} bytes given, ${codec.size} needed`);
  return codec.read(viewOf(source));
}

/** A value as fresh bytes; what is reserved is 0. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const target = new Uint8Array(codec.size);
  codec.write(viewOf(target), 0, value);
  return target;
}
