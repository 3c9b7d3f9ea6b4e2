import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Attempt } from './attempt.ts';
import { socketAddress } from './connect.ts';

/**
 * Sends one datagram and returns the first that comes back. One question a probe: what is lost is lost, and counted by
 * whoever waits for several failures in a row.
 * @throws the socket's error: a port without a listener says so by ICMP, since the socket is connected
 */
export function exchangeDatagram(attempt: Attempt, port: number, question: Buffer): Promise<Buffer> {
  const { target } = attempt;
  const socket = createSocket(isIPv6(target.address.split('%')[0]!) ? 'udp6' : 'udp4');
  attempt.defer(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', resolve);
    socket.on('connect', () => {
      socket.send(question, (error) => {
        if (error) reject(error);
      });
    });
    const connect = (): void => socket.connect(target.port ?? port, socketAddress(target));
    if (target.from === undefined) connect();
    else socket.bind({ address: target.from }, connect);
  });
}
