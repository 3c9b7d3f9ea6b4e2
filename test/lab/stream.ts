/** Downloads that last as long as they are needed, however busy the machine is. */
import type { Host } from './host.ts';

const SERVER = `
const streams = new Set();
let sent = 0;
require('node:http').createServer((request, response) => {
  streams.add(response);
  response.on('close', () => streams.delete(response));
}).listen(Number(process.argv[1]), '0.0.0.0', () => console.log('listening'));
setInterval(() => { for (const stream of streams) stream.write(Buffer.alloc(1000, 'x')); sent += 1000 * streams.size; }, 10);
process.on('SIGUSR2', () => { for (const stream of streams) stream.end(); console.log('sent ' + sent); });`;

/** A web server that sends 100 pieces of 1000 bytes a second; call the result to end all downloads. @returns bytes of all. */
export async function startStream(host: Host, port: number): Promise<() => Promise<number>> {
  const program = host.start(process.execPath, ['-e', SERVER, String(port)]);
  await program.shows(/listening/);
  return async () => {
    program.signal('SIGUSR2');
    const [, sent] = await program.shows(/sent (\d+)/);
    return Number(sent);
  };
}

/** A download under way; `done` waits for its end. */
export interface Download {
  /** @returns its bytes. @throws Error when it was cut, or took more than one connection. */
  readonly done: () => Promise<number>;
}

/** Begins a download with curl, and waits for its first bytes. */
export async function startDownload(host: Host, url: string): Promise<Download> {
  const format = '\ncode %{exitcode} size %{size_download} connections %{num_connects}\n';
  const program = host.start('curl', ['--silent', '--no-buffer', '--max-time', '50', '--write-out', format, url]);
  await program.shows(/x/);
  return {
    done: async () => {
      const [, size] = await program.shows(/\ncode 0 size (\d+) connections 1\n/, 20_000);
      return Number(size);
    },
  };
}
