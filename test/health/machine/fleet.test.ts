import { describe, expect, test } from 'vitest';
import { deviceSpec, measureSpec, poolSpec, probeSpec } from '../../../src/terms/health/defaults.ts';
import { firewalls, inline, server, specOf } from './specs.ts';
import { type Fate, type Truth, World } from './world.ts';

/** fw1 has another fate from `from` to `to` (ms since the world began at 1000). */
const fails = (from: number, to = Number.POSITIVE_INFINITY, fate: Fate = 'silent', who = ['fw1']): Truth => {
  return (device, at) => (who.includes(device) && at >= 1000 + from && at < 1000 + to ? fate : 1);
};
const healthy: Truth = () => 1;

describe('dying', () => {
  test('a silent death is left within 200 ms, by one move, told with its reason', () => {
    const world = new World(firewalls(), fails(1000)).pass(1200);
    expect(world.story).toEqual(['fw1 up>down', 'firewalls fw1>fw2']);
    const [move] = world.moves;
    expect(move!.at - 2000).toBeLessThanOrEqual(200);
    expect(move).toMatchObject({
      trigger: 'probe',
      reason: 'fw1 is down: through (forward): 3 in a row lost within 100 ms',
    });
    expect(world.actions.find(({ at }) => at === move!.at)!.action).toMatchObject({
      kind: 'move',
      pool: 'firewalls',
      from: { to: 'member', member: 'fw1' },
      to: { to: 'member', member: 'fw2' },
    });
  });

  test('with 10 ms probes within 50 ms', () => {
    const probes = [probeSpec({ kind: 'through' }, { interval: 10 })];
    const world = new World(firewalls({ probes }), fails(1000), { tick: 2 }).pass(1200);
    expect(world.moves[0]!.at - 2000).toBeLessThanOrEqual(50);
  });

  test('a device that forwards one direction only is down', () => {
    const world = new World(firewalls(), (device, at, direction) =>
      device === 'fw1' && at > 2000 && direction === 'return' ? 'silent' : 1,
    ).pass(1500);
    expect(world.moves[0]!.reason).toContain('through (return): 3 in a row lost');
  });

  test('one that answers pings but forwards nothing is down', () => {
    const probes = [probeSpec({ kind: 'through' }), probeSpec({ kind: 'icmp' })];
    const world = new World(firewalls({ probes }), (device, at, _, { question }) =>
      device === 'fw1' && at > 2000 && question.kind === 'through' ? 'silent' : 1,
    ).pass(1500);
    expect(world.story).toEqual(['fw1 up>down', 'firewalls fw1>fw2']);
  });

  test('no link is down at once, and back only by answers', () => {
    const world = new World(firewalls({ comesBack: { after: 0 } }), healthy).pass(1000);
    world.hint({ kind: 'link', device: 'fw1', leg: 'outside', up: false });
    expect(world.moves).toMatchObject([{ at: 2000, reason: 'fw1 is down: no link at outside', trigger: 'link' }]);
    world.pass(1000).hint({ kind: 'link', device: 'fw1', leg: 'outside', up: true });
    expect(world.state('fw1')).toBe('down');
    expect(world.pass(2500).state('fw1')).toBe('up');
  });

  test('two lost probes of every three are no death', () => {
    let sent = 0;
    const world = new World(firewalls(), (device) => (device === 'fw1' && sent++ % 6 > 1 ? 'silent' : 1)).pass(10_000);
    expect(world.story).toEqual([]);
  });

  test('all down: the pool stays, is told as unavailable with every reason, and is back when one answers', () => {
    const world = new World(firewalls(), fails(1000, 3000, 'silent', ['fw1', 'fw2'])).pass(2000);
    expect(world.story).toEqual(['fw1 up>down', 'fw2 up>down', 'unavailable firewalls']);
    expect(world.target('firewalls')).toBe('keep fw1');
    world.pass(3000);
    expect(world.story.slice(3)).toEqual(['fw1 down>up', 'fw2 down>held-up', 'available firewalls']);
  });

  test('a device without alternate is told, kept, and back as soon as it answers', () => {
    const spec = specOf([inline('fw1')], [poolSpec('fw1', ['fw1'])]);
    const world = new World(spec, fails(1000, 2000)).pass(5000);
    expect(world.story).toEqual(['fw1 up>down', 'unavailable fw1', 'fw1 down>up', 'available fw1']);
    expect(world.moves).toEqual([]);
  });
});

describe('not dying', () => {
  test('frames that still come out keep an overloaded device, and that is told once', () => {
    const world = new World(firewalls(), fails(1000)).pass(1000);
    for (let window = 0; window < 200; window++) {
      const since = world.now;
      world.pass(50);
      for (const direction of ['forward', 'return'] as const) {
        world.hint({ kind: 'frames', device: 'fw1', direction, into: 9000, outOf: 800, since, until: world.now });
      }
    }
    expect(world.state('fw1')).toBe('suspect');
    expect(world.story).toEqual(['kept fw1']);
  });

  test('frames that come out of one that is down already are no news: it is down', () => {
    const world = new World(firewalls(), fails(0, 9000, 'silent', ['fw1', 'fw2'])).pass(1000);
    const story = [...world.story];
    for (let window = 0; window < 20; window++) {
      const since = world.now;
      world.pass(50);
      for (const direction of ['forward', 'return'] as const) {
        world.hint({ kind: 'frames', device: 'fw1', direction, into: 900, outOf: 900, since, until: world.now });
      }
    }
    expect(world.state('fw1')).toBe('down');
    expect(world.story).toEqual(story);
  });

  test('answers that come late keep it, and it is reported as slow', () => {
    const world = new World(firewalls(), fails(1000, 4000, 35)).pass(4000);
    expect(world.story).toEqual(['kept fw1', 'slow fw1']);
    expect(world.events[1]!.reason).toMatch(/^latency of through [\d.]+ ms \(more than 10\)$/);
    expect(world.pass(3000).story.slice(2)).toEqual(['fast fw1']);
  });

  test('a probe of weight 0 that fails is told, and when it passes again; nobody is left for it', () => {
    const probes = [probeSpec({ kind: 'through' }), probeSpec({ kind: 'icmp' }, { weight: 0 })];
    const world = new World(firewalls({ probes }), (device, at, _, { name }) =>
      device === 'fw1' && name === 'icmp' && at > 3000 && at < 9000 ? 'silent' : 1,
    ).pass(20_000);
    expect([world.story, world.moves]).toEqual([['probe fw1', 'probe fw1'], []]);
    expect(world.events.map(({ what, from, to }) => [what, from, to])).toEqual([
      ['probe', 'passing', 'failing'],
      ['probe', 'failing', 'passing'],
    ]);
  });

  test('a controller that is late while it starts is no news', () => {
    const world = new World(firewalls(), healthy).stall(180).pass(500).stall(150).pass(1000);
    expect([world.story, world.state('fw1')]).toEqual([[], 'up']);
  });

  test.each([150, 500, 5000, 600_000])('a controller that slept for %d ms calls nobody dead', (ms) => {
    const world = new World(firewalls(), healthy).pass(4000).stall(ms).pass(1000);
    expect(world.story).toEqual(['controller']);
    expect(world.state('fw1')).toBe('up');
  });

  test('not even when every probe of before was lost; real losses afterwards count', () => {
    const world = new World(firewalls(), fails(920)).pass(1000).stall(5000);
    expect(world.state('fw1')).toBe('suspect');
    world.pass(300);
    expect(world.story).toEqual(['controller', 'fw1 up>down', 'firewalls fw1>fw2']);
  });

  test('everything at once is confirmed first, and believed the second time', () => {
    const names = Array.from({ length: 20 }, (_, place) => `fw${place}`);
    const spec = specOf(
      names.map((name) => inline(name)),
      names.map((name) => poolSpec(name, [name])),
    );
    const blink = new World(spec, fails(1000, 1180, 'silent', names)).pass(3000);
    expect(blink.story).toEqual(['controller']);
    expect(blink.state('fw0')).toBe('up');
    const death = new World(spec, fails(1000, 9999, 'silent', names)).pass(1400);
    expect(death.story.filter((line) => line.endsWith('up>down'))).toHaveLength(20);
  });
});

test('falls of just before count as at once', () => {
  const slow = [probeSpec({ kind: 'through' }, { fall: 4 })];
  const names = Array.from({ length: 20 }, (_, place) => `fw${place}`);
  const spec = specOf(
    names.map((name, place) => inline(name, place < 8 ? {} : { probes: slow })),
    [],
  );
  const world = new World(spec, fails(1000, 9999, 'silent', names.slice(0, 12))).pass(1200);
  expect(world.story.filter((line) => line.endsWith('up>down'))).toHaveLength(8);
  expect(world.story.at(-1)).toBe('controller');
  expect(world.pass(300).story.filter((line) => line.endsWith('up>down'))).toHaveLength(12);
});

test('one kept alive by its frames again and again is told once a minute', () => {
  let sent = 0;
  const world = new World(firewalls(), (device) => (device === 'fw1' && sent++ % 12 < 10 ? 'silent' : 1));
  for (let window = 0; window < 400; window++) {
    const since = world.now;
    world.pass(50);
    for (const direction of ['forward', 'return'] as const) {
      world.hint({ kind: 'frames', device: 'fw1', direction, into: 9000, outOf: 800, since, until: world.now });
    }
  }
  expect(world.story).toEqual(['kept fw1']);
});

describe('coming back', () => {
  test('an inline device waits to be told, and the pool stays where it is then', () => {
    const world = new World(firewalls(), fails(1000, 2000)).pass(60_000);
    expect(world.state('fw1')).toBe('held-up');
    world.command({ kind: 'restore', device: 'fw1' });
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['up', 'fw2']);
    expect(world.story).toEqual(['fw1 up>down', 'firewalls fw1>fw2', 'fw1 down>held-up', 'fw1 held-up>up']);
  });

  test('told while it is dead, it is back when it answers', () => {
    const world = new World(firewalls(), fails(1000, 5000)).pass(2000).command({ kind: 'restore', device: 'fw1' });
    expect(world.state('fw1')).toBe('down');
    expect(world.pass(6000).state('fw1')).toBe('up');
  });

  test('by itself after holding up, and back to the work where the pool says so', () => {
    const world = new World(firewalls({ comesBack: { after: 10_000 } }, { failBack: true }), fails(1000, 2000));
    world.pass(11_000);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['held-up', 'fw2']);
    world.pass(4000);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['up', 'fw1']);
  });

  test('nobody else is left: one that answers steadily serves though it is held up', () => {
    const spec = firewalls({ comesBack: { after: 30_000 } });
    const world = new World(spec, (device, at) =>
      (device === 'fw1' && at > 2000 && at < 3000) || (device === 'fw2' && at > 6000) ? 'silent' : 1,
    ).pass(15_000);
    expect(world.target('firewalls')).toBe('fw1');
    expect(world.moves.at(-1)!.reason).toBe('nobody is fit, but fw1 (held-up) answers');
  });
});

/** 300 ms up, 300 ms down, for a minute. */
const blinking: Truth = (device, at) => (device === 'fw1' && at < 61_000 && (at - 1000) % 600 >= 300 ? 'silent' : 1);

/** Fails in each of these seconds of the world. */
const failsIn =
  (device: string, ...seconds: number[]): Truth =>
  (name, at) =>
    name === device && seconds.includes(Math.floor((at - 1000) / 1000)) ? 'silent' : 1;

describe('coming back again', () => {
  test('being told counts once: after the next fall it waits again', () => {
    const world = new World(firewalls(), failsIn('fw1', 1, 20)).pass(10_000);
    world.command({ kind: 'restore', device: 'fw1' }).pass(20_000);
    expect(world.state('fw1')).toBe('held-up');
  });

  test('one that was left once, and not the second time, is back by itself', () => {
    const world = new World(firewalls(), (device, at) => {
      if (device === 'fw2') return at > 15_000 ? 'silent' : 1;
      return failsIn('fw1', 1, 20)(device, at, undefined, firewalls().devices[0]!.probes[0]!);
    }).pass(10_000);
    world.command({ kind: 'restore', device: 'fw1' }).pass(20_000);
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['up', 'fw1']);
  });

  test('one that is left later, when another came up, waits to be told', () => {
    const world = new World(firewalls(), (device, at) => {
      if (device === 'fw2') return at < 5000 ? 'silent' : 1;
      return at > 2000 && at < 20_000 ? 'silent' : 1;
    }).pass(4500);
    expect(world.target('firewalls')).toBe('keep fw1');
    world.command({ kind: 'restore', device: 'fw2' }).pass(3000);
    expect(world.target('firewalls')).toBe('fw2');
    expect(world.pass(20_000).state('fw1')).toBe('held-up');
  });

  test('falls a long time apart are no flapping', () => {
    const spec = firewalls({ comesBack: { after: 0 } });
    const world = new World(spec, failsIn('fw1', 1, 40, 80, 120)).pass(140_000);
    expect(world.story.filter((line) => line === 'fw1 up>down')).toHaveLength(4);
  });

  test('after a restore a fall is a fall, not flapping', () => {
    const spec = firewalls({ comesBack: { after: 0 } });
    const world = new World(spec, failsIn('fw1', 1, 5, 9, 20)).pass(15_000);
    expect(world.state('fw1')).toBe('flapping');
    world.command({ kind: 'restore', device: 'fw1' }).pass(5800);
    expect(world.state('fw1')).toBe('down');
  });

  test('a flapping device without alternate is available again when it has answered for 5 s', () => {
    const spec = specOf([inline('fw1')], [poolSpec('fw1', ['fw1'])]);
    const world = new World(spec, failsIn('fw1', 1, 5, 9)).pass(20_000);
    expect(world.state('fw1')).toBe('flapping');
    const available = world.events.at(-1)!;
    expect(available.what).toBe('available');
    expect(available.at).toBeGreaterThan(16_000);
  });
});

describe('flapping', () => {
  test.each([
    ['by default', firewalls(), 1],
    ['back at once, and the pool goes back', firewalls({ comesBack: { after: 0 } }, { failBack: true }), 5],
    ['held up for 100 ms', firewalls({ comesBack: { after: 100 } }, { failBack: true }), 5],
    ['never back to', firewalls({ comesBack: { after: 0 } }), 1],
  ])('%s: no more than %3$d moves', (_, spec, bound) => {
    const world = new World(spec, blinking).pass(60_000);
    expect(world.moves.length).toBeLessThanOrEqual(bound);
    expect(world.moves.length).toBeGreaterThan(0);
    expect(world.state('fw1')).toBe('flapping');
    expect(world.events.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/^fell 3 times within 60 s: out until 60 s pass without a failure \(through/),
    );
  });

  test('afterwards it is quiet for its time, and then back', () => {
    const world = new World(firewalls({ comesBack: { after: 0 } }, { failBack: true }), blinking).pass(115_000);
    expect(world.state('fw1')).toBe('flapping');
    expect(world.pass(10_000).target('firewalls')).toBe('fw1');
  });

  test('one without alternate tells a few times, not a hundred', () => {
    const world = new World(specOf([inline('fw1')], [poolSpec('fw1', ['fw1'])]), blinking).pass(60_000);
    expect(world.moves).toEqual([]);
    expect(world.events.length).toBeLessThanOrEqual(12);
  });
});

describe('traffic', () => {
  test('frames in and none out make it ask at once, and nobody is dead for it', () => {
    const world = new World(firewalls(), healthy).pass(1000);
    for (const [since, until] of [
      [1900, 1950],
      [1950, 2000],
    ] as const) {
      world.hint({ kind: 'frames', device: 'fw1', direction: 'forward', into: 20, outOf: 0, since, until });
    }
    expect(world.actions.at(-2)!.action).toEqual({ kind: 'probe', device: 'fw1', probe: 'through' });
    expect(world.state('fw1')).toBe('suspect');
    expect(world.pass(200).state('fw1')).toBe('up');
    expect(world.events).toMatchObject([{ what: 'alarm', reason: '40 frames went in (forward), none came out' }]);
  });

  test('it asks once a second, however much traffic raises the alarm, and tells it once', () => {
    const world = new World(firewalls(), () => 'silent');
    for (let place = 0; place < 100; place++) {
      world.pass(10).hint({ kind: 'syns', device: 'fw1', repeated: 3 });
    }
    expect(world.actions.filter(({ action }) => action.kind === 'probe')).toHaveLength(1);
    world.pass(2000).hint({ kind: 'syns', device: 'fw1', repeated: 3 });
    expect(world.actions.filter(({ action }) => action.kind === 'probe')).toHaveLength(2);
    expect(world.events.filter(({ what }) => what === 'alarm')).toHaveLength(1);
  });

  test('frames that come out end the alarm', () => {
    const world = new World(firewalls(), healthy).pass(1000);
    const frames = { kind: 'frames', device: 'fw1', direction: 'forward', into: 20, since: 1950, until: 2000 } as const;
    world.hint({ ...frames, outOf: 0 }).hint({ ...frames, outOf: 0 });
    expect(world.state('fw1')).toBe('suspect');
    expect(world.hint({ ...frames, outOf: 5 }).state('fw1')).toBe('up');
  });

  test('SYNs in a row start the handshake; the dead server is left sooner', () => {
    const probes = [probeSpec({ kind: 'handshake', port: 80 }, { application: 'tcp/80', interval: 5000 })];
    const dead: Truth = (device, at) => (device === 'web1' && at > 2000 ? 'silent' : 1);
    const spec = specOf(
      [deviceSpec('web1', 'server', { probes }), deviceSpec('web2', 'server', { probes })],
      [poolSpec('web', ['web1', 'web2'], { application: 'tcp/80' })],
    );
    const world = new World(spec, dead).pass(1100);
    world.hint({ kind: 'syns', device: 'web1', application: 'tcp/80', repeated: 2 }).pass(1000);
    expect(world.story).toEqual([]);
    world.hint({ kind: 'syns', device: 'web1', application: 'tcp/80', repeated: 3 }).pass(1000);
    expect(world.story).toEqual(['alarm web1 tcp/80', 'web1 tcp/80 up>down', 'web web1>web2']);
  });
});

describe('applications', () => {
  const spec = specOf(
    [server('web1', [25, 80]), server('web2', [25, 80])],
    [
      poolSpec('mail', ['web1', 'web2'], { application: 'tcp/25' }),
      poolSpec('web', ['web1', 'web2'], { application: 'tcp/80' }),
    ],
  );

  test('up for one, down for the other', () => {
    const world = new World(spec, (device, at, _, probe) =>
      device === 'web1' && at > 2000 && probe.application === 'tcp/25' ? 'refused' : 1,
    ).pass(1500);
    expect(world.story).toEqual(['web1 tcp/25 up>down', 'mail web1>web2']);
    expect([world.state('web1', 'tcp/25'), world.state('web1', 'tcp/80')]).toEqual(['down', 'up']);
  });

  test('an application that was left is held up, though the device works for another', () => {
    const world = new World(spec, (device, at, _, probe) =>
      device === 'web1' && at > 2000 && at < 3000 && probe.application === 'tcp/25' ? 'refused' : 1,
    ).pass(10_000);
    expect(world.state('web1', 'tcp/25')).toBe('held-up');
  });

  test('an idle alternate that fell for one application is held up, though it works for another', () => {
    const idle = specOf(spec.devices, [spec.pools[0]!, { ...spec.pools[1]!, active: 'web2' }]);
    const world = new World(idle, (device, at, _, probe) =>
      device === 'web2' && at > 2000 && at < 3000 && probe.application === 'tcp/25' ? 'refused' : 1,
    ).pass(10_000);
    expect(world.moves).toEqual([]);
    expect(world.state('web2', 'tcp/25')).toBe('held-up');
  });

  test('a pool that leaves a device for one application does not speak for another', () => {
    const alone = specOf(
      [server('web1', [25, 80]), server('web2', [25])],
      [spec.pools[0]!, poolSpec('web', ['web1'], { application: 'tcp/80' })],
    );
    const world = new World(alone, fails(1000, 2000, 'refused', ['web1'])).pass(10_000);
    expect(world.target('mail')).toBe('web2');
    expect([world.state('web1', 'tcp/25'), world.state('web1', 'tcp/80')]).toEqual(['held-up', 'up']);
  });

  test('it goes back to the one whose application is up again', () => {
    const back = specOf(
      [server('web1', [25], { comesBack: { after: 0 } }), server('web2', [25])],
      [poolSpec('mail', ['web1', 'web2'], { application: 'tcp/25', failBack: true })],
    );
    const world = new World(back, fails(1000, 2000, 'refused', ['web1'])).pass(1500);
    expect(world.target('mail')).toBe('web2');
    expect(world.pass(5000).target('mail')).toBe('web1');
  });

  test('a device nothing is asked of works, and goes down with its link only', () => {
    const world = new World(firewalls({ probes: [], measures: [] }), healthy).pass(1000);
    expect(world.state('fw1')).toBe('up');
    world.hint({ kind: 'link', device: 'fw1', leg: 'inside', up: false });
    expect([world.state('fw1'), world.target('firewalls')]).toEqual(['down', 'fw2']);
    world.hint({ kind: 'link', device: 'fw1', leg: 'inside', up: true });
    expect(world.state('fw1')).toBe('held-up');
  });

  test('no link is down for both', () => {
    const world = new World(spec, healthy).pass(1000);
    world.hint({ kind: 'link', device: 'web1', leg: 'only', up: false });
    expect([world.target('mail'), world.target('web')]).toEqual(['web2', 'web2']);
  });

  test('more than a threshold allows is left: connections told from outside', () => {
    const measures = [measureSpec({ measure: 'connections', over: 1000 })];
    const world = new World(firewalls({ measures }), healthy).pass(1000);
    for (const value of [900, 1200, 1200, 1200]) {
      world.hint({ kind: 'measure', device: 'fw1', measure: 'connections', value });
    }
    expect(world.moves).toMatchObject([
      { reason: 'fw1 is down: connections 1200 connections (more than 1000)', trigger: 'measure' },
    ]);
  });

  test('a latency over its threshold is left, for the application that minds', () => {
    const probes = [probeSpec({ kind: 'icmp' }, { interval: 100, application: 'voice' })];
    const measures = [measureSpec({ measure: 'latency', of: 'icmp', over: 45, application: 'voice' })];
    const links = ['isp1', 'isp2'].map((name) => deviceSpec(name, 'gateway', { probes, measures }));
    const pools = [poolSpec('voice', ['isp1', 'isp2'], { application: 'voice' }), poolSpec('bulk', ['isp1', 'isp2'])];
    const world = new World(specOf(links, pools), fails(1000, 9999, 60, ['isp1'])).pass(5000);
    expect([world.target('voice'), world.target('bulk')]).toEqual(['isp2', 'isp1']);
  });
});
