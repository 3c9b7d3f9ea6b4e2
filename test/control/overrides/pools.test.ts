import { describe, expect, test } from 'vitest';
import { checkMember, keptChoices, viewPool, withChoices } from '../../../src/control/overrides/pools.ts';
import { NOTHING } from '../../../src/control/state/state.ts';
import type { Model } from '../../../src/model/types.ts';
import type { Look } from '../../../src/views/health-snapshot.ts';

function model(active: string, members = ['fw1', 'fw2', 'fw3']): Model {
  return { ...NOTHING, pools: new Map([['firewalls', { name: 'firewalls', members, use: 'primary', active }]]) };
}

const CHOSEN = { firewalls: { member: 'fw2', instead: 'fw1' } };

describe('a choice made by a command', () => {
  test.each([
    ['stays while the definitions say what they said', model('fw1'), CHOSEN],
    ['ends when the definitions name another member', model('fw3'), {}],
    ['ends even when they name the chosen one', model('fw2'), {}],
    ['ends when its member is gone', model('fw1', ['fw1', 'fw3']), {}],
    ['ends when its pool is gone', NOTHING, {}],
  ])('%s', (_, definitions, kept) => {
    expect(keptChoices(CHOSEN, definitions)).toEqual(kept);
  });

  test('is what gets compiled', () => {
    expect(withChoices(model('fw1'), CHOSEN).pools.get('firewalls')?.active).toBe('fw2');
  });
});

describe('a pool as it is shown', () => {
  const word = (target: string, works = true) => ({
    name: target,
    target,
    works,
    reason: 'r',
    since: '2026-01-01T00:00:00.000Z',
  });
  const look = (...words: ReturnType<typeof word>[]): Look => ({
    devices: new Map(),
    pools: new Map([['firewalls', words]]),
    words: new Map(),
  });
  const pool = model('fw1').pools.get('firewalls')!;
  test.each([
    ['who works, and whom the definitions name instead', look(word('fw2')), { active: 'fw2', instead: 'fw1' }],
    ['nothing instead where they agree', look(word('fw1')), { active: 'fw1' }],
    [
      'the first member of its words',
      look(word('bypass', false), word('fw3')),
      { active: 'fw3', instead: 'fw1', available: false },
    ],
    ['nobody works', look(word('drop', false)), { active: 'fw1', available: false }],
    ['nobody watches: the definitions', look(), { active: 'fw1', available: true, words: [] }],
  ])('%s', (_, seen, shown) => {
    expect(viewPool(pool, pool, seen)).toMatchObject(shown);
    expect('instead' in viewPool(pool, pool, seen)).toBe('instead' in shown);
  });
});

describe('members that commands name', () => {
  test('a member is taken', () => {
    expect(() => checkMember(model('fw1'), 'firewalls', 'fw2')).not.toThrow();
  });

  test.each([
    ['a pool that is not there', 'routers', 'fw1', 'there is no pool of this name'],
    ['a device that is no member', 'firewalls', 'app1', 'members: fw1, fw2, fw3'],
  ])('%s is refused', (_, pool, member, sentence) => {
    expect(() => checkMember(model('fw1'), pool, member)).toThrow(sentence);
  });
});
