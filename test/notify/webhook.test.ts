import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { ToldEvent } from '../../src/health/types.ts';
import type { Report, Way } from '../../src/notify/notifier.ts';
import { type WebhookOptions, webhook } from '../../src/notify/webhook.ts';

const FALL: ToldEvent = {
  time: '2026-01-02T03:04:05.678Z',
  what: 'state',
  device: 'fw1',
  from: 'up',
  to: 'down',
  reason: 'through (forward): 3 in a row lost',
  trigger: 'probe',
};
const FAST = { timeout: 300, pauses: [20, 40], from: { instance: 'edge', host: 'box' } };

let server: Server | undefined;
let way: Way | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await way?.stop();
});

/** A receiver whose n-th answer is the n-th status, the last one for ever; 0 says nothing. */
async function receiver(...statuses: number[]) {
  const bodies: string[] = [];
  let connections = 0;
  server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const status = statuses[Math.min(connections++, statuses.length - 1)]!;
    bodies.push(await text(request));
    if (status !== 0) response.writeHead(status).end('whatever');
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, bodies };
}

function start(options: Partial<WebhookOptions> & { url: string }) {
  const reports: Parameters<Report>[] = [];
  way = webhook({ ...FAST, ...options }, (...report) => void reports.push(report));
  return { way, reports };
}

test('an event arrives as JSON, with who tells it', async () => {
  const { url, bodies } = await receiver(204);
  const { way, reports } = start({ url });
  way.tell(FALL);
  await expect.poll(() => reports).toEqual([['delivered']]);
  expect(bodies.map((body) => JSON.parse(body))).toEqual([{ instance: 'edge', host: 'box', ...FALL }]);
});

test('events arrive in order, also when one has to be told twice', async () => {
  const { url, bodies } = await receiver(200, 503, 200);
  const { way, reports } = start({ url });
  for (const device of ['a', 'b', 'c']) way.tell({ ...FALL, device });
  await expect.poll(() => reports.length).toBe(3);
  expect(bodies.map((body) => JSON.parse(body).device)).toEqual(['a', 'b', 'b', 'c']);
});

test.each([
  ['answers with an error', [500], 3, 'it answered 500'],
  ['refuses', [401], 1, 'it answered 401'],
  ['hangs', [0], 3, 'no answer in 300 ms'],
])('one that %s is given up, and says why', async (_, statuses, tries, why) => {
  const { url, bodies } = await receiver(...statuses);
  const { way, reports } = start({ url });
  way.tell(FALL);
  await expect.poll(() => reports, { timeout: 5000 }).toEqual([['failed', `POST ${url}: ${why}`]]);
  expect(bodies).toHaveLength(tries);
});

test('nobody listens: it says so', async () => {
  const { way, reports } = start({ url: 'http://127.0.0.1:9750/hook', pauses: [] });
  way.tell(FALL);
  await expect.poll(() => reports).toEqual([['failed', expect.stringContaining('ECONNREFUSED')]]);
});

test('telling waits for nobody, and beyond the room events are dropped and counted', async () => {
  const { url } = await receiver(0);
  const { way, reports } = start({ url, room: 3, timeout: 200, pauses: [] });
  for (let i = 0; i < 5; i++) way.tell(FALL);
  expect(reports).toEqual([['dropped', expect.stringContaining('3 events wait already')]]);
  await expect.poll(() => reports.filter(([result]) => result === 'failed').length, { timeout: 5000 }).toBe(4);
});

test('one that hangs does not keep the controller from ending', async () => {
  const { url } = await receiver(0);
  const { way, reports } = start({ url, timeout: 60_000 });
  way.tell(FALL);
  way.tell(FALL);
  // Waiting for the receiver would take longer than this test may.
  await way.stop();
  expect(reports.map(([result]) => result).sort()).toEqual(['dropped', 'failed']);
});
