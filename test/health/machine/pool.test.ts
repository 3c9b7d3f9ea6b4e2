import { expect, test } from 'vitest';
import { type State, targetWord } from '../../../src/health/machine/event.ts';
import { decide, type Standing, worse } from '../../../src/health/machine/pool.ts';
import { poolSpec } from '../../../src/terms/health/defaults.ts';
import type { PoolSpec } from '../../../src/terms/health/spec.ts';
import type { Target } from '../../../src/terms/health/target.ts';

/** "down": does not answer. "held-up~": answers. "flapping!": answers and is steady. */
function standing(word: string): Standing {
  const state = word.replace(/[!~]$/, '') as State;
  const answers = /[!~]$/.test(word) || ['up', 'suspect', 'unknown'].includes(state);
  return { state, answers, steady: word.endsWith('!'), reason: `is ${state}` };
}

const member = (name: string): Target => ({ to: 'member', member: name });
const back: Partial<PoolSpec> = { failBack: true };

interface Row {
  readonly pool?: Partial<PoolSpec>;
  readonly states: readonly string[];
  readonly present?: Target;
  readonly choice?: string;
  readonly target: string;
  readonly works?: false;
}

/** Members m1, m2, m3 in their states; m1 has the work where `present` says nothing else. */
const rows: [name: string, row: Row][] = [
  ['the primary that is up works', { states: ['up', 'up'], target: 'm1' }],
  ['a suspect is not left', { states: ['suspect', 'up'], target: 'm1' }],
  ['nor is one that nobody heard of yet', { states: ['unknown', 'up'], target: 'm1' }],
  ['a dead primary is left for the first alternate', { states: ['down', 'up', 'up'], target: 'm2' }],
  ['dead alternates are passed over', { states: ['down', 'down', 'up'], target: 'm3' }],
  ['one that is up comes before a suspect', { states: ['down', 'suspect', 'up'], target: 'm3' }],
  ['a suspect is better than none', { states: ['down', 'suspect', 'down'], target: 'm2' }],
  ['an unproven one is better than none', { states: ['down', 'unknown', 'down'], target: 'm2' }],
  ['one held up is passed over', { states: ['down', 'held-up!', 'up'], target: 'm3' }],
  ['it stays at the alternate when the primary is back', { states: ['up', 'up'], present: member('m2'), target: 'm2' }],
  ['it goes back where it is told to', { pool: back, states: ['up', 'up'], present: member('m2'), target: 'm1' }],
  ['not to one that is not proven', { pool: back, states: ['suspect', 'up'], present: member('m2'), target: 'm2' }],
  ['not to a later one', { pool: back, states: ['up', 'up'], target: 'm1' }],
  ['a command chooses another', { states: ['up', 'up'], choice: 'm2', target: 'm2' }],
  ['a choice holds against going back', { pool: back, states: ['up', 'up'], choice: 'm2', target: 'm2' }],
  ['a choice that is not fit does not count', { states: ['up', 'down'], choice: 'm2', target: 'm1' }],
  ['a draining one is left', { states: ['draining~', 'up'], target: 'm2' }],
  ['a draining one that nobody can replace stays', { states: ['draining~', 'down'], target: 'm1' }],
  ['one in maintenance is left', { states: ['maintenance~', 'up'], target: 'm2' }],
  ['also when nobody can take over', { states: ['maintenance~', 'down'], target: 'm1', works: false }],
  ['nobody goes to one in maintenance', { states: ['down', 'maintenance!'], target: 'm1', works: false }],
  ['all down: the last one is kept', { states: ['down', 'down'], target: 'm1', works: false }],
  [
    'all down: wherever it is, it is kept',
    { states: ['down', 'down'], present: member('m2'), target: 'm2', works: false },
  ],
  [
    'all down: bypassed where the definitions say so',
    { pool: { allDown: 'bypass' }, states: ['down', 'down'], target: 'bypass', works: false },
  ],
  ['all down: dropped', { pool: { allDown: 'drop' }, states: ['down', 'down'], target: 'drop', works: false }],
  [
    'all down: on to another pool',
    { pool: { allDown: { next: 'spare' } }, states: ['down', 'down'], target: 'pool spare', works: false },
  ],
  [
    'a bypass ends when one is up',
    { pool: { allDown: 'bypass' }, states: ['down', 'up'], present: { to: 'bypass' }, target: 'm2' },
  ],
  [
    'a bypass ends for one that answers, and only waits to be told',
    { pool: { allDown: 'bypass' }, states: ['held-up~', 'down'], present: { to: 'bypass' }, target: 'm1' },
  ],
  ['nobody fit: one held up that answers serves at once', { states: ['down', 'held-up~'], target: 'm2' }],
  ['nobody fit: one held up comes before one that flaps', { states: ['down', 'flapping!', 'held-up~'], target: 'm3' }],
  [
    'nobody fit: one held up that does not answer does not',
    { states: ['down', 'held-up'], target: 'm1', works: false },
  ],
  ['nobody fit: a flapping one that is steady serves', { states: ['down', 'flapping!'], target: 'm2' }],
  [
    'nobody fit: a flapping one that just answered is not believed',
    { states: ['flapping~', 'down'], target: 'm1', works: false },
  ],
  ['nobody fit: the present one that answers stays', { states: ['held-up~', 'held-up!'], target: 'm1' }],
];

test.each(rows)('%s', (_, { pool, states, present = member('m1'), choice, target, works = true }) => {
  const members = states.map((_, place) => `m${place + 1}`);
  const of = (name: string) => standing(states[members.indexOf(name)]!);
  const decision = decide(poolSpec('p', members, pool), of, present, choice);
  expect([targetWord(decision.target), decision.works]).toEqual([target, works]);
});

test.each<[name: string, states: string[], present: Target, reason: string]>([
  ['a move says what is wrong with the one left', ['down', 'up'], member('m1'), 'm1 is down: is down'],
  [
    'all down names every member',
    ['down', 'flapping'],
    member('m1'),
    'nobody is fit: m1 is down: is down; m2 is flapping: is flapping',
  ],
  [
    'staying on a draining one says why',
    ['draining~', 'down'],
    member('m1'),
    'm1 is draining, but nobody can take over',
  ],
])('reason: %s', (_, states, present, reason) => {
  const of = (name: string) => standing(states[name === 'm1' ? 0 : 1]!);
  expect(decide(poolSpec('p', ['m1', 'm2']), of, present, undefined).reason).toBe(reason);
});

test.each<[device: string, application: string, state: string]>([
  ['up', 'up', 'up'],
  ['up', 'down', 'down'],
  ['down', 'up', 'down'],
  ['maintenance~', 'up', 'maintenance'],
  ['suspect', 'flapping', 'flapping'],
  ['suspect', 'up', 'suspect'],
  ['up', 'suspect', 'suspect'],
  ['up', 'unknown', 'unknown'],
  ['unknown', 'up', 'up'],
])('a device that is %s and %s for an application is %s for it', (device, application, state) => {
  expect(worse(standing(device), standing(application)).state).toBe(state);
});
