/** A web server that takes as long as it is told. */
import type { Host } from './host.ts';

const SERVER = `
const { readFileSync } = require('node:fs');
const [file, port, text] = process.argv.slice(1);
require('node:http').createServer((request, response) => {
  setTimeout(() => response.end(text + '\\n'), Number(readFileSync(file, 'utf8')));
}).listen(Number(port), '0.0.0.0', () => console.log('listening'));`;

/** Answers with a text on a port of all addresses; call the result to make each answer take so many milliseconds. */
export async function startSlowServer(host: Host, port: number, text: string): Promise<(delay: number) => void> {
  const take = (delay: number): string => host.file('delay', String(delay));
  const program = host.start(process.execPath, ['-e', SERVER, take(0), String(port), text]);
  await program.shows(/listening/);
  return take;
}
