import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog, readEvents } from '../../../src/control/health/event-log.ts';
import { follow } from '../../../src/control/health/follow.ts';
import type { ToldEvent } from '../../../src/health/types.ts';

let directory: string;
let log: EventLog;
const logger = { debug() {}, info() {}, warn() {} };

const event = (reason: string, device = 'fw1'): ToldEvent => ({
  time: '2026-01-02T03:04:05.000Z',
  what: 'state',
  device,
  reason,
  trigger: 'probe',
});

/** Reasons of the events that come, until the last one. */
async function followed(readKept: () => Promise<readonly ToldEvent[]>, last: string): Promise<string[]> {
  const ended = new AbortController();
  const reasons: string[] = [];
  for await (const { reason } of follow(log, readKept, { device: 'fw1' }, ended.signal)) {
    reasons.push(reason);
    if (reason === last) ended.abort();
  }
  return reasons;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hopline-follow-'));
  log = new EventLog(directory, logger);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function kept(): Promise<readonly ToldEvent[]> {
  await log.written();
  return readEvents(directory, { device: 'fw1' });
}

test('what was kept comes first, then what happens', async () => {
  log.add(event('1'));
  log.add(event('of another one', 'fw2'));
  const reading = followed(kept, '3');
  setTimeout(() => log.add(event('2')), 20);
  setTimeout(() => log.add(event('3')), 40);
  expect(await reading).toEqual(['1', '2', '3']);
});

test('what happens while that is read is told once, whether it was read or not', async () => {
  log.add(event('1'));
  const reading = followed(async () => {
    log.add(event('2'));
    const events = await kept();
    log.add(event('3'));
    setTimeout(() => log.add(event('4')), 10);
    return events;
  }, '4');
  expect(await reading).toEqual(['1', '2', '3', '4']);
});

test('it ends when it is told to', async () => {
  const ended = new AbortController();
  const events = follow(log, kept, {}, ended.signal);
  const first = events.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  ended.abort();
  expect(await first).toEqual({ done: true, value: undefined });
});
