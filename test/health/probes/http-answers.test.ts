import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { probe } from '../../../src/health/probes/index.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

/** A server that says exactly this, piece by piece, whatever it is asked. */
async function saying(...pieces: readonly string[]): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const next = (i: number): void => {
        if (i === pieces.length) socket.end();
        else socket.write(pieces[i]!, () => setImmediate(next, i + 1));
      };
      next(0);
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const LENGTH = 'Content-Length: 7\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n3\r\nwel\r\n4\r\ncome\r\n0\r\n\r\n';

test.each([
  ['two equal Content-Length headers', [`${OK}${LENGTH}content-length:7\r\n\r\nwelcome`]],
  ['one header with two equal lengths', [`${OK}Content-Length: 7, 7\r\n\r\nwelcome`]],
  ['the same in pieces', [OK, LENGTH, `${LENGTH}\r`, '\nwel', 'come']],
  ['chunks', [`${OK}${CHUNKED}`]],
  ['a body until the end', [`${OK}\r\nwelcome`]],
  ['hints before the answer', [`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}${LENGTH}\r\nwelcome`]],
  ['hints, and then two lengths', [`HTTP/1.1 100 Continue\r\n\r\n${OK}${LENGTH}${LENGTH}\r\nwelcome`]],
  ['hints in a piece of their own', ['HTTP/1.1 102 Processing\r\n\r\n', `${OK}${CHUNKED}`]],
])('%s: right', async (_, pieces) => {
  const port = await saying(...pieces);
  const result = await probe(
    'http',
    { address: '127.0.0.1', port, timeoutMs: 30_000 },
    { body: { matches: '^welcome$' } },
  );
  expect(result).toMatchObject({ ok: true, detail: 'status 200, body as expected' });
});

test.each([
  ['two lengths that differ', `${OK}${LENGTH}Content-Length: 8\r\n\r\nwelcome!`, /Content-Length/],
  ['a length and chunks', `${OK}${LENGTH}${CHUNKED}`, /Content-Length/],
  ['no HTTP', 'SSH-2.0-x\r\n\r\n', /HTTP/],
])('%s: wrong', async (_, answer, detail) => {
  const port = await saying(answer);
  const result = await probe('http', { address: '127.0.0.1', port, timeoutMs: 30_000 }, { body: { matches: '.' } });
  expect(result).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
});
