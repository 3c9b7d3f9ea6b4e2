import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** BPF_FS_MAGIC (linux/magic.h). */
const BPF_FS_MAGIC = 0xcafe4a11;
const INSTANCE = /^[A-Za-z0-9_-]{1,63}$/;

/** Something about the pins that the user has to put right. */
export class PinError extends Error {
  override readonly name = 'PinError';
}

/**
 * The pins of one engine:
 *
 *     <pinRoot>/hopline/<instance>/current/   maps and programs in use, by name
 *                                  next/      those that are to take their place; see enum layout_state
 *                                  links/     attachments, by ifindex
 */
export class InstanceDirectory {
  readonly path: string;
  readonly current: string;
  readonly next: string;
  readonly links: string;

  /** @throws PinError where `pinRoot` is no BPF file system or the name is none for a directory. */
  constructor(pinRoot: string, instance: string) {
    if (!INSTANCE.test(instance)) {
      throw new PinError(`open engine ${instance}: not a name (use letters, digits, - and _, 63 at most)`);
    }
    checkBpfFileSystem(pinRoot);
    this.path = join(pinRoot, 'hopline', instance);
    this.current = join(this.path, 'current');
    this.next = join(this.path, 'next');
    this.links = join(this.path, 'links');
  }

  /** @throws PinError where the BPF file system is read-only. */
  create(): void {
    try {
      mkdirSync(this.links, { recursive: true, mode: 0o700 });
      mkdirSync(join(this.path, 'probe'));
      rmSync(join(this.path, 'probe'), { recursive: true });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** @throws PinError where the BPF file system is read-only. */
  makeNext(): void {
    try {
      mkdirSync(this.next, { mode: 0o700 });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  hasCurrent(): boolean {
    return existsSync(this.current);
  }

  hasNext(): boolean {
    return existsSync(this.next);
  }

  removeNext(): void {
    rmSync(this.next, { recursive: true, force: true });
  }

  /** `next` takes the place of `current`, whose pins go. */
  promoteNext(): void {
    rmSync(this.current, { recursive: true, force: true });
    renameSync(this.next, this.current);
  }

  linkPath(ifindex: number): string {
    return join(this.links, String(ifindex));
  }

  /** Interfaces that have an attachment. */
  linked(): number[] {
    return existsSync(this.links) ? readdirSync(this.links).map(Number) : [];
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #explain(error: unknown): unknown {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EROFS') {
      return new PinError(
        `pin ${this.path}: the BPF file system is read-only (mount -o remount,rw, or name another one); forwarding goes on`,
      );
    }
    if (code === 'EACCES' || code === 'EPERM') return new PinError(`pin ${this.path}: not permitted (run as root)`);
    return error;
  }
}

function checkBpfFileSystem(pinRoot: string): void {
  if (!existsSync(pinRoot)) {
    throw new PinError(`open ${pinRoot}: there is no such directory (mkdir it and mount -t bpf bpf ${pinRoot})`);
  }
  if (statfsSync(pinRoot).type >>> 0 !== BPF_FS_MAGIC) {
    throw new PinError(`open ${pinRoot}: it is no BPF file system (mount -t bpf bpf ${pinRoot})`);
  }
}
