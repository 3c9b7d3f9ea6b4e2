import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkPinRoot, PinError } from './pin-root.ts';

const INSTANCE = /^[A-Za-z0-9_-]{1,63}$/;

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
    checkPinRoot(pinRoot);
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

  /** Other instances under the same root that keep an attachment to this interface, by the paths of their pins. */
  othersLinked(ifindex: number): readonly { readonly instance: string; readonly path: string }[] {
    const root = dirname(this.path);
    return readdirSync(root).flatMap((instance) => {
      const path = join(root, instance, 'links', String(ifindex));
      return instance !== basename(this.path) && existsSync(path) ? [{ instance, path }] : [];
    });
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
