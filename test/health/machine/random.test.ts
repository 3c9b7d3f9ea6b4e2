import { expect, test } from 'vitest';
import type { HealthEvent } from '../../../src/health/machine/event.ts';
import type { Command } from '../../../src/health/machine/report.ts';
import { poolSpec } from '../../../src/terms/health/defaults.ts';
import type { AllDown, HealthSpec } from '../../../src/terms/health/spec.ts';
import { inline, specOf } from './specs.ts';
import { type Truth, World } from './world.ts';

/** Mulberry32: small, seeded, good enough to make trouble with. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const NAMES = ['fw1', 'fw2', 'fw3', 'fw4'];
const ALL_DOWN: AllDown[] = ['keep', 'bypass', 'drop', { next: 'spare' }];

interface Outage {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}

function specFor(random: (below: number) => number): HealthSpec {
  const comesBack = [{ after: 0 }, { after: 500 }, { after: 3000 }, 'when-told'][random(4)] as 'when-told';
  const pool = { failBack: random(2) === 0, allDown: ALL_DOWN[random(4)]! };
  return specOf(
    NAMES.map((name) => inline(name, { comesBack })),
    [poolSpec('a', ['fw1', 'fw2'], pool), poolSpec('b', ['fw2', 'fw3', 'fw4'], pool)],
  );
}

function outagesFor(random: (below: number) => number): Outage[] {
  return Array.from({ length: 3 + random(30) }, () => {
    const from = 1000 + random(60_000);
    return { device: NAMES[random(4)]!, from, to: from + [30, 120, 300, 2000, 20_000][random(5)]! };
  });
}

const truthOf =
  (outages: readonly Outage[]): Truth =>
  (device, at) =>
    outages.some((outage) => outage.device === device && at >= outage.from && at < outage.to) ? 'silent' : 1;

const COMMANDS: Command['kind'][] = ['drain', 'maintenance', 'restore', 'use', 'replace'];

function commandFor(random: (below: number) => number): Command {
  const [device, by] = [NAMES[random(4)]!, NAMES[random(4)]!];
  const kind = COMMANDS[random(5)]!;
  if (kind === 'use') return { kind, pool: 'ab'[random(2)]!, member: device };
  return kind === 'replace' ? { kind, device, by } : { kind, device };
}

/** A minute of outages, with stalls and commands in between. */
function play(seed: number, { commands, stalls }: { commands: boolean; stalls: boolean }): [World, Outage[]] {
  const random = randomOf(seed);
  const spec = specFor(random);
  const outages = outagesFor(random);
  const world = new World(spec, truthOf(outages));
  for (let second = 0; second < 60; second++) {
    world.pass(500 + 10 * random(100));
    if (stalls && random(8) === 0) world.stall(200 + random(5000));
    if (commands && random(4) === 0) tryCommand(world, commandFor(random));
  }
  return [world, outages];
}

/** Many random commands cannot be: the refusal is what is right then. */
function tryCommand(world: World, command: Command): void {
  try {
    world.command(command);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed);
const movesOf = (events: readonly HealthEvent[], pool: string) =>
  events.filter((event) => event.what === 'move' && event.pool === pool);

test.each(seeds.slice(0, 10))('seed %d: the same inputs give the same actions', (seed) => {
  const [first] = play(seed, { commands: true, stalls: true });
  const [second] = play(seed, { commands: true, stalls: true });
  expect(second.actions).toEqual(first.actions);
});

test.each(seeds)('seed %d: moves and messages hang together', (seed) => {
  const [world, outages] = play(seed, { commands: false, stalls: true });
  for (const pool of ['a', 'b']) {
    const moves = movesOf(world.events, pool);
    const members = pool === 'a' ? 2 : 3;
    // 5 for each member's falls until it flaps, and one last resort in 5 s.
    expect(moves.length).toBeLessThanOrEqual(members * 5 + 62_000 / 5000);
    moves.forEach(({ at, from, to }, place) => {
      expect(from).not.toBe(to);
      if (place > 0) expect(from).toBe(moves[place - 1]!.to);
      const news = world.events.some((event) => event.what === 'state' && event.at === at);
      const steady = /nobody is fit, but/.test(moves[place]!.reason);
      expect(news || steady).toBe(true);
    });
  }
  const falls = world.events.filter(({ what, to }) => what === 'state' && (to === 'down' || to === 'flapping'));
  for (const { at, device, trigger } of falls) {
    expect(trigger).toBe('probe');
    const lost = outages.some((outage) => outage.device === device && outage.from < at && outage.to > at - 300);
    expect(lost).toBe(true);
  }
});

test.each(seeds)('seed %d: a healthy member is left only to go back or by a command', (seed) => {
  const [world] = play(seed, { commands: true, stalls: true });
  // Moves come first among the actions of a step, events of it afterwards: read each move against its own step.
  const state = new Map(NAMES.map((name) => [name, 'up']));
  const steps = Map.groupBy(world.events, ({ at }) => at);
  for (const events of steps.values()) {
    for (const { what, device, to } of events) if (what === 'state') state.set(device!, to!);
    for (const { what, from, reason } of events) {
      if (what !== 'move' || !NAMES.includes(from!) || state.get(from!) !== 'up') continue;
      expect(reason).toMatch(/is up again and comes before|was chosen by a command/);
    }
  }
});

test.each(seeds)('seed %d: after stalls of any length nobody is down without losses', (seed) => {
  const random = randomOf(seed);
  const spec = specFor(random);
  const world = new World(spec, () => 1, { tick: [5, 10, 25, 50][random(4)]! });
  for (let times = 0; times < 50; times++) world.pass(random(400)).stall(random(10_000));
  expect(world.story.filter((line) => line !== 'controller')).toEqual([]);
});

test('the random worlds are no idyll: they have moves, flapping, pools without a member, refusals', () => {
  const stories = seeds.slice(0, 20).flatMap((seed) => play(seed, { commands: true, stalls: true })[0].events);
  for (const what of ['state', 'move', 'available', 'unavailable', 'controller', 'refused']) {
    expect(stories.some((event) => event.what === what)).toBe(true);
  }
  for (const state of ['down', 'held-up', 'flapping', 'draining', 'maintenance', 'up']) {
    expect(stories.some((event) => event.what === 'state' && event.to === state)).toBe(true);
  }
});
