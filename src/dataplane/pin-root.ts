import { existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** BPF_FS_MAGIC (linux/magic.h). */
const BPF_FS_MAGIC = 0xcafe4a11;

/** Something about the pins that the user has to put right. */
export class PinError extends Error {
  override readonly name = 'PinError';
}

/**
 * Whether pins can be kept there; a directory that is missing on a BPF file system is made.
 * @throws PinError where it is on none, or on one that goes with this command.
 */
export function checkPinRoot(pinRoot: string, mounts = readFileSync('/proc/self/mountinfo', 'utf8')): void {
  const namespace = namespaceOfOwnMounts(mounts);
  if (namespace !== undefined && isBelow(pinRoot, '/sys')) {
    throw new PinError(
      `open ${pinRoot}: ip netns exec gave this command a /sys of its own, and what is pinned there goes with it (nsenter --net=/run/netns/${namespace} hopline ..., which works, or name a BPF file system outside /sys as HOPLINE_PIN_ROOT)`,
    );
  }
  const there = nearest(pinRoot);
  if (statfsSync(there).type >>> 0 !== BPF_FS_MAGIC) {
    const make = existsSync(pinRoot) ? '' : `mkdir -p ${pinRoot} && `;
    throw new PinError(`open ${pinRoot}: it is no BPF file system (${make}mount -t bpf bpf ${pinRoot})`);
  }
  if (there !== pinRoot) mkdirSync(pinRoot, { recursive: true, mode: 0o700 });
}

/** `ip netns exec NAME` mounts /sys anew for its command, with the namespace's name as the source; undefined where nobody did. */
export function namespaceOfOwnMounts(mounts: string): string | undefined {
  for (const line of mounts.trim().split('\n').reverse()) {
    const [head, tail] = line.split(' - ');
    if (head?.split(' ')[4] !== '/sys') continue;
    const [type, source] = (tail ?? '').split(' ');
    return type === 'sysfs' && source !== 'sysfs' && source !== 'none' ? source : undefined;
  }
  return undefined;
}

const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);

/** The path itself, or what is there of it. */
function nearest(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
