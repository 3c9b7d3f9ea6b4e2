/** A web server that keeps what it is told: where webhooks end. */
import type { Host } from './host.ts';
import { ASIDE } from './watching.ts';

const SERVER = `
require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => { body += piece; });
  request.on('end', () => { console.log('told ' + body); response.end(); });
}).listen(Number(process.argv[1]), '0.0.0.0', () => console.log('listening'));`;

/** What a webhook was sent. */
export type Told = Readonly<Record<string, string>>;

/** Listens on a port of all addresses; call the result for what came so far about devices and pools, in order. */
export async function startReceiver(host: Host, port: number): Promise<() => readonly Told[]> {
  const program = host.start(process.execPath, ['-e', SERVER, String(port)]);
  await program.shows(/listening/);
  const all = (): Told[] =>
    [...program.log.matchAll(/^told (\{.*\})$/gm)].map(([, body = '']) => JSON.parse(body) as Told);
  return () => all().filter(({ what }) => !ASIDE.has(what ?? ''));
}
