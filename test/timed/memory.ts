import { readFileSync } from 'node:fs';

/** MiB a process holds now (mapped tables among them), and the most it ever held. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string): number => {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
    if (match === null) throw new Error(`read memory of process ${pid}: no ${field} in its status`);
    return Number(match[1]) / 1024;
  };
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}
