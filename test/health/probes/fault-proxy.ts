/** Stands between a probe and a server that is well, and makes it unwell. */
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';

export const FAULTS = ['none', 'silent', 'slow', 'garbage', 'cut'] as const;
export type Fault = (typeof FAULTS)[number];

/** How late a slow server's first words are, in ms. */
export const SLOW = 120;
const GARBAGE = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 167 + 13) & 0xff));

/** Passes a TCP port on; returns its own port. */
export function proxyTcp(port: number, fault: Fault): Promise<number> {
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    if (fault === 'silent') return;
    if (fault === 'garbage') client.write(GARBAGE);
    else join(client, port, fault);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

function join(client: Socket, port: number, fault: Fault): void {
  const upstream = connect(port, '127.0.0.1');
  client.pipe(upstream);
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
  if (fault === 'cut') {
    // Half of what the server says first, then the end.
    upstream.once('data', (chunk: Buffer) => client.end(chunk.subarray(0, chunk.length >> 1)));
  } else if (fault === 'slow') {
    setTimeout(() => upstream.pipe(client), SLOW);
  } else upstream.pipe(client);
}

/** Passes a UDP port on; returns its own port. */
export function proxyUdp(port: number, fault: Fault): Promise<number> {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    const answer = (bytes: Buffer): void => server.send(bytes, from.port, from.address);
    if (fault === 'silent') return;
    if (fault === 'garbage') return answer(GARBAGE);
    const upstream = createSocket('udp4');
    upstream.on('message', (bytes) => {
      if (fault === 'cut') answer(bytes.subarray(0, bytes.length >> 1));
      else if (fault === 'slow') setTimeout(answer, SLOW, bytes);
      else answer(bytes);
    });
    upstream.on('error', () => undefined);
    upstream.send(question, port, '127.0.0.1');
    setTimeout(() => upstream.close(), 2_000);
  });
  return new Promise((resolve) => server.bind(0, '127.0.0.1', () => resolve(server.address().port)));
}
