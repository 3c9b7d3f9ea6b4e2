import { expect, test } from 'vitest';
import { Fleet } from '../../../src/health/machine/fleet.ts';
import type { Hint, ProbeResult } from '../../../src/health/machine/report.ts';
import { poolSpec } from '../../../src/terms/health/defaults.ts';
import { inline, specOf } from './specs.ts';

const COUNT = 1000;

const names = Array.from({ length: COUNT }, (_, place) => `fw${place}`);

/** A tick's results: of every device, both ways; `every` so many is lost. */
const results = (sequence: number, every: number): ProbeResult[] =>
  names.flatMap((device, place) =>
    (['forward', 'return'] as const).map((direction) => {
      const lost = (place * 7 + sequence * 13) % every === 0;
      const base = { device, probe: 'through', direction, sequence, sentAt: 50 * sequence - 50 };
      return lost ? { ...base, outcome: 'lost', took: 0 } : { ...base, outcome: 'answered', took: 1 };
    }),
  );

const frames = (until: number): Hint[] =>
  names.flatMap((device) =>
    (['forward', 'return'] as const).map((direction) => {
      return { kind: 'frames', device, direction, into: 100, outOf: 100, since: until - 50, until };
    }),
  );

test.each<[name: string, every: number, hints: boolean]>([
  ['all answer', Number.POSITIVE_INFINITY, false],
  ['all answer, and all have traffic', Number.POSITIVE_INFINITY, true],
  ['one in twenty probes is lost', 20, false],
])('1,000 devices, both ways: %s: nobody falls', (_, every, hints) => {
  const spec = specOf(
    names.map((name) => inline(name)),
    names.map((name) => poolSpec(name, [name])),
  );
  const fleet = new Fleet(spec, 0);
  for (let place = 0; place < 300; place++) {
    const now = 50 * (place + 1);
    fleet.step({ now, due: now, results: results(place + 1, every), ...(hints && { hints: frames(now) }) });
  }
  const { devices } = fleet.view(300 * 50);
  expect(devices).toHaveLength(COUNT);
  expect(devices.filter(({ state }) => state !== 'up' && state !== 'suspect')).toEqual([]);
});

test('10,000 pools of one device that dies are all moved in one step', () => {
  const pools = Array.from({ length: 10_000 }, (_, place) => poolSpec(`p${place}`, ['fw0', 'fw1']));
  const fleet = new Fleet(
    specOf(
      names.slice(0, 2).map((name) => inline(name)),
      pools,
    ),
    0,
  );
  const actions = fleet.step({ now: 50, hints: [{ kind: 'link', device: 'fw0', leg: 'outside', up: false }] });
  expect(actions.slice(0, 10_000).every(({ kind }) => kind === 'move')).toBe(true);
});
