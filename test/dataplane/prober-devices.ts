/**
 * A routing device and a server with real kernels: `unshare --net --mount node prober-devices.ts [many]`. Prints what
 * each probe saw, how long it took, and what the server noticed of it. `many`: they are sent together with so many
 * others that it is worth live frames.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Engine } from '../../src/dataplane/index.ts';
import type { ProbeFrame } from '../../src/dataplane/probe/prober-types.ts';
import { readNetwork } from '../../src/net/snapshot.ts';
import type { Fabric } from '../../src/plan/types.ts';
import { Limit } from '../../src/terms/constants.ts';
import { ethernet, icmp, ipv4, ipv6, type Segment, tcp, udp } from '../packets/frame.ts';
import { markOf, SOURCE, SOURCE6 } from '../packets/probes.ts';
import { steps } from './stage.ts';

const ROUNDS = 20;
const W = '198.51.100.10';
const W6 = '2001:db8::10';

const run = (...words: readonly string[]): string =>
  execFileSync(words[0]!, words.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const inside = (namespace: string, ...words: readonly string[]): string =>
  run('ip', 'netns', 'exec', namespace, ...words);

/** NICs a, b towards the router `dev`, s towards the server `srv`. */
function makeNetwork(): void {
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run');

  const nics = { a: 'dev', b: 'dev', s: 'srv' };
  for (const namespace of ['dev', 'srv']) {
    run('ip', 'netns', 'add', namespace);
    inside(namespace, 'ip', 'link', 'set', 'lo', 'up');
    inside(namespace, 'sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0');
  }
  inside('dev', 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  for (const [place, [nic, namespace]] of Object.entries(nics).entries()) {
    const peer = `p${nic}`;
    run('ip', 'link', 'add', 'name', nic, 'type', 'veth', 'peer', 'name', peer, 'netns', namespace);
    inside(namespace, 'ethtool', '-K', peer, 'gro', 'on', 'tx', 'off');
    for (const [at, name, end] of [
      ['', nic, 1],
      [namespace, peer, 2],
    ] as const) {
      const ip = (...words: string[]) => (at === '' ? run('ip', ...words) : inside(at, 'ip', ...words));
      ip('address', 'add', `10.${place}.0.${end}/24`, 'dev', name);
      ip('address', 'add', `fd00:${place}::${end}/64`, 'dev', name, 'nodad');
      ip('link', 'set', 'dev', name, 'up');
    }
  }
  for (const address of [`${W}/32`, `${W6}/128`]) inside('srv', 'ip', 'address', 'add', address, 'dev', 'lo');
  inside('srv', 'ip', 'route', 'add', 'default', 'dev', 'ps');
  inside('srv', 'ip', '-6', 'route', 'add', 'default', 'via', 'fd00:2::1', 'dev', 'ps');
}

/** Prints a line for each connection. */
const SERVER = `
for (const port of [443, 8443]) require('node:net').createServer(() => console.log('accepted')).listen(port, '::');
`;

async function fabricOf(): Promise<Fabric> {
  const { nics } = await readNetwork();
  const names = ['a', 'b', 's'] as const;
  const macs = names.map((name) => {
    const at = name === 's' ? 'srv' : 'dev';
    return (JSON.parse(inside(at, 'ip', '-j', 'link', 'show', `p${name}`)) as { address: string }[])[0]!.address;
  });
  const nic = (name: string) => nics.get(name)!;
  return {
    interfaces: names.map((name, number) => ({
      number,
      nic: name,
      ifindex: nic(name).ifindex,
      mac: nic(name).mac,
      mtu: 1500,
      address4: `10.${number}.0.1`,
      address6: `fd00:${number}::1`,
      segment: 0,
      segmentLookups: 0,
      egress: false,
    })),
    legs: names.map((name, number) => ({
      leg: number + 1,
      name,
      mac: macs[number]!,
      sourceMac: nic(name).mac,
      mtu: 1500,
      interfaceNumber: number,
      ifindex: nic(name).ifindex,
      vlans: [0, 0] as const,
    })),
    origins: names.map((_, number) => ({
      interfaceNumber: number,
      vlans: [0, 0] as const,
      mac: macs[number]!,
      leg: number + 1,
      lookups: 0,
      bridged: false,
    })),
    pools: [],
    copysets: [],
    rewrites: [],
    names: [],
  };
}

/** By name: a frame from the leg of that place, and where its mark or TCP header begins. */
function framesOf(fabric: Fabric, cookie: number): Record<string, ProbeFrame> {
  let id = 0;
  const frame = (kind: ProbeFrame['kind'], from: number, to: number, make: (id: number) => ReturnType<typeof ipv4>) => {
    id += 1;
    const { mac, sourceMac, ifindex } = fabric.legs[from]!;
    const packet = make(id);
    const header = packet.type === 0x0800 ? 20 : 40;
    const offset = 14 + header + (kind === 'handshake' ? 0 : 8);
    return { id, kind, bytes: ethernet({ to: mac!, from: sourceMac }, packet), ifindex, arrivesFrom: to + 1, offset };
  };
  const mark = (id: number): Uint8Array => markOf(id, 0, { cookie });
  const datagram = (id: number): Segment => udp({ source: 9, destination: 9 }, mark(id));
  const syn = (id: number, port: number): Segment =>
    tcp({ source: Limit.PROBE_PORT_BASE + id, destination: port, sequence: 0, flags: 2 });
  return {
    forward: frame('marked', 0, 1, (n) => ipv4({ source: '10.0.0.1', destination: '10.1.0.1' }, datagram(n))),
    back: frame('marked', 1, 0, (n) => ipv4({ source: '10.1.0.1', destination: '10.0.0.1' }, datagram(n))),
    ping: frame('marked', 0, 1, (n) => ipv4({ source: '10.0.0.1', destination: '10.1.0.1' }, icmp(8, 0, mark(n)))),
    forward6: frame('marked', 0, 1, (n) => ipv6({ source: 'fd00:0::1', destination: 'fd00:1::1' }, datagram(n))),
    loopback: frame('handshake', 2, 2, (n) => ipv4({ source: SOURCE, destination: W }, syn(n, 443))),
    loopback6: frame('handshake', 2, 2, (n) => ipv6({ source: SOURCE6, destination: W6 }, syn(n, 443))),
    nat: frame('handshake', 2, 2, (n) => ipv4({ source: SOURCE, destination: '10.2.0.2' }, syn(n, 8443))),
    refused: frame('handshake', 2, 2, (n) => ipv4({ source: SOURCE, destination: W }, syn(n, 81))),
    given: frame('frame', 0, 1, () =>
      ipv4({ source: '10.0.0.1', destination: '10.1.0.77' }, udp({ source: 5, destination: 6 }, Buffer.from('given'))),
    ),
  };
}

makeNetwork();
inside('dev', 'ip', 'neigh', 'add', '10.1.0.77', 'lladdr', (await readNetwork()).nics.get('b')!.mac, 'dev', 'pb');
const server = spawn('ip', ['netns', 'exec', 'srv', process.execPath, '-e', SERVER], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let accepted = 0;
server.stdout.on('data', (text: Buffer) => {
  accepted += text.toString().split('accepted').length - 1;
});
const runDirectory = mkdtempSync(join(tmpdir(), 'hopline-'));
const engine = await Engine.open({ instance: `hpd${process.pid}`, runDirectory, objectPath: '.output/hopline.bpf.o' });
try {
  const fabric = await fabricOf();
  await engine.sync(fabric, steps());
  for (const { nic, ifindex } of fabric.interfaces) await engine.attach({ name: nic, ifindex }, 'native');
  const { prober } = engine;
  const frames = framesOf(fabric, prober.cookie);
  prober.define(Object.values(frames), { v4: SOURCE, v6: SOURCE6 });
  await setTimeout(500);
  const undefinedOnes = Array.from({ length: process.argv[2] === 'many' ? 100 : 0 }, (_, n) => 500 + n);
  const ids = Uint32Array.of(...Object.values(frames).map(({ id }) => id), ...undefinedOnes);
  // The first round resolves neighbours.
  await prober.send(ids);
  await setTimeout(300);
  const seen: Record<string, { answered: number; refused: number; unsent: number; tookMs: number[] }> = {};
  for (const name of Object.keys(frames)) seen[name] = { answered: 0, refused: 0, unsent: 0, tookMs: [] };
  for (let round = 0; round < ROUNDS; round++) {
    await prober.send(ids);
    await setTimeout(20);
    for (const [name, { id }] of Object.entries(frames)) {
      const { sent, sentAt, answered, answeredAt, refused } = prober.answer(id);
      const one = seen[name]!;
      one.unsent = prober.unsent(id);
      if (answered !== sent) continue;
      one.answered++;
      one.refused += refused ? 1 : 0;
      one.tookMs.push((answeredAt - sentAt) / 1e6);
    }
  }
  const halfOpen = inside('srv', 'ss', '-Htan', 'state', 'syn-recv', 'state', 'established').trim();
  const report = Object.fromEntries(
    Object.entries(seen).map(([name, { tookMs, ...rest }]) => [
      name,
      { ...rest, medianMs: tookMs.sort((a, b) => a - b)[tookMs.length >> 1] ?? null },
    ]),
  );
  console.log(JSON.stringify({ rounds: ROUNDS, probes: report, accepted, halfOpen, sentLive: prober.sentLive }));
} finally {
  server.kill();
  await engine.destroy();
  rmSync(runDirectory, { recursive: true });
}
