import { describe, expect, test } from 'vitest';
import type { HealthView } from '../../src/api-types/health-operations.ts';
import type { PoolView } from '../../src/api-types/operations.ts';
import { renderEvents } from '../../src/cli/commands/events.ts';
import { renderPools } from '../../src/cli/commands/pool.ts';
import { ago, renderHealth, stateOf } from '../../src/cli/health.ts';
import { buildProgram } from '../../src/cli/program.ts';

const view = (state: HealthView['state'], application?: string): HealthView => ({
  ...(application !== undefined && { application }),
  state,
  reason: 'r',
  since: new Date(Date.now() - 5000).toISOString(),
  signs: [],
});

test.each([
  ['nobody watches', [], '-'],
  ['all of it', [view('up')], 'up'],
  ['an application is down', [view('up'), view('down', 'tcp/25'), view('up', 'tcp/80')], 'up (tcp/25 down)'],
  ['one was not heard of yet', [view('up'), view('unknown', 'tcp/25')], 'up'],
])('the state of a device in one word: %s', (_, health, words) => {
  expect(stateOf(health)).toBe(words);
});

test('times are said as how long ago', () => {
  expect(ago(new Date(Date.now() - 4200).toISOString())).toMatch(/^4\.2\d? s$|^4\.3 s$/);
});

test('a device shows what each probe says, how long it takes and how many are lost', () => {
  const probe = { name: 'through', verdict: 'passing' as const, words: '', latency: 0.031, loss: 2.5, interval: 50 };
  const limit = { name: 'latency of through', verdict: 'failing' as const, words: '45 ms' };
  const lines = renderHealth([{ ...view('up'), signs: [probe, limit] }]).split('\n');
  expect(lines[1]).toMatch(/^all of it {2}up +5(\.\d)? s +r +through +passing +0\.03 ms +2\.5 % +50 ms$/);
  expect(lines[2]).toMatch(/^ +latency of through +failing: 45 ms/);
});

describe('a pool in one line', () => {
  const pool: PoolView = {
    name: 'firewalls',
    members: ['fw1', 'fw2'],
    active: 'fw2',
    instead: 'fw1',
    available: true,
    words: [{ name: 'firewalls', target: 'fw2', works: true, reason: 'r', since: '2026-01-01T00:00:00.000Z' }],
    health: [
      { member: 'fw1', health: [view('down')] },
      { member: 'fw2', health: [view('up')] },
    ],
  };
  test.each([
    ['who works, and who does not', pool, /^firewalls {2}fw2 +fw1 \(down\), fw2 +fw1$/],
    ['nobody', { ...pool, available: false }, /^firewalls {2}nobody \(fw2\)/],
    ['not watched', { ...pool, words: [], health: [{ member: 'fw1', health: [] }] }, /^firewalls {2}fw2 +fw1 +fw1$/],
  ])('%s', (_, shown, line) => {
    expect(renderPools([shown]).split('\n')[1]).toMatch(line);
  });
});

test('events have one line each, with what changed, why, and how long a move took', () => {
  const time = '2026-01-02T03:04:05.678Z';
  const text = renderEvents([
    {
      time,
      what: 'state',
      device: 'fw1',
      application: 'tcp/25',
      from: 'up',
      to: 'down',
      reason: 'r',
      trigger: 'probe',
    },
    { time, what: 'move', pool: 'firewalls', from: 'fw1', to: 'fw2', reason: 'r', trigger: 'probe', took: 41 },
    { time, what: 'controller', reason: 'late', trigger: 'controller' },
  ]);
  expect(text.split('\n').slice(1)).toEqual([
    `${time}  state       fw1 tcp/25  up -> down  probe           -  r`,
    `${time}  move        firewalls   fw1 -> fw2  probe       41 us  r`,
    `${time}  controller  -           -           controller      -  late`,
    '',
  ]);
});

test.each([
  [['events', '--since', 'yesterday'], /a time, as 90s/],
  [['run', '--notify-webhook', 'ops.example.com'], /the address of a web server/],
  [['run', '--notify-command', ' '], /a program and its arguments/],
  [['device', 'replace', 'fw1'], /missing required argument/],
])('%j is refused with what to write', async (args, sentence) => {
  const program = buildProgram();
  const said: string[] = [];
  const quiet = (command: typeof program): void => {
    command.configureOutput({ writeErr: (text) => void said.push(text) });
    for (const child of command.commands) quiet(child as typeof program);
  };
  quiet(program);
  await expect(program.parseAsync(['node', 'hopline', ...args])).rejects.toThrow();
  expect(said.join('')).toMatch(sentence);
});

test('people find what there is for devices and events', () => {
  const words = buildProgram().commands.map((command) => command.name());
  expect(words).toContain('events');
  const device = buildProgram().commands.find((command) => command.name() === 'device')!;
  expect(device.commands.map((command) => command.name())).toEqual([
    'list',
    'show',
    'drain',
    'maintenance',
    'restore',
    'replace',
  ]);
});
