/** What the kernel says about a map, a program or a link behind a file descriptor. */
import { checked } from './errors.ts';
import { offsetsOf, sizeOf, struct } from './memory.ts';
import { bpf } from './signatures.ts';

const NAME_SIZE = 16;

const mapInfo = struct({
  type: 'uint32_t',
  id: 'uint32_t',
  key_size: 'uint32_t',
  value_size: 'uint32_t',
  max_entries: 'uint32_t',
  map_flags: 'uint32_t',
  name: 'char [16]',
});

const programInfo = struct({
  type: 'uint32_t',
  id: 'uint32_t',
  tag: 'uint8_t [8]',
  jited_prog_len: 'uint32_t',
  xlated_prog_len: 'uint32_t',
  jited_prog_insns: 'uint64_t',
  xlated_prog_insns: 'uint64_t',
  load_time: 'uint64_t',
  created_by_uid: 'uint32_t',
  nr_map_ids: 'uint32_t',
  map_ids: 'uint64_t',
  name: 'char [16]',
  between: 'uint8_t [112]',
  run_time_ns: 'uint64_t',
  run_cnt: 'uint64_t',
});

const linkInfo = struct({
  type: 'uint32_t',
  id: 'uint32_t',
  prog_id: 'uint32_t',
  reserved: 'uint32_t',
  ifindex: 'uint32_t',
  rest: 'uint8_t [64]',
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();

function read(fd: number, object: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  checked('ask the kernel about', object, bpf().bpf_obj_get_info_by_fd(fd, bytes, Uint32Array.of(size)));
  return bytes;
}

/** Where each field of an info lies, worked out once. */
const at = {
  map: offsetsOf(mapInfo, 'type', 'id', 'key_size', 'value_size', 'max_entries', 'map_flags', 'name'),
  program: offsetsOf(programInfo, 'type', 'id', 'tag', 'name', 'run_time_ns', 'run_cnt'),
  link: offsetsOf(linkInfo, 'type', 'id', 'prog_id', 'ifindex'),
};

export interface MapInfo {
  readonly type: number;
  readonly id: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** As the kernel keeps it: at most 15 bytes. */
  readonly name: string;
}

export function readMapInfo(fd: number, object: string): MapInfo {
  const bytes = read(fd, object, sizeOf(mapInfo));
  const view = new DataView(bytes.buffer);
  return {
    type: view.getUint32(at.map.type, true),
    id: view.getUint32(at.map.id, true),
    keySize: view.getUint32(at.map.key_size, true),
    valueSize: view.getUint32(at.map.value_size, true),
    maxEntries: view.getUint32(at.map.max_entries, true),
    flags: view.getUint32(at.map.map_flags, true),
    name: text(bytes.subarray(at.map.name, at.map.name + NAME_SIZE)),
  };
}

export interface ProgramInfo {
  readonly type: number;
  readonly id: number;
  /** Hash of its instructions, in hex. */
  readonly tag: string;
  /** As the kernel keeps it: at most 15 bytes. */
  readonly name: string;
  /** Nanoseconds and runs, counted while kernel.bpf_stats_enabled is 1. */
  readonly runTimeNs: bigint;
  readonly runs: bigint;
}

export function readProgramInfo(fd: number, object: string): ProgramInfo {
  const bytes = read(fd, object, sizeOf(programInfo));
  const view = new DataView(bytes.buffer);
  return {
    type: view.getUint32(at.program.type, true),
    id: view.getUint32(at.program.id, true),
    tag: Buffer.from(bytes.subarray(at.program.tag, at.program.tag + 8)).toString('hex'),
    name: text(bytes.subarray(at.program.name, at.program.name + NAME_SIZE)),
    runTimeNs: view.getBigUint64(at.program.run_time_ns, true),
    runs: view.getBigUint64(at.program.run_cnt, true),
  };
}

export interface LinkInfo {
  readonly type: number;
  readonly id: number;
  readonly programId: number;
  /** 0 when the interface is gone or the link is detached. */
  readonly ifindex: number;
}

export function readLinkInfo(fd: number, object: string): LinkInfo {
  const view = new DataView(read(fd, object, sizeOf(linkInfo)).buffer);
  return {
    type: view.getUint32(at.link.type, true),
    id: view.getUint32(at.link.id, true),
    programId: view.getUint32(at.link.prog_id, true),
    ifindex: view.getUint32(at.link.ifindex, true),
  };
}
