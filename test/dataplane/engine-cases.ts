/** Cases for the kernel: each is run in a process inside a network namespace of its own; see engine.test.ts. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { firstBucket, hashKey, secondBucket } from '../../src/dataplane/codec/hash.ts';
import { CapacityError, type Engine, inspect } from '../../src/dataplane/index.ts';
import { BpfMap } from '../../src/libbpf/index.ts';
import { IMAGE_WORDS } from '../../src/plan/types.ts';
import { frame, leg, OBJECT, port, type Stage, steps } from './stage.ts';

const FORWARDED = 1;
const COPIED = 2;
const UNDEFINED_PORT = 19;
const KNOWN = { direction: 5, origin: 0, protocol: 0, ports: { from: 0, to: 0 }, target: 0, service: 0, known: 1 };

const reasonOf = (engine: Engine, ifindex: number, destinationPort = 80): number =>
  engine.testRun(frame(destinationPort), ifindex).trace.reason;

const send = (engine: Engine, ifindex: number, times: number): void => {
  for (let i = 0; i < times; i++) engine.testRun(frame(), ifindex);
};

const packetsOf = (engine: Engine): number =>
  engine.counters().steps.packets.reduce<number>((sum, packets) => sum + Number(packets), 0);

/** Every byte of every mapped table but the counters of verdicts. */
function memoryOf(instance: string): string {
  const names = ['interface_index', 'interfaces', 'origins', 'steps', 'slots', 'legs', 'pools', 'addresses', 'journal'];
  return names
    .map((name) => {
      const map = BpfMap.open(`/sys/fs/bpf/hopline/${instance}/current/${name}`);
      const bytes = Buffer.from(map.mmap()).toString('base64');
      map.close();
      return bytes;
    })
    .join();
}

/** A device on the first NIC. */
const SENDER = { interfaceNumber: 0, vlans: [0, 0] as const, lookups: 0xfff, bridged: false };

/** More ports than fit, all of the first of four buckets. */
function inOneBucket(count: number): ReturnType<typeof port>[] {
  const all = Array.from({ length: 2000 }, (_, i) => port(3000 + i)).filter((row) => {
    const hash = hashKey(steps(row).words, 0);
    return firstBucket(hash, 4) === 0 && secondBucket(hash, 4) === 0;
  });
  return all.slice(0, count);
}

/** What became of the packets that watcher.ts sent meanwhile. */
async function watched(
  { instance, ifindex }: Pick<Stage, 'instance' | 'ifindex'>,
  change: () => Promise<unknown>,
): Promise<Record<string, Record<number, number>>> {
  const script = new URL('watcher.ts', import.meta.url).pathname;
  const watcher = spawn(process.execPath, [script, instance, String(ifindex)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: watcher.stdout })[Symbol.asyncIterator]();
  await lines.next();
  await change();
  watcher.stdin.end();
  return JSON.parse((await lines.next()).value!) as Record<string, Record<number, number>>;
}

export const cases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'a published step is what the program finds, and counts': async ({ open, fabric, ifindex, other }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}, KNOWN));
    const { verdict, trace, frame: out } = engine.testRun(frame(), ifindex);
    assert.equal(verdict, 4);
    assert.deepEqual(
      { ...trace, slot: 0 },
      { origin: 1, slot: 0, target: 3, copyset: 0, reason: FORWARDED, direction: 1, exactness: 0, ifindex: other },
    );
    assert.equal(Buffer.from(out.subarray(0, 12)).toString('hex'), '020000000a03020000000002');
    const { steps: rows, legs, verdicts } = engine.counters();
    assert.deepEqual([rows.rows, rows.service[0], rows.target[0], rows.packets[0], rows.bytes[0]], [1, 7, 3, 1, 54]);
    assert.deepEqual(
      legs.find(({ leg: number }) => number === 3),
      { leg: 3, packets: 1, bytes: 54 },
    );
    assert.deepEqual(verdicts, [{ interfaceNumber: 0, reason: FORWARDED, packets: 1 }]);
  },

  'a port range is found at both ends and nowhere else': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    await engine.sync(
      fabric(),
      steps(KNOWN, { ports: { from: 1025, to: 1125 } }, { ports: { from: 1126, to: 1300 }, target: 4 }),
    );
    const found = [1024, 1025, 1125, 1126, 1300, 1301].map((each) => engine.testRun(frame(each), ifindex).trace.target);
    assert.deepEqual(found, [0, 3, 3, 4, 4, 0]);
    const report = await engine.sync(fabric(), steps(KNOWN, { ports: { from: 1025, to: 1200 } }));
    assert.deepEqual([report.created, report.removed], [1, 2]);
    await engine.settle();
    const after = [1024, 1025, 1125, 1126, 1200, 1201].map((each) => engine.testRun(frame(each), ifindex).trace.target);
    assert.deepEqual(after, [0, 3, 3, 3, 3, 0]);
  },

  'a range that comes back while it leaves has all its ports again': async ({ open, fabric, ifindex }) => {
    const [narrow, wide] = [{ ports: { from: 1000, to: 1999 } }, { ports: { from: 1000, to: 2999 } }];
    const engine = await open({ drainMs: 100 });
    await engine.sync(fabric(), steps(narrow, KNOWN));
    await engine.change(fabric(), steps(narrow), steps(wide));
    await engine.change(fabric(), steps(wide), steps(narrow));
    await engine.settle();
    const found = [999, 1000, 1010, 1500, 1999, 2000].map((each) => reasonOf(engine, ifindex, each));
    assert.deepEqual(found, [UNDEFINED_PORT, FORWARDED, FORWARDED, FORWARDED, FORWARDED, UNDEFINED_PORT]);
  },

  'a range that a killed controller left half replaced gets all its ports': async ({ open, fabric, ifindex }) => {
    const [narrow, wide] = [{ ports: { from: 1000, to: 1999 } }, { ports: { from: 1024, to: 1535 } }];
    const first = await open({ drainMs: 10_000 });
    await first.sync(fabric(), steps(narrow, KNOWN));
    await first.change(fabric(), steps(narrow), steps(wide));
    await first.close();
    const second = await open();
    await second.sync(fabric(), steps(narrow, KNOWN));
    await second.settle();
    const found = [1000, 1024, 1535, 1999].map((each) => reasonOf(second, ifindex, each));
    assert.deepEqual(found, [FORWARDED, FORWARDED, FORWARDED, FORWARDED]);
  },

  'a change that fails leaves the prefixes of a range to it': async ({ open, fabric, ifindex }) => {
    const engine = await open({ sizes: { slots: 16 }, limits: { slots: 16 } });
    const [narrow, wide] = [{ ports: { from: 1000, to: 1999 } }, { ports: { from: 1000, to: 2999 } }];
    await engine.sync(fabric(), steps(narrow));
    await assert.rejects(engine.sync(fabric(), steps(wide, ...inOneBucket(9))), CapacityError);
    await engine.settle();
    assert.deepEqual(
      [1000, 1010, 1999].map((each) => reasonOf(engine, ifindex, each)),
      [FORWARDED, FORWARDED, FORWARDED],
    );
  },

  'the slot of a range that was replaced serves something else without a trace': async ({ open, fabric }) => {
    const engine = await open({ sizes: { slots: 8 }, limits: { slots: 8 } });
    const range = (target: number) => ({ ports: { from: 1000, to: 1999 }, target });
    for (let i = 0; i < 12; i++) {
      await engine.sync(fabric(), steps(range(3 + (i % 2)), KNOWN, port(2000 + i)));
      await engine.settle();
    }
    assert.equal(engine.steps().count, 3);
    const places = [...engine.dump('steps')].flatMap(({ value }) => value.steps as { fingerprint: number }[]);
    assert.equal(places.filter(({ fingerprint }) => fingerprint !== 0).length, 2);
  },

  'the same once more writes nothing': async ({ open, fabric }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}, KNOWN));
    await engine.settle();
    const {
      created,
      replaced,
      removed,
      kept,
      fabric: written,
      stores,
      syscalls,
    } = await engine.sync(fabric(), steps({}, KNOWN));
    assert.deepEqual(
      { created, replaced, removed, kept, written, stores, syscalls },
      { created: 0, replaced: 0, removed: 0, kept: 2, written: 0, stores: 0, syscalls: 0 },
    );
  },

  'changing one service of a thousand touches its own steps only': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    const all = Array.from({ length: 1000 }, (_, i) => ({ ...port(1000 + i), service: i + 1 }));
    await engine.sync(fabric(), steps(...all));
    await engine.settle();
    const before = new Map([...engine.dump('slots')].map(({ key, value }) => [key, JSON.stringify(value)]));
    const report = await engine.change(fabric(), steps(all[500]!), steps({ ...all[500]!, target: 4 }));
    assert.deepEqual(
      [report.replaced, report.created, report.removed, report.stores, report.syscalls],
      [1, 0, 0, 1, 0],
    );
    assert.equal(engine.testRun(frame(1500), ifindex).trace.target, 4);
    await engine.settle();
    const changed = [...engine.dump('slots')].filter(
      ({ key, value }) => before.get(key as number) !== JSON.stringify(value),
    );
    assert.equal(changed.length, 1);
  },

  'a removed step serves until its time is over': async ({ open, fabric, ifindex }) => {
    const engine = await open({ drainMs: 100 });
    await engine.sync(fabric(), steps({}, KNOWN));
    await engine.change(fabric(), steps({}), steps());
    assert.equal(reasonOf(engine, ifindex), FORWARDED);
    await engine.settle();
    assert.equal(reasonOf(engine, ifindex), UNDEFINED_PORT);
    assert.equal(packetsOf(engine), 1);
  },

  'a step that is asked for again stays': async ({ open, fabric, ifindex }) => {
    const engine = await open({ drainMs: 100 });
    await engine.sync(fabric(), steps({}, KNOWN));
    await engine.change(fabric(), steps({}), steps());
    const report = await engine.change(fabric(), steps(), steps({}));
    assert.deepEqual([report.kept, report.created], [1, 0]);
    await engine.settle();
    assert.equal(reasonOf(engine, ifindex), FORWARDED);
  },

  'counts are exact over replacements and restarts': async ({ open, fabric, ifindex }) => {
    let engine = await open();
    for (let i = 0; i < 10; i++) {
      await engine.sync(fabric(), steps({ target: 3 + (i % 2) }, KNOWN));
      send(engine, ifindex, 5);
      if (i === 6) {
        await engine.close();
        engine = await open();
      }
    }
    await engine.settle();
    assert.equal(packetsOf(engine), 50);
    assert.equal(
      engine.serviceCounters(7).bytes.reduce<number>((sum, bytes) => sum + Number(bytes), 0),
      50 * 54,
    );
  },

  'who gets the number of a service, leg or interface that is gone begins at 0': async ({ open, fabric, ifindex }) => {
    const named = (name: string) => [1, 2, 5].map((kind) => ({ kind, id: kind === 5 ? 0 : kind === 2 ? 3 : 7, name }));
    const engine = await open({ sizes: { slots: 16 } });
    await engine.sync(fabric({ names: named('old') }), steps({}, KNOWN));
    send(engine, ifindex, 5);
    const many = Array.from({ length: 3000 }, (_, i) => port(1000 + i));
    const { grown } = await engine.sync(fabric({ names: named('old') }), steps(KNOWN, ...many));
    await engine.settle();
    assert.deepEqual([grown, packetsOf(engine)], [true, 5]);
    await engine.sync(fabric({ names: [], legs: [], interfaces: fabric().interfaces.slice(1) }), steps());
    await engine.settle();
    await engine.sync(fabric({ names: named('new') }), steps({}, KNOWN));
    send(engine, ifindex, 1);
    const { legs, verdicts } = engine.counters();
    assert.equal(
      engine.serviceCounters(7).packets.reduce<number>((sum, packets) => sum + Number(packets), 0),
      1,
    );
    assert.deepEqual(
      legs.find(({ leg: number }) => number === 3),
      { leg: 3, packets: 1, bytes: 54 },
    );
    assert.deepEqual(verdicts, [{ interfaceNumber: 0, reason: FORWARDED, packets: 1 }]);
  },

  'a leg or pool that is gone stays named while its service has counted under it': async ({
    open,
    fabric,
    ifindex,
  }) => {
    const names = [
      { kind: 1, id: 7, name: 'web' },
      { kind: 2, id: 3, name: 'app1.only' },
      { kind: 2, id: 4, name: 'app2.only' },
      { kind: 3, id: 1, name: 'servers' },
    ];
    const kept = (...ids: number[]) => names.filter(({ kind, id }) => kind === 1 || (kind === 2 && ids.includes(id)));
    const named = (engine: Engine) => [engine.isNamed(2, 3), engine.isNamed(2, 4), engine.isNamed(3, 1)];
    const legs = fabric().legs.slice(1);
    const first = await open();
    await first.sync(fabric({ names }), steps({}, KNOWN));
    send(first, ifindex, 5);
    await first.sync(fabric({ names }), steps({ target: 1, flags: 1 }, KNOWN));
    send(first, ifindex, 2);
    const last = { fabric: fabric({ names: kept(4), legs, pools: [] }), steps: steps({ target: 4 }, KNOWN) };
    await first.sync(last.fabric, last.steps);
    await first.settle();
    assert.deepEqual([named(first), packetsOf(first)], [[true, true, true], 7]);
    await first.close();
    const second = await open();
    await second.sync(last.fabric, last.steps);
    await second.settle();
    assert.deepEqual([named(second), packetsOf(second)], [[true, true, true], 7]);
    await second.change(
      fabric({ names: [{ kind: 2, id: 4, name: 'app2.only' }], legs, pools: [] }),
      last.steps,
      steps(KNOWN),
    );
    await second.settle();
    assert.deepEqual([named(second), packetsOf(second)], [[false, true, false], 0]);
  },

  'changes that follow each other without end are cleaned up after all the same': async ({ open, fabric }) => {
    const engine = await open({ drainMs: 100, drainAllMs: 400 });
    const old = { kind: 1, id: 9, name: 'old' };
    await engine.sync(fabric({ names: [old] }), steps(port(1)));
    let settled = false;
    for (let i = 1; i < 60 && !settled; i++) {
      await engine.change(fabric({ names: [] }), steps(port(i)), steps(port(i + 1)));
      if (i === 1) void engine.settle().then(() => (settled = true));
      await wait(20);
    }
    assert.deepEqual([settled, engine.isNamed(1, 9)], [true, false]);
  },

  'a restart finds steps, names and addresses and keeps every one': async ({ open, fabric, ifindex }) => {
    const first = await open();
    const wanted = steps({}, KNOWN, { ports: { from: 1025, to: 1125 } });
    await first.sync(fabric(), wanted);
    await first.close();
    const second = await open();
    assert.deepEqual(second.names(), fabric().names);
    assert.deepEqual(second.rewrites(), fabric().rewrites);
    assert.equal(second.steps().count, 3);
    assert.equal(reasonOf(second, ifindex), FORWARDED);
    const report = await second.sync(fabric(), wanted);
    assert.deepEqual([report.kept, report.created, report.replaced, report.stores], [3, 0, 0, 0]);
  },

  'a limit refuses what is too much and every byte stays': async ({ open, fabric, instance }) => {
    const engine = await open({ sizes: { slots: 8 }, limits: { slots: 8 } });
    await engine.sync(fabric(), steps({}, KNOWN));
    await engine.settle();
    const before = memoryOf(instance);
    const many = Array.from({ length: 20 }, (_, i) => port(1000 + i));
    await assert.rejects(engine.sync(fabric({ pools: [] }), steps(...many)), (error: unknown) => {
      return error instanceof CapacityError && /slots: .* 8 .*raise the limit/.test(error.message);
    });
    assert.equal(memoryOf(instance), before);
  },

  'what was done before a bucket was full is taken back': async ({ open, fabric, instance }) => {
    const engine = await open({ sizes: { slots: 16 }, limits: { slots: 16 } });
    await engine.sync(fabric(), steps({}));
    await engine.settle();
    const before = memoryOf(instance);
    const buckets = 4;
    const sameBucket = Array.from({ length: 2000 }, (_, i) => port(2000 + i)).filter((row) => {
      const hash = hashKey(steps(row).words, 0);
      return firstBucket(hash, buckets) === 0 && secondBucket(hash, buckets) === 0;
    });
    const wanted = steps({ target: 4 }, ...sameBucket.slice(0, 9));
    await assert.rejects(engine.sync(fabric(), wanted), CapacityError);
    await engine.settle();
    assert.equal(memoryOf(instance), before);
  },

  'tables grow, and nothing that was sent meanwhile is lost': async ({ open, fabric, ifindex, instance }) => {
    const engine = await open({ sizes: { slots: 16, names: 2 } });
    await engine.attach({ name: 'v0', ifindex }, 'native');
    await engine.sync(fabric(), steps({}, KNOWN));
    const beside = inspect({ instance });
    let sent = 0;
    let isGrowing = true;
    const load = (async () => {
      while (isGrowing) {
        const { trace } = engine.testRun(frame(), ifindex);
        assert.equal(trace.reason, FORWARDED);
        sent++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const many = Array.from({ length: 3000 }, (_, i) => port(1000 + i));
    const names = Array.from({ length: 3000 }, (_, i) => ({ kind: 1, id: i + 1, name: `service ${i}` }));
    const report = await engine.sync(fabric({ names }), steps({}, KNOWN, ...many));
    isGrowing = false;
    await load;
    await engine.settle();
    assert.deepEqual([report.grown, report.created, report.kept], [true, 3000, 2]);
    assert.equal(packetsOf(engine), sent);
    assert.equal(beside.counters().steps.packets[0], sent);
    const { legs, verdicts } = engine.counters();
    assert.equal(legs.find(({ leg: number }) => number === 3)?.packets, sent);
    assert.equal(verdicts.find(({ reason }) => reason === FORWARDED)?.packets, sent);
    assert.equal(engine.attachments()[0]?.mode, 'native');
    assert.equal(reasonOf(engine, ifindex, 3999), FORWARDED);
    assert.equal(engine.names().length, 3000);
    await beside.close();
  },

  'who reads beside never finds tables missing while they grow': async ({ open, fabric, ifindex, instance }) => {
    const engine = await open({ sizes: { slots: 60_000 } });
    await engine.sync(fabric(), steps({}, KNOWN));
    const many = Array.from({ length: 70_000 }, (_, i) => ({
      ...port(1 + (i % 60_000)),
      origin: 20 + Math.floor(i / 60_000),
    }));
    const reasons = await watched({ instance, ifindex }, async () => {
      assert.equal((await engine.sync(fabric(), steps({}, KNOWN, ...many))).grown, true);
    });
    assert.deepEqual(Object.keys(reasons.client!), [String(FORWARDED)]);
  },

  'a controller killed while tables grow leaves it to the next, with exact counts': async (stage) => {
    const { open, fabric, ifindex } = stage;
    const engine = await open({ sizes: { slots: 16 } });
    await engine.attach({ name: 'v0', ifindex }, 'native');
    await engine.sync(fabric(), steps({}, KNOWN));
    send(engine, ifindex, 7);
    await engine.close();
    await growAndDie(stage);
    const next = await open();
    assert.equal(packetsOf(next), 7);
    send(next, ifindex, 3);
    assert.equal(packetsOf(next), 10);
    assert.equal(next.status().tables.find(({ name }) => name === 'slots')!.maxEntries > 1000, true);
    assert.equal(next.attachments()[0]?.mode, 'native');
  },

  'a pool moves by one store': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({ flags: 1, target: 1 }, KNOWN));
    assert.equal(engine.testRun(frame(), ifindex).trace.target, 3);
    engine.setPool(1, 4, 4);
    assert.equal(engine.testRun(frame(), ifindex).trace.target, 4);
    assert.deepEqual(engine.pool(1), { outside: 4, inside: 4 });
  },

  'a pool turns to a new member when its steps are there': async ({ open, fabric, ifindex, instance }) => {
    const engine = await open({ sizes: { slots: 60_000 } });
    const member = (number: number) => ({ ...SENDER, mac: `02:00:00:00:0a:0${number}`, leg: number });
    const many = Array.from({ length: 20_000 }, (_, i) => port(100 + i));
    const from = (origin: number) => [...many, port(80)].map((each) => ({ ...each, origin }));
    await engine.sync(fabric({ origins: [member(3)] }), steps(port(80), ...from(3), KNOWN));
    const pools = [{ pool: 1, name: 'servers', outside: 4, inside: 4 }];
    const reasons = await watched({ instance, ifindex }, () =>
      engine.sync(fabric({ origins: [member(3), member(4)], pools }), steps(port(80), ...from(3), ...from(4), KNOWN)),
    );
    assert.deepEqual(engine.pool(1), { outside: 4, inside: 4 });
    assert.deepEqual(Object.keys(reasons.member!), [String(FORWARDED)]);
  },

  'an interface and a device with another name lose nothing': async ({ open, fabric, ifindex, instance }) => {
    const engine = await open({ sizes: { slots: 120_000 } });
    const named = (segment: number, leg: number) =>
      fabric({
        interfaces: fabric().interfaces.map((each) => ({ ...each, segment: each.segment === 1 ? segment : 2 })),
        origins: [{ ...SENDER, mac: '02:00:00:00:0a:03', leg }],
      });
    const many = Array.from({ length: 20_000 }, (_, i) => port(100 + i));
    const from = (...origins: number[]) =>
      origins.flatMap((origin) => [...many, port(80)].map((each) => ({ ...each, origin })));
    await engine.sync(named(1, 3), steps(...from(1, 3), KNOWN));
    const reasons = await watched({ instance, ifindex }, () => engine.sync(named(9, 8), steps(...from(9, 8), KNOWN)));
    assert.deepEqual([Object.keys(reasons.client!), Object.keys(reasons.member!)], [['1'], ['1']]);
    await engine.settle();
    assert.equal(engine.testRun(frame(), ifindex).trace.origin, 9);
  },

  'a pool stored while a change is under way keeps its value': async ({ open, fabric }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}));
    const pools = [{ pool: 1, name: 'servers', outside: 4, inside: 4 }];
    const change = engine.sync(fabric({ pools }), steps({}, port(81)));
    engine.setPool(1, 3, 4);
    await change;
    assert.deepEqual(engine.pool(1), { outside: 3, inside: 4 });
    await engine.sync(fabric({ pools }), steps({}));
    assert.deepEqual(engine.pool(1), { outside: 4, inside: 4 });
  },

  'a pool stored while tables grow keeps its value, be it nobody': async ({ open, fabric }) => {
    const engine = await open({ sizes: { slots: 16 } });
    await engine.sync(fabric(), steps({}));
    const many = Array.from({ length: 400 }, (_, i) => port(100 + i));
    const change = engine.sync(fabric(), steps({}, ...many));
    engine.setPool(1, 0, 0);
    assert.ok((await change).grown);
    assert.deepEqual(engine.pool(1), { outside: 0, inside: 0 });
  },

  'a change that fails moves no pool back': async ({ open, fabric }) => {
    const engine = await open({ sizes: { slots: 16 }, limits: { slots: 16 } });
    await engine.sync(fabric(), steps({}));
    engine.setPool(1, 4, 4);
    await assert.rejects(engine.sync(fabric(), steps(...inOneBucket(9))), CapacityError);
    assert.deepEqual(engine.pool(1), { outside: 4, inside: 4 });
  },

  'another MAC of a leg is one store per CPU, and packets take it': async ({ open, fabric, ifindex, other }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}));
    const legs = [leg(3, other, { mac: '02:00:00:00:0b:0b' }), leg(4, other)];
    const report = await engine.change(fabric({ legs }), steps(), steps());
    assert.deepEqual([report.fabric, report.stores], [1, engine.status().cpus]);
    const { frame: out } = engine.testRun(frame(), ifindex);
    assert.equal(Buffer.from(out.subarray(0, 6)).toString('hex'), '020000000b0b');
  },

  'senders beyond an interface entry are found, and so are tagged segments': async ({ open, fabric, ifindex }) => {
    const engine = await open();
    const macs = ['11', '12', '13', '14', '15', '16'];
    const origin = { interfaceNumber: 0, vlans: [0, 0] as const, lookups: 0xfff, bridged: false };
    const tagged = { ...origin, vlans: [7, 0] as const, mac: null, leg: 40 };
    const origins = macs.map((mac, i) => ({ ...origin, mac: `02:00:00:00:00:${mac}`, leg: 20 + i }));
    const originOf = (bytes: Uint8Array) => engine.testRun(bytes, ifindex).trace.origin;
    const all = () => [
      ...macs.map((mac) => originOf(frame(80, `0200000000${mac}`))),
      originOf(frame()),
      originOf(frame(80, undefined, '81000007')),
    ];
    await engine.sync(fabric({ origins: [...origins, tagged] }), steps());
    assert.deepEqual(all(), [20, 21, 22, 23, 24, 25, 1, 40]);
    await engine.sync(fabric({ origins: origins.slice(0, 3) }), steps());
    await engine.settle();
    assert.deepEqual(all(), [20, 21, 22, 1, 1, 1, 1, 0]);
    assert.equal([...engine.dump('origins')].length, 0);
  },

  'a packet with copies is broadcast through its group': async ({ open, fabric, ifindex, other }) => {
    const engine = await open();
    const main = { ifindex: other, interfaceNumber: 1 };
    const copysets = [
      {
        copyset: 1,
        name: 'ids1',
        taps: [
          { leg: 4, ...main },
          { leg: 3, ...main },
        ],
        mains: [main],
      },
    ];
    const wanted = steps({ flags: 1 << 4, copyset: 1 });
    await engine.sync(fabric({ copysets }), wanted);
    const { trace } = engine.testRun(frame(), ifindex);
    assert.deepEqual([trace.reason, trace.copyset], [COPIED, 1]);
    const tapOf = (index: number) => engine.get('copies', { copyset: 1, ifindex: other, index })?.value.leg;
    assert.deepEqual([tapOf(0), tapOf(1), tapOf(2)], [4, 3, undefined]);
    await engine.close();
    const again = await open();
    const report = await again.sync(fabric({ copysets }), wanted);
    assert.equal(report.fabric, 0);
    await again.sync(fabric(), steps({}));
    await again.settle();
    assert.deepEqual([[...again.dump('groups')].length, [...again.dump('copies')].length], [0, 0]);
  },

  'another build takes over the tables as they are, the same one does nothing': async (stage) => {
    const { open, fabric, ifindex, runDirectory } = stage;
    const engine = await open();
    await engine.attach({ name: 'v0', ifindex }, 'native');
    await engine.sync(fabric(), steps({}, KNOWN));
    send(engine, ifindex, 3);
    assert.equal(await engine.upgrade(OBJECT), false);
    const [before] = engine.attachments();
    assert.equal(await engine.upgrade(otherBuild(runDirectory)), true);
    const [after] = engine.attachments();
    assert.notEqual(after!.programId, before!.programId);
    send(engine, ifindex, 4);
    assert.equal(packetsOf(engine), 7);
  },

  'a NIC that is gone is named, and what is there goes on': async ({ open, fabric, ifindex, instance }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}, KNOWN));
    await engine.settle();
    const before = memoryOf(instance);
    const { interfaces } = fabric();
    const gone = { ...interfaces[1]!, number: 2, nic: 'v9', ifindex: 999 };
    await assert.rejects(
      engine.sync(fabric({ interfaces: [...interfaces, gone], pools: [] }), steps({ target: 4 })),
      /interface v9: there is no NIC with ifindex 999/,
    );
    await engine.settle();
    assert.equal(memoryOf(instance), before);
    assert.equal(reasonOf(engine, ifindex), FORWARDED);
  },

  'a NIC is attached once, in the mode asked for, and detached': async ({ open, ifindex, other }) => {
    const engine = await open();
    const nic = { name: 'v0', ifindex };
    const first = await engine.attach(nic, 'auto');
    assert.deepEqual([first.mode, first.changed], ['native', true]);
    assert.equal((await engine.attach(nic, 'auto')).changed, false);
    assert.equal((await engine.attach(nic, 'generic')).mode, 'generic');
    await assert.rejects(engine.attach({ name: 'gone', ifindex: 999 }, 'auto'), /no such|ENODEV|No such/i);
    assert.equal(await engine.detach({ ifindex: other }), false);
    assert.equal(await engine.detach(nic), true);
    assert.deepEqual(engine.attachments(), []);
  },

  'a second writer is told who the first is': async ({ open }) => {
    await open();
    await assert.rejects(open(), new RegExp(`process ${process.pid} holds it`));
  },

  'the lock goes with a killed process, its tables stay': async ({ open, instance, runDirectory }) => {
    const child = spawn(
      process.execPath,
      ['--input-type=module-typescript', '-e', holdScript(instance, runDirectory)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await assert.rejects(open(), new RegExp(`process ${child.pid} holds it`));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const engine = await open();
    assert.equal(engine.names().length, 0);
  },

  'tables of another layout are refused and left alone': async ({ open, instance }) => {
    const engine = await open();
    engine.set('layout', 0, { ...engine.get('layout', 0)!.value, version: 99 });
    await engine.close();
    const before = memoryOf(instance);
    await assert.rejects(open(), /layout 99, this program knows/);
    assert.throws(() => inspect({ instance }), /layout 99/);
    assert.equal(memoryOf(instance), before);
  },

  'what is no BPF file system is refused': async ({ open, runDirectory }) => {
    await assert.rejects(open({ pinRoot: runDirectory }), /no BPF file system \(mount -t bpf/);
    await assert.rejects(open({ pinRoot: '/nowhere' }), /no BPF file system \(mkdir -p \/nowhere && mount/);
  },

  'a read-only BPF file system is refused, what is there stays': async ({ open, fabric, ifindex, runDirectory }) => {
    const pinRoot = `${runDirectory}/bpf`;
    mkdirSync(pinRoot);
    execFileSync('mount', ['-t', 'bpf', 'bpf', pinRoot]);
    try {
      const engine = await open({ pinRoot });
      await engine.sync(fabric(), steps({}));
      await engine.close();
      execFileSync('mount', ['-o', 'remount,ro', pinRoot]);
      await assert.rejects(open({ pinRoot }), /read-only .*forwarding goes on/);
      execFileSync('mount', ['-o', 'remount,rw', pinRoot]);
      const again = await open({ pinRoot });
      assert.equal(reasonOf(again, ifindex), FORWARDED);
      await again.close();
    } finally {
      execFileSync('umount', [pinRoot]);
      rmSync(pinRoot, { recursive: true });
    }
  },

  'entries are read and written by name': async ({ open, fabric }) => {
    const engine = await open();
    await engine.sync(fabric(), steps({}, KNOWN));
    assert.equal(engine.get('legs', 3)?.value.mac, '02:00:00:00:0a:03');
    engine.set('pools', 1, { outside: 4, inside: 4 });
    assert.deepEqual(engine.pool(1), { outside: 4, inside: 4 });
    assert.equal(engine.get('names', { kind: 2, id: 3 })?.value.text, 'app1.only');
    assert.equal(engine.delete('names', { kind: 2, id: 3 }), true);
    assert.equal(engine.get('names', { kind: 2, id: 3 }), undefined);
    assert.throws(() => engine.dump('nothing')[Symbol.iterator]().next(), /there are addresses/);
    const used = engine.tables().find(({ name }) => name === 'slots')!.used;
    assert.equal(used, 2);
    assert.equal(engine.steps().words.length, 2 * IMAGE_WORDS);
  },
};

/** The same program, optimised otherwise. */
function otherBuild(directory: string): string {
  const path = `${directory}/other.bpf.o`;
  const root = new URL('../..', import.meta.url).pathname;
  const machine = execFileSync('uname', ['-m']).toString().trim();
  const includes = ['-Imaps', '-Ibpf', `-I/usr/include/${machine}-linux-gnu`];
  const options = ['-O3', '-g', '-target', 'bpf', '-mcpu=v3', ...includes];
  execFileSync('clang', [...options, '-c', 'bpf/hopline.bpf.c', '-o', path], { cwd: root });
  return path;
}

const SOURCE = new URL('../../src/dataplane/index.ts', import.meta.url).href;

const holdScript = (instance: string, runDirectory: string): string => `
  const { Engine } = await import('${SOURCE}');
  await Engine.open(${JSON.stringify({ instance, runDirectory, objectPath: OBJECT })});
  console.log('open');
  setInterval(() => {}, 1000);`;

/** A process that is killed when the larger tables are filled and the NICs have not moved yet. */
async function growAndDie({ instance }: Stage): Promise<void> {
  const folder = new URL('../../src/dataplane/', import.meta.url).href;
  const script = `
    const { growGeneration } = await import('${folder}publish/generations.ts');
    const { InstanceDirectory } = await import('${folder}instance-directory.ts');
    const { Links } = await import('${folder}links.ts');
    const { TableSet } = await import('${folder}tables/table-set.ts');
    const directory = new InstanceDirectory('/sys/fs/bpf', '${instance}');
    const old = TableSet.open(directory.current);
    const sizes = { ...old.sizes, slots: 1000 };
    const onFilled = () => process.kill(process.pid, 'SIGKILL');
    await growGeneration({ directory, links: new Links(directory), objectPath: '${OBJECT}', old, sizes, onFilled });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'inherit' });
  const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
  assert.equal(signal, 'SIGKILL');
}
