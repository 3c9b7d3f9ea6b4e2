import { expect, test } from 'vitest';
import { nextTime, nextTurn, type Situation } from '../../../src/health/machine/transition.ts';
import type { Policy } from '../../../src/terms/health/spec.ts';

const NOW = 100_000;
const flaps = { falls: 3, within: 60_000, quiet: 60_000 };
const told: Policy = { need: 'all', comesBack: 'when-told', flaps };
const held: Policy = { ...told, comesBack: { after: 30_000 } };
const at_once: Policy = { ...told, comesBack: { after: 0 } };
const base: Situation = {
  health: 'up',
  fit: 'fit',
  why: 'through lost',
  doubt: undefined,
  fitSince: NOW,
  told: false,
  left: true,
  excused: false,
  falls: 0,
};
const unfit = { fit: 'unfit', fitSince: undefined } as const;

const rows: [name: string, situation: Partial<Situation>, policy: Policy, to: string | undefined][] = [
  ['a new device that answers is up', { health: 'unknown' }, told, 'up'],
  ['a new device nobody heard of yet stays unknown', { health: 'unknown', fit: 'unknown' }, told, undefined],
  ['a new device that fails is down', { health: 'unknown', ...unfit }, told, 'down'],
  ['what is up stays up', {}, told, undefined],
  ['a doubt makes a suspect', { doubt: 'one lost' }, told, 'suspect'],
  ['a suspect stays one while in doubt', { health: 'suspect', doubt: 'one lost' }, told, undefined],
  ['a suspect that answers is up', { health: 'suspect' }, told, 'up'],
  ['a suspect that fails is down', { health: 'suspect', doubt: 'lost', ...unfit }, told, 'down'],
  ['what is up and fails is down', { ...unfit }, told, 'down'],
  ['what is down and fails stays down', { health: 'down', ...unfit }, told, undefined],
  ['what is down is not back before it passes', { health: 'down', fit: 'unknown' }, at_once, undefined],
  ['an inline device that answers again waits to be told', { health: 'down' }, told, 'held-up'],
  ['one that comes back by itself is held up first', { health: 'down' }, held, 'held-up'],
  ['without hold-up it is back at once', { health: 'down' }, at_once, 'up'],
  ['what was told to come back is up when it answers', { health: 'down', told: true }, told, 'up'],
  ['what was told to come back and fails stays down', { health: 'down', told: true, ...unfit }, told, undefined],
  ['what nobody had left is up when it answers', { health: 'down', left: false }, told, 'up'],
  ["one whose fall was the engine's own comes back at once", { health: 'down', excused: true }, told, 'up'],
  ["the engine's own falls are no flapping", { falls: 2, excused: true, ...unfit }, held, 'down'],
  ['what waits to be told waits for ever', { health: 'held-up', fitSince: 0 }, told, undefined],
  ['what waits to be told is up when told', { health: 'held-up', told: true }, told, 'up'],
  ['held up a moment too short', { health: 'held-up', fitSince: NOW - 29_999 }, held, undefined],
  ['held up long enough', { health: 'held-up', fitSince: NOW - 30_000 }, held, 'up'],
  ['held up and falling again', { health: 'held-up', ...unfit }, held, 'down'],
  ['held up, not known at the moment', { health: 'held-up', fit: 'unknown', told: true }, held, undefined],
  ['the second fall is a fall', { falls: 1, ...unfit }, at_once, 'down'],
  ['the third fall within a minute is flapping', { falls: 2, ...unfit }, at_once, 'flapping'],
  ['falls of one that is held up count', { health: 'held-up', falls: 2, ...unfit }, held, 'flapping'],
  ['what flaps stays out while it fails', { health: 'flapping', falls: 3, ...unfit }, at_once, undefined],
  ['what flaps stays out when it answers', { health: 'flapping' }, at_once, undefined],
  ['what flapped is up after a quiet minute', { health: 'flapping', fitSince: NOW - 60_000 }, at_once, 'up'],
  ['what flapped and must be told waits then', { health: 'flapping', fitSince: NOW - 60_000 }, told, 'held-up'],
  ['what flaps is up when told', { health: 'flapping', told: true }, told, 'up'],
];

test.each(rows)('%s', (_, situation, policy, to) => {
  expect(nextTurn({ ...base, ...situation }, policy, NOW)?.to).toBe(to);
});

test.each<[name: string, situation: Partial<Situation>, policy: Policy, reason: string]>([
  [
    'who is asked nothing says so',
    { health: 'unknown', why: 'nothing is asked of it' },
    told,
    'nothing is asked of it',
  ],
  ['a fall says what failed', { ...unfit }, told, 'through lost'],
  [
    'flapping says how often and until when',
    { falls: 2, ...unfit },
    told,
    'fell 3 times within 60 s: out until 60 s pass without a failure (through lost)',
  ],
  ['waiting says for whom', { health: 'down' }, told, 'it answers again and waits to be told (device restore)'],
  ['holding up says how long', { health: 'down' }, held, 'it answers again; back after 30 s without a failure'],
  ['coming back says why', { health: 'held-up', fitSince: NOW - 30_000 }, held, 'it has answered for 30 s'],
])('reason: %s', (_, situation, policy, reason) => {
  expect(nextTurn({ ...base, ...situation }, policy, NOW)?.reason).toBe(reason);
});

test.each<[name: string, situation: Partial<Situation>, policy: Policy, at: number]>([
  ['nothing is due for what is up', {}, held, Number.POSITIVE_INFINITY],
  ['the end of the hold-up', { health: 'held-up' }, held, NOW + 30_000],
  ['the end of flapping', { health: 'flapping' }, told, NOW + 60_000],
  ['no time ends waiting to be told', { health: 'held-up' }, told, Number.POSITIVE_INFINITY],
  ['no time helps what fails', { health: 'flapping', ...unfit }, held, Number.POSITIVE_INFINITY],
])('due: %s', (_, situation, policy, at) => {
  expect(nextTime({ ...base, ...situation }, policy)).toBe(at);
});
