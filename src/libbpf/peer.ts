import { BpfError } from './errors.ts';
import { system } from './signatures.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
/** Linux allows a process so many groups. */
const MOST_GROUPS = 65_536;

/** Who a process was when it connected. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  /** Its group first, then those it has beside. */
  readonly gids: readonly number[];
}

/**
 * Who is at the other end of a connected Unix socket, as the kernel noted it then.
 * @throws BpfError where `fd` is no such socket.
 */
export function peerOf(fd: number): Peer {
  const [pid, uid, gid] = option(fd, SO_PEERCRED, 3);
  return { pid: pid!, uid: uid!, gids: [gid!, ...option(fd, SO_PEERGROUPS, MOST_GROUPS)] };
}

/** An option of a socket that is a list of 32-bit numbers. */
function option(fd: number, name: number, most: number): Uint32Array {
  const value = new Uint32Array(most);
  const size = Uint32Array.of(value.byteLength);
  const answer = system().getsockopt(fd, SOL_SOCKET, name, bytesOf(value), bytesOf(size));
  if (answer !== 0) {
    throw new BpfError('ask who is at the other end of', `socket ${fd}`, 'ENOTSOCK', {
      hint: 'only a Unix socket tells',
    });
  }
  return value.subarray(0, size[0]! / value.BYTES_PER_ELEMENT);
}

const bytesOf = (numbers: Uint32Array): Uint8Array => new Uint8Array(numbers.buffer);
