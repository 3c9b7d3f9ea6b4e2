/**
 * Many bridging devices, both ways: `unshare --net --mount node prober-bridges.ts PAIRS DEVICES ROUNDS INTERVAL_MS [gro]`.
 * Prints what was answered, how fast, and what it cost. `gro`: on at the devices, so that NICs take redirected frames.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Engine } from '../../src/dataplane/index.ts';
import type { ProbeFrame } from '../../src/dataplane/probe/prober-types.ts';
import { readNetwork } from '../../src/net/snapshot.ts';
import type { Fabric } from '../../src/plan/types.ts';
import { Limit } from '../../src/terms/constants.ts';
import { concat } from '../packets/bytes.ts';
import { ethernet } from '../packets/frame.ts';
import { steps } from './stage.ts';

const [pairs = 1, devices = 1, rounds = 1, interval = 50] = process.argv.slice(2, 6).map(Number);
const hasGro = process.argv[6] === 'gro';

function makeBridges(): void {
  const lines: string[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    lines.push(`link add br${pair} type bridge`, `link set br${pair} up`);
    for (const side of ['o', 'i']) {
      lines.push(`link add ${side}${pair} type veth peer name d${side}${pair}`);
      lines.push(`link set d${side}${pair} master br${pair} up`, `link set ${side}${pair} up`);
    }
  }
  execFileSync('sysctl', ['-qw', 'net.ipv6.conf.default.disable_ipv6=1']);
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
  if (!hasGro) return;
  for (let pair = 0; pair < pairs; pair++) {
    for (const side of ['o', 'i']) execFileSync('ethtool', ['-K', `d${side}${pair}`, 'gro', 'on']);
  }
}

const hex = (number: number): string =>
  `${(number >> 8).toString(16).padStart(2, '0')}:${(number & 0xff).toString(16).padStart(2, '0')}`;
/** The engine's own MAC on one side of a device. */
const own = (device: number, side: number): string => `02:00:0${side}:00:${hex(device)}`;

/** Legs of device n are 2n + 1 outside, 2n + 2 inside. */
const legOf = (device: number, side: number): number => 2 * device + side + 1;

async function fabricOf(): Promise<Fabric> {
  const { nics } = await readNetwork();
  const number = (device: number, side: number): number => 2 * (device % pairs) + side;
  const nic = (device: number, side: number) => nics.get(`${side === 0 ? 'o' : 'i'}${device % pairs}`)!;
  const both = Array.from({ length: devices }, (_, device) => [0, 1].map((side) => ({ device, side }))).flat();
  return {
    interfaces: Array.from({ length: pairs }, (_, pair) => [0, 1].map((side) => ({ pair, side })))
      .flat()
      .map(({ pair, side }) => ({
        number: number(pair, side),
        nic: nic(pair, side).name,
        ifindex: nic(pair, side).ifindex,
        mac: nic(pair, side).mac,
        mtu: 1500,
        segment: 0,
        segmentLookups: 0,
        egress: false,
      })),
    legs: both.map(({ device, side }) => ({
      leg: legOf(device, side),
      name: `b${device}.${side}`,
      mac: own(device, 1 - side),
      sourceMac: own(device, side),
      mtu: 1500,
      interfaceNumber: number(device, side),
      ifindex: nic(device, side).ifindex,
      vlans: [0, 0] as const,
    })),
    origins: both.map(({ device, side }) => ({
      interfaceNumber: number(device, side),
      vlans: [0, 0] as const,
      mac: own(device, 1 - side),
      leg: legOf(device, side),
      lookups: 0,
      bridged: true,
    })),
    pools: [],
    copysets: [],
    rewrites: [],
    names: [],
  };
}

function framesOf(fabric: Fabric, cookie: number): ProbeFrame[] {
  return fabric.legs.map(({ leg, ifindex, mac, sourceMac }) => {
    const mark = new Uint8Array(Uint32Array.of(Limit.PROBE_MAGIC, cookie, leg, 0, 0xffff_ffff, 0, 0, 0).buffer);
    const packet = { type: 0x88b5, bytes: concat(mark, new Uint8Array(14)) };
    const bytes = ethernet({ to: mac!, from: sourceMac }, packet);
    const arrivesFrom = leg % 2 === 1 ? leg + 1 : leg - 1;
    return { id: leg, kind: 'marked', bytes, ifindex, arrivesFrom, offset: 14 };
  });
}

makeBridges();
const runDirectory = mkdtempSync(join(tmpdir(), 'hopline-'));
const instance = `hpb${process.pid}`;
const engine = await Engine.open({
  instance,
  runDirectory,
  objectPath: '.output/hopline.bpf.o',
  sizes: { probes: 2 * devices },
});
try {
  const fabric = await fabricOf();
  await engine.sync(fabric, steps());
  for (const { nic, ifindex } of fabric.interfaces) await engine.attach({ name: nic, ifindex }, 'native');
  const { prober } = engine;
  prober.define(framesOf(fabric, prober.cookie), { v4: '192.0.0.8', v6: '100::8' });
  const ids = Uint32Array.from(fabric.legs, ({ leg }) => leg);
  await setTimeout(100);
  const took: number[] = [];
  const calls: number[] = [];
  let answered = 0;
  const before = process.resourceUsage();
  const start = performance.now();
  for (let round = 1; round <= rounds; round++) {
    const begin = performance.now();
    await prober.send(ids);
    calls.push(performance.now() - begin);
    await setTimeout(Math.max(1, start + round * interval - performance.now()));
    for (const id of ids) {
      const answer = prober.answer(id);
      if (answer.answered !== answer.sent || answer.sent === 0) continue;
      answered++;
      took.push((answer.answeredAt - answer.sentAt) / 1e6);
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const after = process.resourceUsage();
  const cpu = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6;
  took.sort((a, b) => a - b);
  calls.sort((a, b) => a - b);
  const unsent = ids.reduce((sum, id) => sum + prober.unsent(id), 0);
  const report = {
    sent: rounds * ids.length,
    answered,
    unsent,
    sentLive: prober.sentLive,
    tookMs: { p50: took[took.length >> 1], max: took.at(-1) },
    callMs: { min: calls[0], p50: calls[calls.length >> 1], max: calls.at(-1) },
    cpu: cpu / seconds,
  };
  console.log(JSON.stringify(report));
} finally {
  await engine.destroy();
  rmSync(runDirectory, { recursive: true });
}
