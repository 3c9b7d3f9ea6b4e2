import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BpfLink, BpfMap } from '../../src/libbpf/index.ts';

/** Maps that the prober and its answers write. */
const PROBES = ['probe_states', 'probe_queue', 'probing', 'openings', 'alarms'];
/** Maps that packets write, and where the engine notes what it counted. */
const COUNTERS = new Set([
  'verdicts',
  'totals',
  'journal',
  'fragments',
  'wanted',
  'copy_number',
  'copy_progress',
  ...PROBES,
]);
/** Values of these end in two 64-bit counters. */
const COUNTED = new Set(['slots', 'legs']);
const COUNTER_BYTES = 16;
const PROGRAMS = ['hopline', 'hopline_egress', 'hopline_probe'];

/**
 * Every pinned map of an engine as a hash of its bytes, counters left out, and the program on every NIC. Two of these
 * are equal when the dataplane is the same byte for byte.
 * @param except maps that are left out as a whole.
 */
export function bytesOf(
  instance: string,
  pinRoot = '/sys/fs/bpf',
  except: ReadonlySet<string> = COUNTERS,
): Readonly<Record<string, string>> {
  const directory = join(pinRoot, 'hopline', instance);
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(directory, 'current')).sort()) {
    if (except.has(name) || PROGRAMS.includes(name)) continue;
    const map = BpfMap.open(join(directory, 'current', name));
    found[name] = `${map.id} ${hash(map, name)}`;
    map.close();
  }
  for (const ifindex of readdirSync(join(directory, 'links')).sort()) {
    const link = BpfLink.open(join(directory, 'links', ifindex));
    found[`link ${ifindex}`] = JSON.stringify(link.info());
    link.close();
  }
  return found;
}

function hash(map: BpfMap, name: string): string {
  const sum = createHash('sha256');
  if ((map.flags & 1024) === 0) {
    const entries = [...map.entries()].map((entry) => entry.map((part) => Buffer.from(part).toString('hex')).join(' '));
    return sum.update(entries.sort().join('\n')).digest('hex');
  }
  const bytes = new Uint8Array(map.mmap());
  if (!COUNTED.has(name)) return sum.update(bytes).digest('hex');
  const words = new BigUint64Array(bytes.slice().buffer);
  const size = map.stride / 8;
  const counters = COUNTER_BYTES / 8;
  for (let end = size; end <= words.length; end += size) {
    words.fill(0n, end - counters, end);
    if (name === 'legs') words[end - counters - 1]! &= 0xffff_ffffn;
  }
  return sum.update(words).digest('hex');
}
