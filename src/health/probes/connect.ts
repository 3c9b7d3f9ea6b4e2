import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Attempt } from './attempt.ts';

/** The address as the socket calls want it: a link-local one with its NIC. */
export function socketAddress(target: Attempt['target']): string {
  const { address } = target;
  const scoped = /^fe[89ab]/i.test(address) && !address.includes('%') && target.interface !== undefined;
  return scoped ? `${address}%${target.interface}` : address;
}

/** Options of `net.connect` and those that wrap it. */
export function connectOptions(target: Attempt['target'], port: number) {
  return {
    host: socketAddress(target),
    port: target.port ?? port,
    ...(target.from === undefined ? {} : { localAddress: target.from }),
  };
}

/** Closes a socket with the attempt, and waits until its descriptor is gone. */
export function closeWith(attempt: Attempt, socket: Socket): void {
  // Errors that come when nobody reads any more are of no interest to anybody.
  socket.on('error', () => undefined);
  attempt.defer(() => {
    if (socket.closed) return undefined;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    return closed;
  });
}

/** A TCP connection that lives as long as the attempt. @throws the socket's error */
export async function connectTcp(attempt: Attempt, port: number): Promise<Socket> {
  attempt.stage = 'connecting';
  const socket = new Socket();
  closeWith(attempt, socket);
  socket.setNoDelay(true);
  socket.connect(connectOptions(attempt.target, port));
  await once(socket, 'connect');
  return socket;
}
