/**
 * The watcher on a real engine, around real devices: `unshare --net --mount node devices-runner.ts trials COUNT INTERVAL`
 * hurts each in every way and prints how long the move took; `... calm SECONDS` hurts nobody and prints what was told.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Engine } from '../../../src/dataplane/index.ts';
import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { targetWord } from '../../../src/health/machine/event.ts';
import type { ToldEvent } from '../../../src/health/types.ts';
import { Watcher } from '../../../src/health/watcher/watcher.ts';
import { readDefinitions } from '../../../src/model/read/read.ts';
import type { Model } from '../../../src/model/types.ts';
import { NetworkMonitor } from '../../../src/net/monitor.ts';
import { readNetwork } from '../../../src/net/snapshot.ts';
import { allSteps, compile } from '../../../src/plan/compile.ts';
import { Registry } from '../../../src/plan/registry.ts';
import type { HealthSpec } from '../../../src/terms/health/spec.ts';
import { type Box, bridge, faults, macOf, router, server } from './living-devices.ts';

const [what = 'trials', first = '3', interval = '50'] = process.argv.slice(2);

const DEFINITIONS = `
interfaces:
  e1: {faces: clients}
${[2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((number) => `  e${number}: {faces: devices}`).join('\n')}
devices:
  ips1: {kind: inline, forwards: bridge, legs: {outside: {interface: e2}, inside: {interface: e3}}}
  ips2: {kind: inline, forwards: bridge, legs: {outside: {interface: e4}, inside: {interface: e5}}}
  fw1: {kind: inline, legs: {outside: {interface: e6, mac: "${macOf(6)}"}, inside: {interface: e7, mac: "${macOf(7)}"}}}
  fw2: {kind: inline, legs: {outside: {interface: e8, mac: "${macOf(8)}"}, inside: {interface: e9, mac: "${macOf(9)}"}}}
  web1: {kind: server, mode: nat, address: 10.10.0.2, legs: {only: {interface: e10, mac: "${macOf(10)}"}}}
  web2: {kind: server, mode: nat, address: 10.11.0.2, legs: {only: {interface: e11, mac: "${macOf(11)}"}}}
pools:
  bridges: {members: [ips1, ips2]}
  firewalls: {members: [fw1, fw2]}
  webs: {members: [web1, web2], health: {interval: ${interval}ms}}
services:
  shop: {address: 198.51.100.10, protocol: tcp, port: 80, sequence: [bridges, firewalls, webs: {port: 8080}]}
health: {interval: ${interval}ms}
`;

const LEGS: Record<string, readonly [a: string, b: string]> = {
  ips1: ['d2', 'd3'],
  ips2: ['d4', 'd5'],
  fw1: ['d6', 'd7'],
  fw2: ['d8', 'd9'],
  web1: ['d10', 'd10'],
  web2: ['d11', 'd11'],
};

/** Members as they are hurt: pool, how, whether the network itself tells. */
const CASES: readonly (readonly [pool: string, fault: string])[] = [
  ['bridges', 'silent'],
  ['bridges', 'one way'],
  ['bridges', 'other way'],
  ['bridges', 'bridge down'],
  ['bridges', 'interface down'],
  ['firewalls', 'silent'],
  ['firewalls', 'one way'],
  ['firewalls', 'other way'],
  ['firewalls', 'forwards nothing'],
  ['firewalls', 'interface down'],
  ['webs', 'killed'],
  ['webs', 'silent'],
];

/** Everybody comes back when told, however often it fell: the trials follow each other closely. */
function specOf(model: Model): HealthSpec {
  const spec = deriveHealth(model);
  const flaps = { falls: 1e9, within: 1, quiet: 1 };
  return { ...spec, devices: spec.devices.map((each) => ({ ...each, flaps, comesBack: 'when-told' })) };
}

async function main(): Promise<void> {
  execFileSync('sysctl', ['-qw', 'net.ipv6.conf.default.disable_ipv6=1']);
  const boxes: Record<string, Box> = {
    client: await server(1),
    ips1: await bridge(2),
    ips2: await bridge(4),
    fw1: await router(6),
    fw2: await router(8),
    web1: await server(10),
    web2: await server(11),
  };
  const read = readDefinitions(DEFINITIONS, 'devices.yaml');
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join('\n'));
  const network = await readNetwork();
  const plan = compile(read.model, network, new Registry());
  const runDirectory = mkdtempSync(join(tmpdir(), 'watcher-'));
  const objectPath = new URL('../../../.output/hopline.bpf.o', import.meta.url).pathname;
  // Not by the process: in a namespace of its own every runner has the same number.
  const engine = await Engine.open({ instance: basename(runDirectory), runDirectory, objectPath });
  try {
    await engine.sync(plan.fabric, allSteps(plan));
    for (const { nic, ifindex } of plan.fabric.interfaces) await engine.attach({ name: nic, ifindex }, 'native');
    const moves: { word: string; to: string; at: number }[] = [];
    const events: ToldEvent[] = [];
    const spec = specOf(read.model);
    const watcher = new Watcher({
      prober: engine.prober,
      derive: () => spec,
      edges: {
        move: (word, to) => {
          const place = to.to === 'member' ? plan.places.devices.get(to.member) : undefined;
          engine.setPool(plan.places.pools.get(word)!.pool, place?.outside ?? 0, place?.inside ?? 0);
          moves.push({ word, to: targetWord(to), at: performance.now() });
        },
        tell: (event) => events.push(event),
        changed: () => undefined,
      },
    });
    const problems = watcher.define({ ...plan, network });
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const monitor = new NetworkMonitor(() => {
      void readNetwork().then((now) => watcher.define({ ...plan, network: now }));
    });
    monitor.start();
    const stateOf = (name: string) =>
      watcher
        .view()
        .devices.filter(({ device }) => device === name)
        .map(({ state }) => state);
    const until = async (holds: () => boolean, words: string): Promise<void> => {
      const deadline = performance.now() + 5000;
      while (!holds()) {
        if (performance.now() > deadline)
          throw new Error(
            `${words}: not in 5 s; ${JSON.stringify({ events: events.slice(-6), view: watcher.view().devices.map(({ device, state, reason }) => `${device} ${state}: ${reason}`) }, undefined, 1)}`,
          );
        await pause(1);
      }
    };
    const isUp = (name: string) => stateOf(name).every((state) => state === 'up');
    await until(() => Object.keys(LEGS).every(isUp), 'wait for all to be up');
    events.length = 0;
    if (what === 'calm') {
      const before = process.resourceUsage();
      const start = performance.now();
      console.log(JSON.stringify({ ready: process.pid }));
      await pause(1000 * Number(first));
      const after = process.resourceUsage();
      const cpu = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1000;
      console.log(JSON.stringify({ moves, events, cpu: cpu / (performance.now() - start) }));
    } else {
      for (const [pool, fault] of CASES) {
        const took: number[] = [];
        for (let trial = 0; trial < Number(first); trial++) {
          const word = watcher.view().pools.find((each) => each.pool === pool)!;
          const victim = targetWord(word.target);
          const [a, b] = LEGS[victim]!;
          const line = (text: string) => text.replaceAll(/\bA\b/g, a).replaceAll(/\bB\b/g, b);
          const { hurt, heal } = faults[fault]!;
          await pause(100 + 100 * Math.random());
          const before = moves.length;
          const at = performance.now();
          boxes[victim]!.tell(line(hurt));
          await until(() => moves.length > before, `${victim} ${fault}: wait for the move`);
          took.push(moves[before]!.at - at);
          boxes[victim]!.tell(line(heal));
          await until(
            () => stateOf(victim).every((state) => state === 'held-up' || state === 'up'),
            `${victim} ${fault}: wait for it to answer`,
          );
          watcher.command({ kind: 'restore', device: victim });
          await until(() => isUp(victim), `${victim} ${fault}: wait until it is up`);
        }
        took.sort((one, other) => one - other);
        const at = (part: number) =>
          Math.round(10 * took[Math.min(took.length - 1, Math.floor(part * took.length))]!) / 10;
        console.log(
          JSON.stringify({ pool, fault, trials: took.length, least: at(0), p50: at(0.5), p90: at(0.9), most: at(1) }),
        );
      }
    }
    monitor.stop();
    await watcher.stop();
  } finally {
    await engine.destroy();
    rmSync(runDirectory, { recursive: true });
    for (const box of Object.values(boxes)) box.end();
  }
  // What `readNetwork` keeps running ends with this process.
  process.exit(0);
}

await main();
