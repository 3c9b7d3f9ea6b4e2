import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ToldEvent } from '../../src/health/types.ts';
import { type CommandOptions, command } from '../../src/notify/command.ts';
import type { Report, Way } from '../../src/notify/notifier.ts';

const MOVE: ToldEvent = {
  time: '2026-01-02T03:04:05.678Z',
  what: 'move',
  pool: 'firewalls',
  from: 'fw1',
  to: 'fw2',
  reason: 'fw1 is down: "no link"',
  trigger: 'link',
};

let folder: string;
let way: Way | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopline-telling-'));
});
afterEach(async () => {
  await way?.stop();
  rmSync(folder, { recursive: true });
});

function start(script: string, options: Partial<CommandOptions> = {}) {
  const file = join(folder, 'told');
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const reports: Parameters<Report>[] = [];
  way = command(
    { argv: [file, folder], from: { instance: 'edge', host: 'box' }, ...options },
    (...report) => void reports.push(report),
  );
  return { way, reports };
}

const written = (name: string): string => readFileSync(join(folder, name), 'utf8');

test('a program of the user gets the event on standard input and in its environment', async () => {
  const { way, reports } = start('cat > $1/event; env > $1/environment');
  way.tell(MOVE);
  await expect.poll(() => reports).toEqual([['delivered']]);
  expect(JSON.parse(written('event'))).toEqual({ instance: 'edge', host: 'box', ...MOVE });
  const environment = written('environment').split('\n');
  for (const line of [
    'WHAT=move',
    'POOL=firewalls',
    'FROM=fw1',
    'TO=fw2',
    'TRIGGER=link',
    'INSTANCE=edge',
    'HOST=box',
  ]) {
    expect(environment).toContain(`HOPLINE_${line}`);
  }
});

test('it has the usual priority, whatever the controller has', async () => {
  const before = getPriority();
  setPriority(-5);
  try {
    const { way, reports } = start('sleep 0.2; nice > $1/nice');
    way.tell(MOVE);
    await expect.poll(() => reports).toEqual([['delivered']]);
    expect(written('nice')).toBe('0\n');
  } finally {
    setPriority(before);
  }
});

test.each([
  ['fails', 'exit 3', {}, 'exit code 3'],
  ['is killed', 'kill -9 $$', {}, 'ended by SIGKILL'],
  ['reads nothing and fails', 'exec <&-; exit 1', {}, 'exit code 1'],
  ['hangs', 'sleep 60 & echo $! > $1/child; wait', { limit: 300 }, 'it did not end in 300 ms and was killed'],
])('one that %s is reported', async (_, script, options, why) => {
  const { way, reports } = start(script, options);
  way.tell(MOVE);
  await expect.poll(() => reports, { timeout: 5000 }).toEqual([['failed', expect.stringContaining(why)]]);
});

test('one that hangs is killed with all it started', async () => {
  const { way, reports } = start('sleep 60 & echo $! > $1/child; wait', { limit: 300 });
  way.tell(MOVE);
  await expect.poll(() => reports.length, { timeout: 5000 }).toBe(1);
  await expect.poll(() => existsSync(`/proc/${written('child').trim()}/exe`)).toBe(false);
});

test('one that is not there is said so', async () => {
  const { way, reports } = start('true', { argv: ['/nowhere/told'] });
  way.tell(MOVE);
  await expect.poll(() => reports).toEqual([['failed', expect.stringContaining('ENOENT')]]);
});

test('so many run at a time and no more; what finds no room is dropped', async () => {
  const { way, reports } = start('echo x >> $1/begun; while [ ! -e $1/go ]; do sleep 0.05; done', {
    parallel: 2,
    room: 3,
  });
  for (let i = 0; i < 6; i++) way.tell(MOVE);
  expect(reports).toEqual([['dropped', expect.stringContaining('3 events wait already')]]);
  const begun = () => (existsSync(join(folder, 'begun')) ? written('begun').length / 2 : 0);
  await expect.poll(begun).toBe(2);
  writeFileSync(join(folder, 'go'), '');
  await expect.poll(() => reports.length, { timeout: 5000 }).toBe(6);
  expect(begun()).toBe(5);
});

test('what still runs is killed when the controller ends', async () => {
  const { way, reports } = start('echo $$ > $1/pid; sleep 60');
  way.tell(MOVE);
  await expect.poll(() => existsSync(join(folder, 'pid'))).toBe(true);
  await way.stop();
  expect(reports).toEqual([['failed', expect.stringContaining('ended by SIGKILL')]]);
});
