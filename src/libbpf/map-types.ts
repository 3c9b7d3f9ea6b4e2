/** Numbers of enum bpf_map_type (linux/bpf.h) by the name bpftool gives them; the place is the number. */
const NAMES = [
  'unspec',
  'hash',
  'array',
  'prog_array',
  'perf_event_array',
  'percpu_hash',
  'percpu_array',
  'stack_trace',
  'cgroup_array',
  'lru_hash',
  'lru_percpu_hash',
  'lpm_trie',
  'array_of_maps',
  'hash_of_maps',
  'devmap',
  'sockmap',
  'cpumap',
  'xskmap',
  'sockhash',
  'cgroup_storage',
  'reuseport_sockarray',
  'percpu_cgroup_storage',
  'queue',
  'stack',
  'sk_storage',
  'devmap_hash',
  'struct_ops',
  'ringbuf',
  'inode_storage',
  'task_storage',
  'bloom_filter',
] as const;

export type MapType = (typeof NAMES)[number];

/** 'unspec' for types younger than this table. */
export function mapTypeName(type: number): MapType {
  return NAMES[type] ?? 'unspec';
}

export function mapTypeNumber(name: MapType): number {
  return NAMES.indexOf(name);
}

/** Flags of maps (linux/bpf.h). */
export const MapFlag = {
  NO_PREALLOC: 1 << 0,
  MMAPABLE: 1 << 10,
} as const;

/** A lookup gives one value for each possible CPU. */
export function isPerCpu(type: MapType): boolean {
  return type === 'percpu_hash' || type === 'percpu_array' || type === 'lru_percpu_hash';
}
