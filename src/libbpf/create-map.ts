import { checked } from './errors.ts';
import { BpfMap } from './map.ts';
import { type MapType, mapTypeNumber } from './map-types.ts';
import { struct, structBytes } from './memory.ts';
import { bpf } from './signatures.ts';

const createOptions = struct({
  sz: 'size_t',
  btf_fd: 'uint32_t',
  btf_key_type_id: 'uint32_t',
  btf_value_type_id: 'uint32_t',
  btf_vmlinux_value_type_id: 'uint32_t',
  inner_map_fd: 'uint32_t',
  map_flags: 'uint32_t',
  map_extra: 'uint64_t',
  numa_node: 'uint32_t',
  map_ifindex: 'uint32_t',
});

/** A map that no BPF object declares: the inner maps of a map of maps, for one. */
export interface MapSpec {
  readonly type: MapType;
  /** At most 15 bytes. */
  readonly name: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags?: number;
  /** For maps of maps: a map like those it will hold. */
  readonly innerFd?: number;
}

/** @throws BpfError EINVAL where sizes, entries or flags do not fit the type. */
export function createMap(spec: MapSpec): BpfMap {
  const opts = structBytes(createOptions, { inner_map_fd: spec.innerFd ?? 0, map_flags: spec.flags ?? 0 });
  const { type, name, keySize, valueSize, maxEntries } = spec;
  const result = bpf().bpf_map_create(mapTypeNumber(type), name, keySize, valueSize, maxEntries, opts);
  const fd = checked('create', `map ${name}`, result, {
    EINVAL: `sizes, entries or flags do not fit a ${type}; names have at most 15 letters, digits, '_' and '.'`,
    E2BIG: 'maxEntries or a size is too large',
  });
  return new BpfMap(fd, { name });
}
