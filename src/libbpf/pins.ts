/** The BPF file system: what is pinned there stays when the process ends. */
import { closeSync, readlinkSync } from 'node:fs';
import { BpfError, checked, type Hints } from './errors.ts';
import { bpf } from './signatures.ts';

const READ_ONLY = 'mount -o remount,rw the BPF file system: also reading needs that; forwarding goes on';

export const PIN_HINTS: Hints = {
  EROFS: READ_ONLY,
  ENOENT: 'the directory is missing: create it first',
  EEXIST: 'something is pinned there: remove it first',
  EPERM: 'pins must be on a BPF file system: `mount -t bpf bpf /sys/fs/bpf`; and be root',
  EINVAL: 'names of pins have no dots, and the directory is on a BPF file system',
};

const OPEN_HINTS: Hints = {
  EROFS: READ_ONLY,
  ENOENT: 'nothing is pinned there',
  EACCES: 'this is no BPF object, or it is not for you to read',
  EPERM: 'this is no BPF object, or it is not for you to read',
  EINVAL: 'this is no BPF object',
};

/** What the link in /proc of a descriptor says it is; kernels write bpf-link and bpf_link. */
const KINDS = {
  map: /^anon_inode:bpf.map$/,
  program: /^anon_inode:bpf.prog$/,
  link: /^anon_inode:bpf.link$/,
} as const;

/**
 * Opens what is pinned at `path` as a map, a program or a link.
 * @throws BpfError where there is nothing, or something else.
 */
export function openPin<T>(kind: keyof typeof KINDS, path: string, open: (fd: number) => T): T {
  const fd = checked('open pinned', `${kind} ${path}`, bpf().bpf_obj_get(path), OPEN_HINTS);
  try {
    const found = readlinkSync(`/proc/self/fd/${fd}`);
    if (!KINDS[kind].test(found)) {
      throw new BpfError('open pinned', `${kind} ${path}`, 'EINVAL', { cause: `it is no ${kind} but ${found}` });
    }
    return open(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
