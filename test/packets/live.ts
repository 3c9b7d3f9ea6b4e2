/**
 * Copies and routes on real wires, in a network namespace of its own: `unshare --net node live.ts native|generic`.
 * The engine is on e0, e1, e2, their other ends p0, p1, p2 catch. Prints what came out, per frame that went in.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { attachXdp, openObject, type XdpMode } from '../../src/libbpf/index.ts';
import { type FrameName, frames, tables } from './copies.ts';
import { TestProgram } from './program.ts';
import { devmapValue } from './tables.ts';

function run(...words: readonly string[]): void {
  execFileSync(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
}

function ifindexOf(name: string): number {
  return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
}

function makeNetwork(): Record<string, number> {
  run('mount', '-t', 'sysfs', 'sysfs', '/sys');
  for (const end of ['0', '1', '2']) {
    run('ip', 'link', 'add', `e${end}`, 'type', 'veth', 'peer', 'name', `p${end}`);
    run('sysctl', '-qw', `net.ipv6.conf.e${end}.disable_ipv6=1`, `net.ipv6.conf.p${end}.disable_ipv6=1`);
    run('ip', 'link', 'set', `e${end}`, 'up');
    run('ip', 'link', 'set', `p${end}`, 'up');
    run('ethtool', '-K', `e${end}`, 'gro', 'on');
  }
  run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  run('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'e2');
  run('ip', 'neigh', 'add', '192.0.2.7', 'lladdr', '02:00:00:00:09:09', 'dev', 'e2');
  run('ip', 'route', 'add', '203.0.113.0/24', 'via', '192.0.2.7');
  const names = ['e0', 'e1', 'e2', 'p0', 'p1', 'p2'];
  return Object.fromEntries(names.map((name) => [name, ifindexOf(name)]));
}

const mode = process.argv[2] as XdpMode;
const nics = makeNetwork();
const name = new Map(Object.entries(nics).map(([key, ifindex]) => [ifindex, key]));
const wire = openObject('.output/test/packets/wire.bpf.o').load();
const engine = new TestProgram();
const egress = engine.object.program('hopline_egress');
const numbers = { e0: 3, e1: 4, e2: 5 };
for (const [nic, number] of Object.entries(numbers)) {
  engine.object
    .map('transmit')
    .update(new Uint8Array(Uint32Array.of(number).buffer), devmapValue(nics[nic] ?? 0, egress));
}
engine.fill(tables(nics, egress));
attachXdp(engine.object.program('hopline'), nics.e0 ?? 0, mode);
for (const end of ['p0', 'p1', 'p2']) {
  attachXdp(wire.program('catch_frame'), nics[end] ?? 0, 'native');
}
wire.map('wire').update(new Uint8Array(4), new Uint8Array(Uint32Array.of(nics.p0 ?? 0).buffer));

async function sendOne(frame: Uint8Array): Promise<string[]> {
  const count = new Uint32Array(wire.variable('count').buffer, wire.variable('count').byteOffset, 1);
  const before = count[0] ?? 0;
  await wire.program('inject').testRunAsync({ data: frame, ctx: {}, live: true, repeat: 1 });
  await setTimeout(50);
  return Array.from({ length: (count[0] ?? 0) - before }, (_, turn) => {
    const value = wire.map('caught').lookup(new Uint8Array(Uint32Array.of(before + turn).buffer)) ?? new Uint8Array(8);
    const [ifindex = 0, length = 0] = new Uint32Array(value.buffer, 0, 2);
    return `${name.get(ifindex)} ${Buffer.from(value.subarray(8, 8 + length)).toString('hex')}`;
  });
}

const caught: Record<string, string[]> = {};
for (const [key, frame] of Object.entries(frames) as [FrameName, Uint8Array][]) {
  caught[key] = (await sendOne(frame)).sort();
}
const legs = [1, 9, 10, 11, 12].map((leg) => Number(engine.counted('legs', leg).packets));
const unknown = Number(engine.verdicts('DROP_NO_NEIGHBOUR'));
const nobody = Number(engine.verdicts('DROP_COPY_UNKNOWN', numbers.e2));
process.stdout.write(JSON.stringify({ caught, legs, unknown, nobody }));
process.exit(0);
