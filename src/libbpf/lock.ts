import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { BpfError } from './errors.ts';
import { system } from './signatures.ts';

/** flock in the kernel's syscall tables. */
const SYSCALL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 73, arm64: 32, riscv64: 32 };
const LOCK_EX = 2;
const LOCK_NB = 4;

/** A file that one process at a time holds; the kernel lets go of it when the process ends, however it ends. */
export class FileLock {
  #fd: number | undefined;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Takes the lock and writes this process's number into the file.
   * @throws BpfError EBUSY with the holder's number.
   */
  static take(path: string): FileLock {
    const number = SYSCALL[process.arch];
    if (number === undefined) throw new BpfError('lock', path, 'ENOSYS', { cause: `unknown on ${process.arch}` });
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    if (system().syscall(number, fd, LOCK_EX | LOCK_NB, 0) !== 0) {
      const holder = readHolder(path);
      closeSync(fd);
      throw new BpfError('lock', path, 'EBUSY', {
        cause: `process ${holder || '(unknown)'} holds it`,
        hint: 'one process at a time writes the tables: ask that one, or stop it',
      });
    }
    const text = `${process.pid}\n`;
    ftruncateSync(fd, writeSync(fd, text, 0));
    return new FileLock(fd);
  }

  /** Harmless when released already. */
  release(): void {
    if (this.#fd === undefined) return;
    // Whoever asks who holds it must not be told a name of the past.
    ftruncateSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}

const ATTEMPTS = 20;
const PAUSE_MS = 5;

/** The number in the file; a holder writes it right after it took the lock. */
function readHolder(path: string): string {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 1; ; attempt++) {
    const holder = readFileSync(path, 'utf8').trim();
    if (holder !== '' || attempt === ATTEMPTS) return holder;
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
}
