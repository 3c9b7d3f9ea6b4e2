/** The types of the door, as the compiler sees them: compiled, then read back as BTF. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A BTF type as `bpftool btf dump -j` prints it; which members are there depends on the kind. */
export interface BtfType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size: number;
  readonly type_id: number;
  readonly nr_elems: number;
  readonly members: readonly { readonly name: string; readonly type_id: number; readonly bits_offset: number }[];
  readonly values: readonly { readonly name: string; readonly val: number }[];
  readonly vars: readonly { readonly type_id: number }[];
}

export const ROOT = join(import.meta.dirname, '..');
export const HEADERS = ['layout.h', 'reasons.h', 'maps.h'] as const;

export const readHeader = (name: string): string => readFileSync(join(ROOT, 'maps', name), 'utf8');

/**
 * The BTF of an object that has every enum, struct and map of the headers: the compiler leaves out what is not used, so
 * each gets a variable.
 * @throws Error with the compiler's message.
 */
export function compileDoor(output = join(ROOT, '.output', 'door.bpf.o')): readonly BtfType[] {
  const text = HEADERS.map(readHeader).join('\n');
  const named = [...text.matchAll(/^(enum|struct) (\w+) \{/gm)].map(([, kind, name]) => `${kind} ${name} the_${name};`);
  const source = `#include "maps.h"\n${named.join('\n')}\n`;
  mkdirSync(dirname(output), { recursive: true });
  const include = `/usr/include/${execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()}-linux-gnu`;
  const flags = ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', `-I${join(ROOT, 'maps')}`, `-I${include}`];
  execFileSync('clang', [...flags, '-x', 'c', '-', '-c', '-o', output], { input: source });
  return readBtf(output);
}

/** The types of any BPF object file, at the place their id says. */
export function readBtf(object: string): readonly BtfType[] {
  const dump = execFileSync('bpftool', ['btf', 'dump', 'file', object, '-j'], { maxBuffer: 1 << 28, encoding: 'utf8' });
  const types: BtfType[] = [];
  for (const type of (JSON.parse(dump) as { types: BtfType[] }).types) types[type.id] = type;
  return types;
}
