import { checked } from './errors.ts';
import { bpf } from './signatures.ts';

let cpus = 0;

/** CPUs that this kernel could ever have: as many copies has each value of a per-CPU map. */
export function possibleCpus(): number {
  cpus ||= checked('count', 'possible CPUs', bpf().libbpf_num_possible_cpus());
  return cpus;
}
