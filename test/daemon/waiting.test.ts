import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operations } from '../../src/api-types/operations.ts';
import { buildApp } from '../../src/daemon/api/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopline-waiting-'));
const path = join(folder, 'socket');
let dumps = 0;
let entries = 0;
let endless = false;

const operations = {
  async dumpMap() {
    dumps++;
    return list();
  },
  async status() {
    return { fine: true };
  },
} as unknown as Operations;

function* list(): Generator<object> {
  for (let i = 0; endless || i < 3000; i++) {
    entries++;
    yield { key: i };
  }
}

const app = buildApp(operations);
beforeAll(async () => {
  await app.listen({ path });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

function get(of: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path, path: of }, (answer) => resolve(text(answer)))
      .on('error', reject)
      .end();
  });
}

function connected(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket));
    socket.on('error', () => undefined);
  });
}

const question = (of: string): string => `GET ${of} HTTP/1.1\r\nHost: hopline\r\n\r\n`;

test('a list is written in parts, and is one JSON', async () => {
  expect(JSON.parse(await get('/maps/slots'))).toHaveLength(3000);
});

test('answers nobody waits for any more are not computed', async () => {
  dumps = 0;
  const sockets = await Promise.all(Array.from({ length: 50 }, connected));
  for (const socket of sockets) socket.write(question('/maps/slots').repeat(20));
  for (const socket of sockets) socket.destroy();
  await get('/status');
  // All that came over those sockets has had its turn by then.
  for (let turn = 0; turn < 5; turn++) await get('/status');
  expect(dumps).toBeLessThanOrEqual(2 * sockets.length);
});

test('whoever asks several things at once is answered all of them, in order', async () => {
  const socket = await connected();
  let said = '';
  socket.on('data', (piece) => {
    said += String(piece);
  });
  socket.write(question('/maps/slots').repeat(3) + question('/status'));
  await expect.poll(() => said).toContain('{"fine":true}');
  expect(said.split('HTTP/1.1 200 OK').length - 1).toBe(4);
  socket.destroy();
});

test('one question from who has finished speaking is answered', async () => {
  const socket = await connected();
  socket.end(question('/status'));
  expect(await text(socket)).toContain('{"fine":true}');
});

test('a long answer leaves turns to others, and ends when its reader goes', async () => {
  endless = true;
  const socket = await connected();
  socket.write(question('/maps/slots'));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.resume();
  expect(await get('/status')).toBe('{"fine":true}');
  socket.destroy();
  let before = -1;
  await expect
    .poll(async () => {
      const still = entries === before;
      before = entries;
      await wait(20);
      return still && entries === before;
    })
    .toBe(true);
  endless = false;
});
