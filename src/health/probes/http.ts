import { type IncomingMessage, request } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { HttpExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { connectTcp } from './connect.ts';
import { checkContent, codeIsOneOf } from './content.ts';
import { ProbeFailure } from './failure.ts';
import { oneLength } from './one-length.ts';
import { connectTls } from './tls-session.ts';
import type { Probe, ProbeTarget } from './types.ts';

const BODY_MOST = 256 * 1024;

/** One request on a connection of its own. */
export const probeHttp: Probe<HttpExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const { tls, body } = expectation;
    const socket = tls === undefined ? await connectTcp(held, 80) : await connectTls(held, 443, tls);
    held.stage = 'waiting for the response';
    const response = await ask(socket, target, expectation);
    const status = response.statusCode ?? 0;
    if (!codeIsOneOf(status, expectation.status ?? ['2xx', '3xx'])) {
      throw new ProbeFailure(`status ${status} ${response.statusMessage ?? ''}`.trim());
    }
    if (body === undefined) return `status ${status}`;
    held.stage = 'reading the body';
    checkContent('the body', await textOf(response), body);
    return `status ${status}, body as expected`;
  });

function ask(socket: Socket, target: ProbeTarget, expectation: HttpExpectation): Promise<IncomingMessage> {
  const { method = 'GET', path = '/', send, headers } = expectation;
  return new Promise((resolve, reject) => {
    const asked = request({
      createConnection: () => oneLength(socket),
      method,
      path,
      setHost: false,
      headers: {
        host: expectation.host ?? expectation.tls?.name ?? hostOf(target.address),
        'user-agent': 'hopline',
        connection: 'close',
        ...headers,
      },
    });
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end(send);
  });
}

function hostOf(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= BODY_MOST) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
