import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { NetworkState } from '../../../src/plan/network.ts';
import { probeSpec } from '../../../src/terms/health/defaults.ts';
import type { HealthSpec } from '../../../src/terms/health/spec.ts';
import { ethernet, ipv4, udp } from '../../packets/frame.ts';
import { addressed, materials, pcapOf } from '../frames/stage.ts';
import { Bed, firewalls, inline, servers, specOf, stall } from './bed.ts';

let bed: Bed | undefined;
afterEach(async () => {
  await bed?.watcher.stop();
});

/** A bed whose devices have answered for a while. */
async function ready(spec: HealthSpec, time = 200): Promise<Bed> {
  bed = new Bed(spec);
  await pause(time);
  return bed;
}

describe('a dead device is left', () => {
  test.each([
    [50, ['fw1.outside', 'fw1.inside']],
    [50, ['fw1.inside']],
    [50, ['fw1.outside']],
    [10, ['fw1.outside', 'fw1.inside']],
  ])('probed every %i ms, frames into %j lost', async (interval, legs) => {
    const it = await ready(firewalls(interval));
    expect(it.state('fw1')).toBe('up');
    // Another place within the interval in each trial.
    await pause(interval * Math.random());
    const at = it.silence(...legs);
    await it.moved();
    const [move] = it.moves;
    expect(move).toMatchObject({ word: 'firewalls', to: 'fw2' });
    // Three in a row: one was lost at once at the earliest.
    expect(move!.at - at).toBeGreaterThan(2 * interval);
    expect(it.story).toEqual(['fw1 up>down', 'firewalls fw1>fw2']);
    expect(it.changes).toBeGreaterThan(0);
    expect(it.watcher.words()).toEqual([
      { name: 'firewalls', pool: 'firewalls', target: { to: 'member', member: 'fw2' } },
    ]);
  });

  test('a refused handshake needs no patience', async () => {
    const it = await ready(servers(probeSpec({ kind: 'handshake', port: 80 }, { interval: 50 })));
    it.prober.fate = (frame) => (it.goesInto(frame, 'web1.only') ? 'refused' : 0.1);
    await it.moved();
    expect(it.events.find(({ what }) => what === 'move')!.reason).toMatch(/3 in a row refused/);
  });

  test('each refusal is known at once, and makes it ask faster', async () => {
    const it = await ready(servers(probeSpec({ kind: 'handshake', port: 80 })), 700);
    it.prober.fate = (frame) => (it.goesInto(frame, 'web1.only') ? 'refused' : 0.1);
    await it.moved();
    expect(it.watcher.view().devices[0]!.probes[0]!.words).toMatch(/3 in a row refused/);
  });

  test('a link that is gone is believed at once', async () => {
    const it = await ready(firewalls());
    const down: NetworkState = addressed({ i0: [], i1: ['10.0.1.1/24'], i3: [] });
    it.spec = specOf(it.spec.devices.slice(0, 1), it.spec.pools);
    expect(it.define(down)).toEqual([
      expect.stringMatching(/^through of fw1: fw1.inside is on i2, which is not there/),
    ]);
    expect(it.state('fw1')).toBe('down');
  });
});

describe('a living device is not left', () => {
  test('while frames still come out of it, though probes are lost', async () => {
    const it = await ready(firewalls());
    it.silence('fw1.outside');
    const [outside, inside] = [it.leg('fw1.outside'), it.leg('fw1.inside')];
    const flow = setInterval(() => {
      for (const leg of [outside, inside]) {
        const { sent, received } = it.prober.legFrames(leg);
        it.prober.legs.set(leg, { sent: sent + 20, received: received + 20 });
      }
    }, 5);
    await expect.poll(() => it.story, { interval: 20, timeout: 20_000 }).toContain('kept fw1');
    await pause(500);
    expect(it.moves).toEqual([]);
    clearInterval(flow);
    await it.moved();
  });

  test('whose answers are late', async () => {
    const it = await ready(firewalls());
    it.prober.fate = (frame) => (it.goesInto(frame, 'fw1.outside') ? 30 : 0.1);
    await pause(500);
    expect(it.moves).toEqual([]);
    expect(it.story).toEqual(['kept fw1']);
  });

  test('because the event loop stood still for 5 s', async () => {
    const it = await ready(firewalls(10));
    it.silence('fw1.outside', 'fw2.outside');
    stall(5000);
    it.silence();
    await pause(300);
    expect(it.moves).toEqual([]);
    expect(it.story).toEqual(['controller']);
    expect(it.state('fw1')).toBe('up');
  });

  test('because the event loop stands still again and again', async () => {
    const it = await ready(firewalls());
    for (let i = 0; i < 10; i++) {
      it.silence('fw1.outside');
      stall(150);
      it.silence();
      await pause(20);
    }
    expect(it.moves).toEqual([]);
  });

  test('because the sending call takes long', async () => {
    const it = await ready(firewalls());
    it.prober.sendDelay = 400;
    await pause(1500);
    expect(it.moves).toEqual([]);
    expect(it.events).toEqual([]);
    const loss = it.watcher.view().devices.map(({ probes }) => probes[0]!.loss);
    expect(loss).toEqual([0, 0]);
  });

  test('because nothing can be sent, which is told', async () => {
    const it = await ready(firewalls());
    it.prober.failure = new Error('TEST_RUN: EIO');
    await pause(500);
    expect(it.moves).toEqual([]);
    expect(it.events.map(({ reason }) => reason)).toEqual(['probes cannot be sent: TEST_RUN: EIO']);
  });

  test('because its frames do not leave', async () => {
    const it = await ready(firewalls());
    it.prober.fate = () => 'unsent';
    await pause(500);
    expect(it.moves).toEqual([]);
    expect(it.state('fw1')).toBe('up');
  });

  test('because the network changes all the time', async () => {
    const it = await ready(firewalls());
    const changing = setInterval(() => it.define(), 5);
    await pause(300);
    expect([it.moves, it.events]).toEqual([[], []]);
    // And a dead one still is.
    it.silence('fw1.outside');
    await it.moved();
    clearInterval(changing);
    expect(it.story).toEqual(['fw1 up>down', 'firewalls fw1>fw2']);
  });
});

test('SYNs that nobody answers make it ask at once', async () => {
  const slow = probeSpec({ kind: 'handshake', port: 80 }, { interval: 10_000, application: 'tcp/80' });
  const it = await ready(servers(slow), 50);
  const calls = it.prober.calls;
  it.prober.alarm({ leg: it.leg('web1.only'), slot: 5, repeated: 3 });
  await expect.poll(() => it.prober.calls, { interval: 10 }).toBeGreaterThan(calls);
  expect(it.story).toEqual(['alarm web1']);
});

test('frames into a device and none out make it ask at once', async () => {
  const it = await ready(specOf([inline('fw1', [probeSpec({ kind: 'through' }, { interval: 1000 })])]), 1100);
  const leg = it.leg('fw1.outside');
  const flow = setInterval(() => it.prober.legs.set(leg, { sent: it.prober.legFrames(leg).sent + 10, received: 0 }), 5);
  await expect.poll(() => it.story, { interval: 20, timeout: 20_000 }).toContain('alarm fw1');
  clearInterval(flow);
});

test('a capture file that cannot be read is told', async () => {
  const it = await ready(specOf([inline('fw1', [probeSpec({ kind: 'negative', frames: '/none.pcap' })])]), 0);
  expect(it.problems).toEqual([expect.stringMatching(/^negative of fw1: \/none.pcap: ENOENT/)]);
});

describe('frames that a device must stop', () => {
  const folder = mkdtempSync(join(tmpdir(), 'watcher-'));
  const file = join(folder, 'two.pcap');
  const frame = ethernet(
    { to: '02:00:00:00:aa:01', from: '02:00:00:00:aa:02' },
    ipv4({ source: '203.0.113.1', destination: '203.0.113.2' }, udp({ source: 9, destination: 9 })),
  );
  writeFileSync(file, pcapOf([frame, frame]));
  afterAll(() => rmSync(folder, { recursive: true }));
  const negative = probeSpec({ kind: 'negative', frames: file }, { interval: 30, limit: 20 });

  test('it is well while none comes out', async () => {
    bed = new Bed(specOf([inline('fw1', [negative])]));
    bed.prober.fate = () => 'silent';
    await pause(200);
    expect(bed.problems).toEqual([]);
    expect([bed.state('fw1'), bed.story]).toEqual(['up', []]);
  });

  test('one that comes out is wrong', async () => {
    bed = new Bed(specOf([inline('fw1', [negative])]));
    const [, second] = bed.prober.frames;
    bed.prober.fate = ({ id }) => (id === second!.id ? 0.1 : 'silent');
    await expect.poll(() => bed!.state('fw1'), { interval: 10, timeout: 20_000 }).toBe('down');
    expect(bed.events[0]!.reason).toMatch(/3 in a row wrong.*frame 2 of 2 came out/);
  });
});

test('the source of handshakes is that of the definitions, or the default', async () => {
  const it = await ready(firewalls(), 0);
  expect(it.prober.sources).toEqual(materials().sources);
  const source = { v4: '10.9.9.9', v6: 'fd09::9' };
  const force = it.inForce();
  it.watcher.define({ ...force, model: { ...force.model, health: { off: false, source, notify: [] } } });
  expect(it.prober.sources).toEqual(source);
});

test('a command is carried out at once, and says what it told', async () => {
  const it = await ready(firewalls());
  const told = it.watcher.command({ kind: 'maintenance', device: 'fw1' });
  expect(told.map(({ what }) => what)).toEqual(['state', 'move', 'no-spare']);
  expect(it.moves.map(({ to }) => to)).toEqual(['fw2']);
  expect(new Date(told[0]!.time).toISOString()).toBe(told[0]!.time);
  expect(() => it.watcher.command({ kind: 'drain', device: 'nobody' })).toThrow(RangeError);
});

test('stopped, it leaves nothing behind and does nothing any more', async () => {
  const it = await ready(firewalls());
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  it.prober.sendDelay = 30;
  await pause(60);
  await it.watcher.stop();
  expect(timers()).toBeLessThan(before);
  const { calls } = it.prober;
  it.prober.alarm({ leg: it.leg('fw1.outside'), slot: 5, repeated: 3 });
  await pause(120);
  expect(it.prober.calls).toBe(calls);
  expect(it.events).toEqual([]);
});
