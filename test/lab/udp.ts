/** Real UDP programs for a lab: Node itself, in a host's namespace. */
import type { Host } from './host.ts';
import type { Program } from './program.ts';

const ECHO = `
const socket = require('node:dgram').createSocket(process.argv[3]);
socket.on('message', (text, from) => socket.send(process.argv[2] + ' ' + text, from.port, from.address));
socket.bind(Number(process.argv[1]), () => console.log('listening'));`;

const ASK = `
const [address, port, text, from] = process.argv.slice(1);
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
socket.on('message', (answer) => { process.stdout.write(answer); socket.close(); clearTimeout(timer); });
const timer = setTimeout(() => { console.error('no answer'); process.exit(1); }, 3000);
socket.bind(Number(from), () => socket.send(text, Number(port), address));`;

/** Answers every datagram with its name and what it said, from the address it was sent to where that is the only one. */
export async function startUdpEcho(host: Host, port: number, name: string, family: 4 | 6 = 4): Promise<Program> {
  const program = host.start(process.execPath, ['-e', ECHO, String(port), name, `udp${family}`]);
  await program.shows(/listening/);
  return program;
}

/** One datagram from a port (0: any); what came back. @throws Error when nothing did in three seconds. */
export function askUdp(host: Host, address: string, port: number, text: string, from = 0): Promise<string> {
  return host.run(process.execPath, ['-e', ASK, address, String(port), text, String(from)]);
}
