import { describe, expect, test } from 'vitest';
import { Fleet } from '../../../src/health/machine/fleet.ts';
import type { Command } from '../../../src/health/machine/report.ts';
import { poolSpec } from '../../../src/terms/health/defaults.ts';
import { firewalls, inline, specOf } from './specs.ts';
import { type Truth, World } from './world.ts';

const healthy: Truth = () => 1;
const dead =
  (name: string): Truth =>
  (device, at) =>
    device === name && at > 2000 ? 'silent' : 1;
const run = (truth: Truth = healthy, spec = firewalls()) => new World(spec, truth).pass(2000);

describe('commands', () => {
  test('drain: the alternate takes over at once, and after its time nothing is inside any more', () => {
    const world = run().command({ kind: 'drain', device: 'fw1' });
    expect(world.story).toEqual(['fw1 up>draining', 'firewalls fw1>fw2']);
    expect(world.moves[0]).toMatchObject({ at: 3000, trigger: 'command', reason: 'fw1 is draining: told to drain' });
    expect(world.pass(990).state('fw1')).toBe('draining');
    expect(world.pass(20).state('fw1')).toBe('maintenance');
  });

  test('drain without an alternate: it stays, that is told once, and it goes when one comes', () => {
    const world = run(dead('fw2')).command({ kind: 'drain', device: 'fw1' }).pass(5000);
    expect(world.story).toEqual(['fw2 up>down', 'fw1 up>draining', 'refused fw1']);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['draining', 'fw1']);
    world.command({ kind: 'restore', device: 'fw1' });
    expect(world.state('fw1')).toBe('up');
  });

  test('a draining device that dies is kept while nobody can take over, and told', () => {
    const world = new World(firewalls(), (_, at) => (at > 4000 ? 'silent' : 1)).pass(1000);
    world.command({ kind: 'maintenance', device: 'fw2' }).command({ kind: 'drain', device: 'fw1' }).pass(3000);
    expect(world.target('firewalls')).toBe('keep fw1');
    expect(world.story).toContain('unavailable firewalls');
  });

  test('maintenance: out now; what happens to it meanwhile is no news; back when told', () => {
    const world = run(dead('fw1')).command({ kind: 'maintenance', device: 'fw1' });
    world.command({ kind: 'restore', device: 'fw1' });
    const quiet = new World(firewalls(), (device, at) => (device === 'fw1' && at > 3000 && at < 4000 ? 'silent' : 1));
    quiet.pass(1000).command({ kind: 'maintenance', device: 'fw1' }).pass(9000);
    expect(quiet.story).toEqual(['fw1 up>maintenance', 'firewalls fw1>fw2']);
    quiet.command({ kind: 'restore', device: 'fw1' });
    expect([quiet.state('fw1'), quiet.target('firewalls')]).toEqual(['up', 'fw2']);
  });

  test('replace: the other one takes the work, the first drains', () => {
    const spec = specOf(
      ['fw1', 'fw2', 'fw3'].map((name) => inline(name)),
      [
        poolSpec('a', ['fw1', 'fw2', 'fw3']),
        poolSpec('b', ['fw1', 'fw3'], { active: 'fw3' }),
        poolSpec('c', ['fw2', 'fw3'], { active: 'fw2' }),
        poolSpec('d', ['fw1', 'fw2']),
      ],
    );
    const world = run(healthy, spec).command({ kind: 'replace', device: 'fw1', by: 'fw3' });
    expect(['a', 'b', 'c', 'd'].map((pool) => world.target(pool))).toEqual(['fw3', 'fw3', 'fw2', 'fw2']);
    expect(world.moves.map(({ reason }) => reason)).toEqual([
      'fw3 was chosen by a command',
      'fw1 is draining: told to drain',
    ]);
    expect(world.pass(1500).state('fw1')).toBe('maintenance');
  });

  test('use: the pool goes there, and leaves it when it falls', () => {
    const world = run(
      (device, at) => (device === 'fw2' && at > 5000 ? 'silent' : 1),
      firewalls({}, { failBack: true }),
    );
    world.command({ kind: 'use', pool: 'firewalls', member: 'fw2' }).pass(1000);
    expect(world.target('firewalls')).toBe('fw2');
    expect(world.pass(3000).target('firewalls')).toBe('fw1');
  });

  test('a choice that fell is none any more when it comes back', () => {
    const world = run((device, at) => (device === 'fw2' && at > 5000 && at < 6000 ? 'silent' : 1));
    world.command({ kind: 'use', pool: 'firewalls', member: 'fw2' }).pass(6000);
    expect(world.command({ kind: 'restore', device: 'fw2' }).target('firewalls')).toBe('fw1');
  });

  test('restore ends flapping', () => {
    const world = new World(firewalls({ comesBack: { after: 0 } }), (device, at) =>
      device === 'fw1' && at < 4000 && at % 600 < 300 ? 'silent' : 1,
    ).pass(5000);
    expect(world.state('fw1')).toBe('flapping');
    world.command({ kind: 'restore', device: 'fw1' });
    expect(world.state('fw1')).toBe('up');
  });
});

test.each<[command: Command, message: string]>([
  [{ kind: 'drain', device: 'fw9' }, 'drain fw9: there is no device of this name (device list)'],
  [{ kind: 'use', pool: 'walls', member: 'fw1' }, 'use walls: there is no pool of this name (pool list)'],
  [{ kind: 'use', pool: 'firewalls', member: 'fw9' }, 'use firewalls: fw9 is not a member (members: fw1, fw2)'],
  [
    { kind: 'use', pool: 'firewalls', member: 'fw2' },
    'use firewalls: fw2 is down: through (forward): 3 in a row lost within 100 ms (device restore fw2)',
  ],
  [
    { kind: 'replace', device: 'fw1', by: 'fw2' },
    'replace fw1: fw2 is down: through (forward): 3 in a row lost within 100 ms (device restore fw2)',
  ],
  [
    { kind: 'replace', device: 'fw1', by: 'fw1' },
    'replace fw1: fw1 is in no pool with it (put both into one, or change the services)',
  ],
])('%j is refused and changes nothing', (command, message) => {
  const world = new World(firewalls(), dead('fw2')).pass(1300);
  const before = JSON.stringify(world.fleet.remember(world.now));
  expect(() => world.command(command)).toThrow(new RangeError(message));
  expect(JSON.stringify(world.fleet.remember(world.now))).toBe(before);
});

describe('restart', () => {
  const restarted = (world: World, truth: Truth, spec = firewalls()) => {
    const memory = JSON.parse(JSON.stringify(world.fleet.remember(world.now)));
    return new World(spec, truth, { start: 7, fleet: new Fleet(spec, 7, memory) });
  };

  test('the pool stays where it was, the dead stay dead and wait to be told', () => {
    const world = restarted(run(dead('fw1')), healthy);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['down', 'fw2']);
    world.pass(3000);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['held-up', 'fw2']);
    expect(world.moves).toEqual([]);
  });

  test('the dead have to answer as often as ever', () => {
    const world = restarted(run(dead('fw1')), healthy).pass(80);
    expect(world.state('fw1')).toBe('down');
    expect(world.pass(80).state('fw1')).toBe('held-up');
  });

  test('what was held up answers anew, which is no fall', () => {
    const brief: Truth = (device, at) => (device === 'fw1' && at > 2000 && at < 2500 ? 'silent' : 1);
    const before = new World(firewalls(), brief).pass(9000);
    expect(before.state('fw1')).toBe('held-up');
    const world = restarted(before, healthy).pass(3000);
    expect(world.story).toEqual(['fw1 down>held-up']);
    expect(world.fleet.remember(world.now).devices[0]!.falls).toHaveLength(1);
  });

  test('what drains goes on draining', () => {
    const world = restarted(run().command({ kind: 'drain', device: 'fw1' }), healthy).pass(1500);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['maintenance', 'fw2']);
  });

  test('a choice is still one', () => {
    const spec = firewalls({}, { failBack: true });
    const world = run(healthy, spec).command({ kind: 'use', pool: 'firewalls', member: 'fw2' });
    expect(restarted(world, healthy, spec).pass(3000).target('firewalls')).toBe('fw2');
  });

  test('falls of before count as flapping', () => {
    const blinks: Truth = (device, at) => (device === 'fw1' && at % 600 < 300 ? 'silent' : 1);
    const spec = firewalls({ comesBack: { after: 0 } });
    const world = new World(spec, blinks);
    while (!world.story.includes('fw1 up>down')) world.pass(10);
    const after = restarted(world, blinks, spec).pass(5000);
    expect(after.state('fw1')).toBe('flapping');
    expect(after.story.filter((line) => line === 'fw1 up>down')).toHaveLength(1);
  });
});

describe('other definitions', () => {
  test('the same again changes nothing, not even a row of losses', () => {
    const world = new World(firewalls(), dead('fw1')).pass(1110);
    expect(world.fleet.redefine(firewalls(), world.now)).toEqual([]);
    expect(world.pass(100).story).toEqual(['fw1 up>down', 'firewalls fw1>fw2']);
  });

  test('a device asked in another way keeps its state', () => {
    const world = run(dead('fw1'));
    world.fleet.redefine(firewalls({ alarm: { frames: 99, syns: 9 } }), world.now);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['down', 'fw2']);
  });

  test('a device that is to come back by itself now does', () => {
    const world = new World(firewalls(), (device, at) => (device === 'fw1' && at > 2000 && at < 3000 ? 'silent' : 1));
    world.pass(9000).fleet.redefine(firewalls({ comesBack: { after: 0 } }), world.now);
    expect(world.pass(3000).state('fw1')).toBe('up');
  });

  test('a pool whose member is none any more begins as defined, but not at a dead one', () => {
    const spec = specOf(
      ['fw1', 'fw2', 'fw3'].map((name) => inline(name)),
      [poolSpec('firewalls', ['fw1', 'fw3'])],
    );
    const world = run(dead('fw1'));
    const actions = world.fleet.redefine(spec, world.now);
    expect(actions[0]).toMatchObject({ kind: 'move', to: { to: 'member', member: 'fw3' } });
  });
});

describe('members that nobody watches', () => {
  const unwatched = (): World => run(healthy, specOf([], [poolSpec('firewalls', ['fw1', 'fw2'])]));

  test('serve, and there is nothing to say of them', () => {
    const world = unwatched();
    expect([world.target('firewalls'), world.fleet.view(world.now).devices]).toEqual(['fw1', []]);
  });

  test('are used, drained and restored by commands as others are', () => {
    const world = unwatched().command({ kind: 'use', pool: 'firewalls', member: 'fw2' });
    expect(world.target('firewalls')).toBe('fw2');
    world.command({ kind: 'drain', device: 'fw2' }).pass(1500);
    expect([world.target('firewalls'), world.state('fw2')]).toEqual(['fw1', 'maintenance']);
    world.command({ kind: 'restore', device: 'fw2' }).command({ kind: 'replace', device: 'fw1', by: 'fw2' });
    expect(world.target('firewalls')).toBe('fw2');
  });
});
