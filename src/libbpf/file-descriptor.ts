/** A kernel object's file descriptor: closed once, refused afterwards. */
import { closeSync } from 'node:fs';
import { BpfError } from './errors.ts';

export class FileDescriptor {
  readonly #object: string;
  readonly #owned: boolean;
  #fd: number;

  /** @param owned false where somebody else (the BPF object) closes the descriptor. */
  constructor(fd: number, object: string, owned: boolean) {
    this.#fd = fd;
    this.#object = object;
    this.#owned = owned;
  }

  /** @throws BpfError EBADF after close. */
  get(operation = 'use'): number {
    if (this.#fd < 0) throw new BpfError(operation, this.#object, 'EBADF', { cause: 'it is closed' });
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0 && this.#owned) closeSync(fd);
  }
}
