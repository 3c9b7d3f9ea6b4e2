import { release } from 'node:os';
import { Failure } from '../../api-types/failure.ts';

/** The oldest kernel the programs were tried on: Debian 12 has it. */
const OLDEST = [6, 1] as const;

/** @throws Failure unable, in one sentence, where this machine or user cannot run an engine. */
export function requireMachine(user = process.geteuid?.(), kernel = release(), platform = process.platform): void {
  if (platform !== 'linux') throw new Failure('unable', `open engine: XDP is Linux only, this is ${platform}`);
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new Failure('unable', `open engine: Linux ${kernel} is too old (${OLDEST.join('.')} or newer is needed)`);
  }
  if (user !== 0) throw new Failure('unable', 'open engine: only root may use BPF tables (sudo hopline …)');
}
