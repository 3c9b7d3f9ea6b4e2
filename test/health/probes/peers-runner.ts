/** The servers that are scripted, and a proxy for each row and fault. Prints `{row: {fault: port}}`, ends with stdin. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { FAULTS, proxyTcp, proxyUdp } from './fault-proxy.ts';
import { rows } from './rows.ts';

createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => socket.write(data));
}).listen(7007, '127.0.0.1');

const echo = createSocket('udp4');
echo.on('message', (data, from) => echo.send(data, from.port, from.address));
echo.bind(7007, '127.0.0.1');

createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    const sequence = /CSeq: (\d+)/.exec(data.toString())?.[1];
    const status = data.toString().includes('/missing') ? '404 Not Found' : '200 OK';
    socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n`);
  });
}).listen(554, '127.0.0.1');

const ports = await Promise.all(
  rows.map(async ({ name, port, udp = false }) => {
    const proxy = udp ? proxyUdp : proxyTcp;
    return [name, Object.fromEntries(await Promise.all(FAULTS.map(async (f) => [f, await proxy(port, f)])))];
  }),
);
console.log(JSON.stringify(Object.fromEntries(ports)));
process.stdin.on('end', () => process.exit()).resume();
