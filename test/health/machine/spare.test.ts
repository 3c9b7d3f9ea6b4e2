import { describe, expect, test } from 'vitest';
import { poolSpec, probeSpec } from '../../../src/terms/health/defaults.ts';
import { firewalls, inline, server, specOf } from './specs.ts';
import { type Truth, World } from './world.ts';

const healthy: Truth = () => 1;

/** Silent in these milliseconds of the world, which begins at 1000. */
const silent =
  (device: string, from: number, until = Number.POSITIVE_INFINITY): Truth =>
  (name, at) =>
    name === device && at >= from && at < until ? 'silent' : 1;

const both =
  (...truths: readonly Truth[]): Truth =>
  (...about) =>
    truths.map((truth) => truth(...about)).find((fate) => fate !== 1) ?? 1;

const link = (world: World, device: string, up: boolean, own = true): void => {
  for (const leg of ['outside', 'inside']) {
    world.hint({ kind: 'link', device, leg, up, ...(own && !up && { own: true }) });
  }
};

describe('nobody else is there', () => {
  test('one that waits to be told takes over at once, and stays', () => {
    // fw1 falls and answers again; then fw2 falls for good.
    const world = new World(firewalls(), both(silent('fw1', 2000, 3000), silent('fw2', 9000))).pass(7000);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['held-up', 'fw2']);
    world.pass(2000);
    expect(world.moves.at(-1)).toMatchObject({ to: 'fw1', reason: 'nobody is fit, but fw1 (held-up) answers' });
    expect(world.moves.at(-1)!.at).toBeLessThanOrEqual(9200);
    expect(world.pass(60_000).target('firewalls')).toBe('fw1');
  });

  test('a bypass ends for one that waits to be told', () => {
    const world = new World(
      firewalls({}, { allDown: 'bypass' }),
      both(silent('fw1', 2000, 5000), silent('fw2', 2000)),
    ).pass(3000);
    expect(world.target('firewalls')).toBe('bypass');
    world.pass(6000);
    expect(world.target('firewalls')).toBe('fw1');
  });

  test('one that falls again and again is not gone to again and again', () => {
    const blinking: Truth = (_, at) => (at > 2000 && (at - 1000) % 600 >= 300 ? 'silent' : 1);
    const world = new World(firewalls(), blinking).pass(60_000);
    expect(world.moves.length).toBeLessThanOrEqual(6);
  });
});

describe("the engine's own NIC was down", () => {
  const down: Truth = both(silent('fw1', 2000, 4000), silent('fw2', 2000, 4000));

  test('those behind it come back by themselves, whoever worked', () => {
    const world = new World(firewalls(), down).pass(1000);
    for (const device of ['fw1', 'fw2']) link(world, device, false);
    expect([world.state('fw1'), world.state('fw2')]).toEqual(['down', 'down']);
    world.pass(2000);
    for (const device of ['fw1', 'fw2']) link(world, device, true);
    world.pass(3000);
    expect([world.state('fw1'), world.state('fw2')]).toEqual(['up', 'up']);
    expect(world.fleet.remember(world.now).devices.map(({ falls }) => falls.length)).toEqual([0, 0]);
  });

  test('also where their probes were lost before the NIC was known to be down', () => {
    const world = new World(firewalls(), down).pass(1500);
    expect([world.state('fw1'), world.state('fw2')]).toEqual(['down', 'down']);
    for (const device of ['fw1', 'fw2']) link(world, device, false);
    world.pass(1500);
    for (const device of ['fw1', 'fw2']) link(world, device, true);
    world.pass(3000);
    expect([world.state('fw1'), world.state('fw2')]).toEqual(['up', 'up']);
  });

  test('one that does not come back with it has failed, and waits to be told later', () => {
    const world = new World(firewalls(), both(down, silent('fw2', 4000, 80_000))).pass(1000);
    for (const device of ['fw1', 'fw2']) link(world, device, false);
    world.pass(2000);
    for (const device of ['fw1', 'fw2']) link(world, device, true);
    world.pass(90_000);
    expect([world.state('fw1'), world.state('fw2')]).toEqual(['up', 'held-up']);
  });

  test('a cable that is pulled is the fault of what is behind it', () => {
    const world = new World(firewalls(), healthy).pass(1000);
    link(world, 'fw1', false, false);
    world.pass(1000);
    link(world, 'fw1', true, false);
    expect(world.pass(3000).state('fw1')).toBe('held-up');
  });

  test('one that had failed before has still failed', () => {
    const world = new World(firewalls(), silent('fw1', 2000, 8000)).pass(6000);
    link(world, 'fw1', false);
    world.pass(500);
    link(world, 'fw1', true);
    expect(world.pass(10_000).state('fw1')).toBe('held-up');
  });
});

describe('spares', () => {
  test('a pool that lost its only spare says so, and when there is one again', () => {
    const world = new World(firewalls(), silent('fw2', 2000, 4000)).pass(10_000);
    expect(world.spares).toEqual([
      expect.stringMatching(/^no-spare firewalls: nobody could take over: fw2 is down: through .*lost/),
      'spare firewalls: fw2 can take over',
    ]);
    expect(world.moves).toEqual([]);
  });

  test('a pool that loses everybody is unavailable, which says enough', () => {
    const world = new World(firewalls(), both(silent('fw1', 3000, 9000), silent('fw2', 2000, 9000))).pass(20_000);
    expect(world.spares.map((each) => each.split(' ')[0])).toEqual(['no-spare', 'spare']);
  });

  test('one of three that is lost is no news', () => {
    const spec = specOf(
      ['fw1', 'fw2', 'fw3'].map((name) => inline(name)),
      [poolSpec('firewalls', ['fw1', 'fw2', 'fw3'])],
    );
    const world = new World(spec, silent('fw2', 2000)).pass(5000);
    expect(world.spares).toEqual([]);
    expect(world.fleet.view(world.now).pools[0]!.spares).toEqual(['fw3']);
  });

  test('a pool of one has no spare to lose', () => {
    const spec = specOf([inline('fw1')], [poolSpec('firewalls', ['fw1'])]);
    const world = new World(spec, silent('fw1', 2000, 4000)).pass(10_000);
    expect([world.spares, world.fleet.view(world.now).pools[0]!.spares]).toEqual([[], undefined]);
  });

  test('one application without a spare is told of for itself', () => {
    const spec = specOf(
      [server('web1', [80, 25]), server('web2', [80, 25])],
      [
        poolSpec('web tcp/80', ['web1', 'web2'], { pool: 'web', application: 'tcp/80' }),
        poolSpec('web tcp/25', ['web1', 'web2'], { pool: 'web', application: 'tcp/25' }),
      ],
    );
    const world = new World(spec, (device, at, _, { name }) =>
      device === 'web2' && name === 'handshake 25' && at > 2000 ? 'silent' : 1,
    ).pass(5000);
    expect(world.spares).toEqual([expect.stringMatching(/^no-spare web tcp\/25: /)]);
  });

  test('a command cannot choose one that is held up for the application', () => {
    const spec = specOf(
      [server('web1', [25]), server('web2', [25])],
      [poolSpec('web tcp/25', ['web1', 'web2'], { pool: 'web', application: 'tcp/25' })],
    );
    const world = new World(spec, silent('web1', 2000, 4000)).pass(6000);
    expect(world.state('web1', 'tcp/25')).toBe('held-up');
    expect(() => world.command({ kind: 'use', pool: 'web', member: 'web1' })).toThrow(
      /use web: web1 is held-up for tcp\/25: it answers again; back after .* \(device restore web1\)/,
    );
  });
});

describe('both versions of IP', () => {
  const probes = ([4, 6] as const).map((family) =>
    probeSpec({ kind: 'through', family }, { name: family === 4 ? 'through' : 'through ipv6', family }),
  );
  const dead =
    (device: string, family: 4 | 6, from: number): Truth =>
    (name, at, _, spec) =>
      name === device && spec.family === family && at >= from ? 'silent' : 1;

  test('one that is dead in one of them is left for one that works in both', () => {
    const world = new World(firewalls({ probes }), dead('fw1', 6, 2000)).pass(3000);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['down', 'fw2']);
    expect(world.moves[0]!.reason).toContain('through ipv6');
  });

  test('where nobody works in both, whoever works in one serves that one; nothing is dropped', () => {
    const world = new World(
      firewalls({ probes }, { allDown: 'drop' }),
      both(dead('fw1', 6, 2000), dead('fw2', 6, 2000)),
    ).pass(3000);
    const [word] = world.fleet.view(world.now).pools;
    expect(word).toMatchObject({ target: { to: 'member', member: 'fw1' }, works: false, partly: 4 });
    expect(word!.reason).toMatch(
      /^nobody is fit for both versions of IP, and fw1 is for IPv4: fw1 is down: through ipv6/,
    );
  });

  test('where nobody works in either, it goes where the definitions say', () => {
    const world = new World(
      firewalls({ probes }, { allDown: 'drop' }),
      both(dead('fw1', 6, 2000), dead('fw2', 6, 2000), dead('fw1', 4, 4000), dead('fw2', 4, 4000)),
    ).pass(6000);
    expect(world.fleet.view(world.now).pools[0]).toMatchObject({ target: { to: 'drop' }, works: false });
  });
});
