/** What an open and a loaded object have in common: walking libbpf's lists. */
import { bpf, type Pointer } from './signatures.ts';

function* walk(next: (from: Pointer | null) => Pointer | null): Generator<Pointer, void> {
  for (let at = next(null); at !== null; at = next(at)) yield at;
}

/** Names of the maps an object declares; global variables (".rodata" and the like) are none of them. */
export function mapNames(object: Pointer): string[] {
  const maps = walk((from) => bpf().bpf_object__next_map(object, from));
  return Array.from(maps, (map) => bpf().bpf_map__name(map)).filter((name) => !name.includes('.'));
}

export function programNames(object: Pointer): string[] {
  const programs = walk((from) => bpf().bpf_object__next_program(object, from));
  return Array.from(programs, (program) => bpf().bpf_program__name(program));
}
