/** The prober on the kernel: what is defined, sent, counted and alarmed. Each case gets a stage of its own. */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CapacityError } from '../../src/dataplane/index.ts';
import type { ProbeFrame, SynAlarm } from '../../src/dataplane/probe/prober-types.ts';
import { Limit } from '../../src/terms/constants.ts';
import { frame, MAC, OBJECT, port, type Stage, steps } from './stage.ts';

const SOURCES = { v4: '192.0.0.8', v6: '100::8' };
const KNOWN = { direction: 5, origin: 0, protocol: 0, target: 0, known: 1, ports: { from: 0, to: 0 } };
const SENDER = { interfaceNumber: 0, vlans: [0, 0] as const, lookups: 0xfff, bridged: false };

/** A marked frame that leaves by `ifindex` and comes back from leg 20. */
function marked(id: number, ifindex: number, cookie: number, length = 60): ProbeFrame {
  const bytes = new Uint8Array(length);
  const hex = `${MAC.replaceAll(':', '')}02000000001488b5`;
  bytes.set(Buffer.from(hex, 'hex'));
  bytes.set(new Uint8Array(Uint32Array.of(Limit.PROBE_MAGIC, cookie, id, 0, 0xffff_ffff).buffer), 14);
  return { id, kind: 'marked', bytes, ifindex, arrivesFrom: 20, offset: 14 };
}

/** What the frame is when its round comes back. */
function returned({ bytes }: ProbeFrame, round: number): Uint8Array {
  const back = bytes.slice();
  back.set(new Uint8Array(Uint32Array.of(round, ~round).buffer), 14 + 12);
  return back;
}

const SYN = 2;
const ACK = 16;

const segment = (flags: number, sequence = 42, sourcePort = 0xc000): Uint8Array => {
  const bytes = Uint8Array.from(frame());
  const view = new DataView(bytes.buffer);
  view.setUint16(34, sourcePort);
  view.setUint32(38, sequence);
  bytes[47] = flags;
  return bytes;
};

export const cases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'a probe is sent, and its answer is known by round and time': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    await engine.sync(fabric({ origins: [{ ...SENDER, mac: '02:00:00:00:00:14', leg: 20 }] }), steps());
    const { prober } = engine;
    const probe = marked(7, ifindex, prober.cookie);
    prober.define([probe], SOURCES);
    assert.deepEqual(prober.answer(7), { sent: 0, sentAt: 0, answered: 0, answeredAt: 0, refused: false });
    const before = Number(process.hrtime.bigint());
    await prober.send(Uint32Array.of(7));
    await prober.send(Uint32Array.of(7));
    const { sent, sentAt, answered } = prober.answer(7);
    assert.deepEqual([sent, answered, prober.unsent(7)], [2, 0, 0]);
    assert.ok(sentAt >= before - 1000 && sentAt <= Number(process.hrtime.bigint()) + 1000);
    assert.equal(engine.testRun(returned(probe, 2), ifindex).verdict, 1);
    const after = prober.answer(7);
    assert.deepEqual([after.answered, after.refused], [2, false]);
    assert.ok(after.answeredAt >= sentAt);
  },

  'two sendings at a time are refused, numbers without a probe are skipped': async ({ open, ifindex }) => {
    const { prober } = await open();
    prober.define([marked(1, ifindex, prober.cookie)], SOURCES);
    const first = prober.send(Uint32Array.of(1, 2, 9, 1));
    await assert.rejects(prober.send(Uint32Array.of(1)), RangeError);
    await first;
    assert.deepEqual(
      [1, 2, 9].map((id) => prober.answer(id).sent),
      [2, 0, 0],
    );
  },

  'frames that cannot leave are counted': async ({ open }) => {
    const { prober } = await open();
    prober.define([marked(3, 1 << 20, prober.cookie)], SOURCES);
    await prober.send(Uint32Array.of(3, 3));
    assert.deepEqual([prober.answer(3).sent, prober.unsent(3)], [2, 2]);
  },

  'frames of all lengths leave one after the other': async ({ open, ifindex }) => {
    const { prober } = await open();
    const lengths = [1518, 60, 1000, 61, 1518];
    prober.define(
      lengths.map((length, i) => marked(i + 1, ifindex, prober.cookie, length)),
      SOURCES,
    );
    await prober.send(Uint32Array.of(1, 2, 3, 4, 5));
    assert.deepEqual(
      lengths.map((_, i) => [prober.answer(i + 1).sent, prober.unsent(i + 1)]),
      lengths.map(() => [1, 0]),
    );
  },

  'probes that stay the same keep what they know, over restarts too': async ({ open, ifindex }) => {
    let engine = await open();
    const { cookie } = engine.prober;
    const probes = [marked(1, ifindex, cookie), marked(2, ifindex, cookie)];
    engine.prober.define(probes, SOURCES);
    await engine.prober.send(Uint32Array.of(1, 2));
    await engine.close();
    engine = await open();
    assert.equal(engine.prober.cookie, cookie);
    engine.prober.define([probes[0]!, { ...probes[1]!, arrivesFrom: 21 }], SOURCES);
    assert.deepEqual(
      [1, 2].map((id) => engine.prober.answer(id).sent),
      [1, 0],
    );
    engine.prober.define([], SOURCES);
    assert.equal(engine.prober.answer(1).sent, 0);
  },

  'larger tables take probes and what is known of them along': async ({ open, fabric, ifindex, other }) => {
    const engine = await open({ sizes: { probes: 3, slots: 16 } });
    await engine.attach({ name: 'v0', ifindex }, 'native');
    const { prober } = engine;
    const probe = marked(2, other, prober.cookie);
    prober.define([probe], SOURCES);
    await prober.send(Uint32Array.of(2));
    const many = steps(...Array.from({ length: 40 }, (_, i) => port(100 + i)));
    const growing = engine.sync(fabric({ origins: [{ ...SENDER, mac: '02:00:00:00:00:14', leg: 20 }] }), many);
    const growths = [prober.send(Uint32Array.of(2)), growing];
    await Promise.all(growths);
    assert.equal(prober.answer(2).sent, 2);
    await prober.send(Uint32Array.of(2));
    assert.equal(engine.testRun(returned(probe, 3), ifindex).verdict, 1);
    assert.deepEqual([prober.answer(2).sent, prober.answer(2).answered], [3, 3]);

    prober.define([probe, marked(500, other, prober.cookie)], SOURCES);
    for (let tries = 0; tries < 400 && prober.answer(500).sent === 0; tries++) {
      await prober.send(Uint32Array.of(500));
      await setTimeout(10);
    }
    assert.equal(prober.answer(500).sent, 1);
    assert.deepEqual([prober.answer(2).sent, prober.answer(2).answered], [3, 3]);
  },

  'where the tables cannot grow, it says so, goes on as it was, and takes the next that fits': async (stage) => {
    const { open, ifindex, runDirectory } = stage;
    const objectPath = join(runDirectory, 'object.o');
    copyFileSync(OBJECT, objectPath);
    const { prober } = await open({ objectPath, sizes: { probes: 8 } });
    const few = marked(1, ifindex, prober.cookie);
    prober.define([few], SOURCES);
    rmSync(objectPath);
    prober.define([few, marked(500, ifindex, prober.cookie)], SOURCES);
    for (let tries = 0; tries < 400 && prober.shortage === undefined; tries++) await setTimeout(10);
    assert.match(prober.shortage ?? '', /^make the table of probes larger: .*object\.o/);
    await prober.send(Uint32Array.of(1, 500));
    assert.equal(prober.answer(1).sent, 1);
    prober.define([few, marked(2, ifindex, prober.cookie)], SOURCES);
    assert.equal(prober.shortage, undefined);
    await prober.send(Uint32Array.of(1, 2));
    assert.deepEqual([prober.answer(1).sent, prober.answer(2).sent], [2, 1]);
  },

  'a limit of probes is kept': async ({ open, ifindex }) => {
    const { prober } = await open({ limits: { probes: 4 } });
    assert.throws(() => prober.define([marked(5, ifindex, prober.cookie)], SOURCES), CapacityError);
    assert.throws(() => prober.define([marked(1, ifindex, prober.cookie), marked(1, ifindex, 0)], SOURCES), RangeError);
  },

  'an upgrade sends on': async ({ open, ifindex }) => {
    const engine = await open();
    const { prober } = engine;
    prober.define([marked(1, ifindex, prober.cookie)], SOURCES);
    const sending = prober.send(new Uint32Array(500).fill(1));
    await engine.upgrade(new URL('../../.output/test/upgrade/hopline.bpf.o', import.meta.url).pathname);
    await sending;
    await prober.send(Uint32Array.of(1));
    assert.deepEqual([prober.answer(1).sent, prober.unsent(1)], [501, 0]);
  },

  'frames of services are counted by the leg they come from': async ({ open, fabric, ifindex }) => {
    const engine = await open({ sizes: { slots: 16 } });
    const origins = [{ ...SENDER, mac: '02:00:00:00:00:99', leg: 4 }];
    await engine.sync(fabric({ origins }), steps({ origin: 4 }, KNOWN));
    engine.testRun(frame(), ifindex);
    engine.testRun(frame(), ifindex);
    engine.testRun(frame(81), ifindex);
    assert.deepEqual(engine.prober.legFrames(4), { sent: 0, received: 2 });
    assert.deepEqual(engine.prober.legFrames(3), { sent: 2, received: 0 });
    assert.equal((await engine.sync(fabric({ origins }), steps({ origin: 4 }, KNOWN))).stores, 0);
    const many = Array.from({ length: 40 }, (_, i) => port(100 + i));
    assert.ok((await engine.sync(fabric({ origins }), steps({ origin: 4 }, KNOWN, ...many))).grown);
    engine.testRun(frame(), ifindex);
    assert.deepEqual(engine.prober.legFrames(4), { sent: 0, received: 3 });
    assert.deepEqual(engine.prober.legFrames(3), { sent: 3, received: 0 });
  },

  'frames of clients are counted for no leg': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}));
    engine.testRun(frame(), ifindex);
    assert.deepEqual(engine.prober.legFrames(1), { sent: 0, received: 0 });
  },

  'the same SYN for the third time raises the alarm, new ones never': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}));
    const alarms: SynAlarm[] = [];
    engine.prober.onAlarm((alarm) => alarms.push(alarm));
    for (let number = 0; number < 3000; number++) engine.testRun(segment(SYN, number * 7919, 1024 + number), ifindex);
    for (let time = 0; time < 5; time++) engine.testRun(segment(ACK), ifindex);
    for (let time = 0; time < 5; time++) engine.testRun(segment(SYN | ACK), ifindex);
    await setTimeout(50);
    assert.deepEqual(alarms, []);
    for (let time = 0; time < 4; time++) engine.testRun(segment(SYN), ifindex);
    await setTimeout(50);
    const { slot } = engine.testRun(segment(ACK), ifindex).trace;
    assert.deepEqual(alarms, [
      { leg: 3, slot, repeated: 3 },
      { leg: 3, slot, repeated: 4 },
    ]);
  },

  'a SYN that goes to another member is its first one there': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({ flags: 1, target: 1 }, KNOWN));
    engine.setPool(1, 3, 3);
    const alarms: SynAlarm[] = [];
    engine.prober.onAlarm((alarm) => alarms.push(alarm));
    for (let time = 0; time < 3; time++) engine.testRun(segment(SYN), ifindex);
    engine.setPool(1, 4, 4);
    for (let time = 0; time < 2; time++) engine.testRun(segment(SYN), ifindex);
    await setTimeout(50);
    assert.deepEqual(
      alarms.map(({ leg, repeated }) => [leg, repeated]),
      [[3, 3]],
    );
  },
};
