import { describe, expect, test } from 'vitest';
import { choose, keptChoices, viewPool, withChoices } from '../../src/daemon/pools.ts';
import { NOTHING } from '../../src/daemon/state.ts';
import type { Model } from '../../src/model/types.ts';

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

  test('is shown with what it overrules', () => {
    expect(viewPool(model('fw1').pools.get('firewalls')!, CHOSEN)).toMatchObject({ active: 'fw2', instead: 'fw1' });
  });
});

describe('choosing', () => {
  test.each([
    ['another member overrules the definitions', {}, 'fw2', CHOSEN],
    ["the definitions' own member ends the choice", CHOSEN, 'fw1', {}],
    ['a third member replaces the choice', CHOSEN, 'fw3', { firewalls: { member: 'fw3', instead: 'fw1' } }],
  ])('%s', (_, before, member, after) => {
    expect(choose(before, model('fw1'), 'firewalls', member)).toEqual(after);
  });

  test.each([
    ['a pool that is not there', 'routers', 'fw1', 'there is no pool of this name'],
    ['a device that is no member', 'firewalls', 'app1', 'members: fw1, fw2, fw3'],
  ])('%s is refused', (_, pool, member, sentence) => {
    expect(() => choose({}, model('fw1'), pool, member)).toThrow(sentence);
  });
});
