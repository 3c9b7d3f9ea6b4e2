import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/control/change/read.ts';
import { foundMode, unlikePools } from '../../../src/control/overrides/modes.ts';
import { chosenFrom } from '../../../src/control/overrides/pools.ts';
import { NO_CHOICES } from '../../../src/control/state/store.ts';

/** Two servers in one pool, the second's mode to be found out. */
const written = ({ first = 'mode: nat', address = '10.0.3.12', more = '' } = {}) =>
  readModel({
    text: `
interfaces: {i0: {faces: clients, gateway: 192.0.2.1}, i3: {}}
devices:
  s1: {kind: server, ${first}, address: 10.0.3.11, legs: {only: {interface: i3}}}
  s2: {kind: server, mode: auto, address: ${address}, ${more} legs: {only: {interface: i3}}}
pools: {webs: {members: [s1, s2]}}
services: {web: {address: 198.51.100.10, port: 80, sequence: [webs]}}
`,
    file: 'hopline.yaml',
  });

const chosen = (model = written(), mode: 'loopback' | 'nat' = 'nat') => {
  const modes = { s2: foundMode(written().devices.get('s2')!, mode) };
  return chosenFrom(model, { ...NO_CHOICES, modes });
};

describe('modes that were found', () => {
  test('until then it is taken for loopback, and said to be sought', () => {
    expect(chosenFrom(written(), NO_CHOICES).model.devices.get('s2')).toMatchObject({
      mode: 'loopback',
      auto: 'sought',
    });
  });

  test('are compiled, and what is written stays as it is', () => {
    const { written: before, model } = chosen();
    expect(model.devices.get('s2')).toMatchObject({ mode: 'nat', auto: 'found' });
    expect(before.devices.get('s2')).toMatchObject({ mode: 'loopback', auto: 'sought' });
  });

  test('leave devices the same objects while services change', () => {
    const state = chosen();
    const later = chosenFrom({ ...state.written, services: new Map() }, state.choices);
    expect(later.model.devices).toBe(state.model.devices);
    expect(later.choices).toBe(state.choices);
  });

  test.each([
    ['another address', { address: '10.0.3.13' }, 'sought'],
    ['other words about its health', { more: 'health: {interval: 1s},' }, 'found'],
  ])('with %s in its definition it is %s', (_, change, auto) => {
    const { model, choices } = chosen(written(change));
    expect(model.devices.get('s2')).toMatchObject({ auto });
    expect(Object.keys(choices.modes)).toEqual(auto === 'found' ? ['s2'] : []);
  });

  test('that are tried again stay meanwhile', () => {
    const { choices, written: model } = chosen();
    const again = { s2: { ...choices.modes.s2!, again: true } } as const;
    expect(chosenFrom(model, { ...choices, modes: again }).model.devices.get('s2')).toMatchObject({
      ...{ mode: 'nat', auto: 'checked' },
    });
  });

  test('must be those of the others in a pool', () => {
    expect(unlikePools(chosen().model)).toEqual([]);
    expect(unlikePools(chosenFrom(written(), NO_CHOICES).model)).toEqual([]);
    expect(unlikePools(chosen(written(), 'loopback').model)).toEqual(['pool webs mixes s1 (nat) and s2 (loopback)']);
  });
});
