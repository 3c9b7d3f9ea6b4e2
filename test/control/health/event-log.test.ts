import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventLog, isWanted, readEvents } from '../../../src/control/health/event-log.ts';
import type { ToldEvent } from '../../../src/health/types.ts';

let directory: string;
const said: string[] = [];
const logger = { debug() {}, info() {}, warn: (_: object, message: string) => void said.push(message) };

const event = (second: number, more: Partial<ToldEvent> = {}): ToldEvent => ({
  time: `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`,
  what: 'state',
  device: 'fw1',
  reason: 'r',
  trigger: 'probe',
  ...more,
});

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'hopline-events-')), 'state');
  said.length = 0;
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

test('what was added is read again by another process, in order', async () => {
  const log = new EventLog(directory, logger);
  const events = [event(1), event(2), event(3)];
  for (const each of events) log.add(each);
  await log.written();
  expect(await readEvents(directory)).toEqual(events);
});

test('before anything happened there is nothing', async () => {
  expect(await readEvents(directory)).toEqual([]);
});

test('half a line of a killed controller hurts no other', async () => {
  const log = new EventLog(directory, logger);
  log.add(event(1));
  await log.written();
  appendFileSync(join(directory, 'events.jsonl'), '{"time":"2026-');
  expect(await readEvents(directory)).toEqual([event(1)]);
  const next = new EventLog(directory, logger);
  for (const second of [2, 3]) {
    next.add(event(second));
    await next.written();
  }
  expect(await readEvents(directory)).toEqual([event(1), event(2), event(3)]);
});

test('the disk holds two files of a bounded size, the latest events among them', async () => {
  const log = new EventLog(directory, logger, 1000);
  for (let i = 0; i < 60; i++) {
    log.add(event(i));
    await log.written();
  }
  expect(readdirSync(directory).sort()).toEqual(['events.1.jsonl', 'events.jsonl']);
  for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(1000);
  const kept = await readEvents(directory);
  expect(kept.length).toBeGreaterThan(9);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => event(60 - kept.length + i)));
});

test('a disk that takes nothing is said once and delays nobody; later events are kept again', async () => {
  writeFileSync(directory, 'a file where the directory should be');
  const log = new EventLog(directory, logger);
  log.add(event(1));
  await log.written();
  log.add(event(2));
  await log.written();
  expect(said).toEqual(['events could not be kept']);
  rmSync(directory);
  log.add(event(3));
  await log.written();
  expect(readFileSync(join(directory, 'events.jsonl'), 'utf8')).toBe(`${JSON.stringify(event(3))}\n`);
});

test('who listens hears every event until it goes', () => {
  const log = new EventLog(directory, logger);
  const heard: ToldEvent[] = [];
  const stop = log.listen((each) => void heard.push(each));
  log.add(event(1));
  stop();
  log.add(event(2));
  expect(heard).toEqual([event(1)]);
  return log.written();
});

describe('only what is asked for', () => {
  const move = event(5, { what: 'move', device: undefined!, pool: 'firewalls', from: 'fw1', to: 'fw2' });
  test.each([
    ['of a device', event(5), { device: 'fw1' }, true],
    ['of another', event(5), { device: 'fw2' }, false],
    ['a pool that left it', move, { device: 'fw1' }, true],
    ['a pool that went to it', move, { device: 'fw2' }, true],
    ['another state of the same name', event(5, { from: 'up', to: 'down' }), { device: 'down' }, false],
    ['since then', event(5), { since: event(5).time }, true],
    ['before', event(4), { since: event(5).time }, false],
  ])('%s', (_, each, filter, wanted) => {
    expect(isWanted(each, filter)).toBe(wanted);
  });
});
