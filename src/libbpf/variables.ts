/** The global variables of a BPF object, found by name in its BTF. */
import { BpfError } from './errors.ts';
import { offsetsOf, sizeOf, struct, viewOf } from './memory.ts';
import { bpf, type Pointer } from './signatures.ts';

/** BTF_KIND_DATASEC (linux/btf.h). */
const DATASEC = 15;

const btfType = struct({ name_off: 'uint32_t', info: 'uint32_t', size: 'uint32_t' });
const variable = struct({ type: 'uint32_t', offset: 'uint32_t', size: 'uint32_t' });
const typeAt = offsetsOf(btfType, 'name_off', 'info');
const variableAt = offsetsOf(variable, 'type', 'offset', 'size');

/** `info` of a BTF type has its number of members in the lower 16 bits. */
const members = (info: number): number => info & 0xffff;

export interface Variable {
  readonly name: string;
  /** In its section, in bytes. */
  readonly offset: number;
  readonly size: number;
}

const words = (address: Pointer, size: number): DataView => {
  const bytes = viewOf(address, size);
  return new DataView(bytes.buffer);
};

/** The variables of a section (".rodata", ".data", ".bss"); none where the object has no such section. */
export function variablesOf(btf: Pointer, section: string): readonly Variable[] {
  const id = bpf().btf__find_by_name_kind(btf, section, DATASEC);
  const address = id < 0 ? null : bpf().btf__type_by_id(btf, id);
  if (address === null) return [];
  const count = members(words(address, sizeOf(btfType)).getUint32(typeAt.info, true));
  const list = words(address + BigInt(sizeOf(btfType)), count * sizeOf(variable));
  return Array.from({ length: count }, (_, i) => {
    const at = i * sizeOf(variable);
    return {
      name: nameOf(btf, list.getUint32(at + variableAt.type, true)),
      offset: list.getUint32(at + variableAt.offset, true),
      size: list.getUint32(at + variableAt.size, true),
    };
  });
}

function nameOf(btf: Pointer, id: number): string {
  const address = bpf().btf__type_by_id(btf, id);
  if (address === null) return '';
  return bpf().btf__name_by_offset(btf, words(address, sizeOf(btfType)).getUint32(typeAt.name_off, true)) ?? '';
}

/**
 * Writes a number into a variable of 1, 2, 4 or 8 bytes, signed or not.
 * @throws BpfError ERANGE where it does not fit, EINVAL where the variable is no number.
 */
export function writeNumber(memory: Uint8Array, { name, offset, size }: Variable, value: number | bigint): void {
  if (![1, 2, 4, 8].includes(size)) {
    throw new BpfError('set variable', name, 'EINVAL', { cause: `it has ${size} bytes and is no number` });
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new BpfError('set variable', name, 'EINVAL', { cause: `${value} is no safe integer`, hint: 'use a bigint' });
  }
  const wide = BigInt(value);
  const bits = BigInt(8 * size);
  if (wide >= 1n << bits || wide < -(1n << (bits - 1n))) {
    throw new BpfError('set variable', name, 'ERANGE', { cause: `${value} does not fit into ${size} bytes` });
  }
  let rest = BigInt.asUintN(8 * size, wide);
  for (let i = 0; i < size; i++, rest >>= 8n) memory[offset + i] = Number(rest & 0xffn);
}
