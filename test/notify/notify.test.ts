import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ToldEvent } from '../../src/health/types.ts';
import { sentence, writeJournal } from '../../src/notify/journal.ts';
import { Telling } from '../../src/notify/notify.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopline-telling-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EVENT: ToldEvent = {
  time: '2026-01-02T03:04:05.678Z',
  what: 'state',
  device: 'fw1',
  from: 'up',
  to: 'down',
  reason: '3 lost',
  trigger: 'probe',
};

function recorder() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn') } };
}

describe('the journal', () => {
  test.each<[string, Partial<ToldEvent>, string, string]>([
    ['a fall is a warning', {}, 'warn', 'fw1: up -> down: 3 lost'],
    ['flapping too', { to: 'flapping' }, 'warn', 'fw1: up -> flapping: 3 lost'],
    ['coming back is none', { from: 'down', to: 'up' }, 'info', 'fw1: down -> up: 3 lost'],
    ['a device for one application', { application: 'tcp/25' }, 'warn', 'fw1 tcp/25: up -> down: 3 lost'],
    [
      'nobody left is a warning',
      { what: 'unavailable', pool: 'p', device: undefined! },
      'warn',
      'p: unavailable: 3 lost',
    ],
    ['a move', { what: 'move', pool: 'p', from: 'a', to: 'b' }, 'info', 'p: a -> b: 3 lost'],
    ['a mode that was found', { what: 'mode', from: 'auto', to: 'nat' }, 'info', 'fw1: auto -> nat: 3 lost'],
    [
      'a mode nobody knows is a warning',
      { what: 'mode', from: undefined!, to: undefined! },
      'warn',
      'fw1: mode: 3 lost',
    ],
    ['the controller itself', { what: 'controller', device: undefined! }, 'info', 'controller: 3 lost'],
  ])('%s', (_, part, level, message) => {
    const { lines, logger } = recorder();
    const event = { ...EVENT, ...part };
    writeJournal(logger, event);
    expect(lines).toEqual([
      { level, fields: expect.objectContaining({ what: event.what, trigger: 'probe' }), message },
    ]);
    expect(sentence(event)).toBe(message);
  });
});

test('whoever is named in the definitions or on the command line is told, each once, until it is named no more', async () => {
  const { logger } = recorder();
  const say = (name: string) => ({ kind: 'command' as const, run: ['sh', '-c', `echo ${name} >> ${folder}/told`] });
  const told = () => readFileSync(join(folder, 'told'), 'utf8').split('\n').slice(0, -1).sort();
  const telling = new Telling(logger, 'edge', [say('always')]);
  telling.define([say('defined'), say('always')]);
  telling.tell(EVENT);
  const delivered = () =>
    telling.counts().find(({ way, result }) => way === 'command' && result === 'delivered')!.count;
  await expect.poll(delivered).toBe(2);
  expect(told()).toEqual(['always', 'defined']);
  telling.define([]);
  telling.tell(EVENT);
  await expect.poll(delivered).toBe(3);
  expect(told()).toEqual(['always', 'always', 'defined']);
  await telling.stop();
});

test('what cannot be told is counted each time and logged once a minute', async () => {
  const { lines, logger } = recorder();
  const telling = new Telling(logger, 'edge', [{ kind: 'command', run: ['/nowhere/told'] }]);
  for (let i = 0; i < 3; i++) telling.tell(EVENT);
  await telling.stop();
  const said = lines.filter(({ message }) => message === 'an event could not be told');
  expect(said).toEqual([
    expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ way: 'command' }) }),
  ]);
  expect(telling.counts()).toContainEqual({ way: 'command', result: 'failed', count: 3 });
});
