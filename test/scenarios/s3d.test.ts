/** Monitors of every kind, each asking a real server what the definitions say; weights and thresholds decide. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { rows } from '../health/probes/rows.ts';
import { Engine, fetchHttp, type Host, natServer, scenario, startNginx, watch } from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const A1 = '10.0.1.11';
const A2 = '10.0.1.12';
const RUNNER = join(import.meta.dirname, 's3d-servers.ts');

/** The servers listen on 127.0.0.1 only: what comes for the host's address is theirs, as from 127.0.0.1. */
const TO_LOOPBACK = `table ip inward {
  chain there { type nat hook prerouting priority -100; ip daddr ${A1} meta l4proto { tcp, udp } dnat to 127.0.0.1; }
  chain here { type nat hook input priority 100; ip daddr 127.0.0.1 snat to 127.0.0.1; }
}`;

interface Asked {
  readonly name?: string;
  readonly weight?: number;
}

/** A probe of the definitions for each row, and of what has none. `weights`: by name, 1 where it has none. */
function probes(weights: Readonly<Record<string, number>>): readonly Asked[] {
  const HOST = { host: 'well.example' };
  const asked = rows.map(({ name, kind, port, expectation }) => ({
    name: name.replaceAll(' ', '-'),
    [kind]: { port, ...(kind === 'http' ? HOST : {}), ...(expectation as object) },
  }));
  const others = [
    { name: 'arp', neighbour: {} },
    { name: 'echo', icmp: { size: 1000 } },
    { name: 'script', command: ['/bin/true'], interval: '1s', limit: '800ms' },
    { name: 'wrong-content', http: { port: 80, ...HOST, body: 'all is ill' } },
  ];
  return [...asked, ...others].map((probe) => ({ for: 'device', fall: 2, weight: weights[probe.name] ?? 1, ...probe }));
}

const definitions = (health: string): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
  s1: {kind: server, mode: nat, address: ${A1}, legs: {only: {interface: i1}}, health: ${health}}
  s2: {kind: server, mode: nat, address: ${A2}, legs: {only: {interface: i1}}, health: off}
pools:
  webs: {members: [s1, s2], fail_back: true}
services:
  web: {address: ${W1}, port: 8080, sequence: [webs]}
`;

/** @returns what kills one of them, with whatever it has started. */
async function startServers(host: Host): Promise<(name: string) => Promise<void>> {
  const folder = join(host.folder, 'servers');
  mkdirSync(folder, { recursive: true });
  const args = ['--mount', '--propagation', 'private', process.execPath, RUNNER, folder];
  const program = host.start('unshare', args);
  await program.shows(/^started$/m, 30_000);
  return async (name) => {
    const [, pid] = program.log.match(new RegExp(`^server ${name} (\\d+)$`, 'm')) ?? [];
    await host.run('kill', ['-KILL', '--', `-${pid}`]);
  };
}

const server = (address: string, nft?: string) => ({
  ...natServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'] }),
  ...(nft === undefined ? {} : { nft, sysctls: { 'ipv4/conf/all/route_localnet': 1 } }),
});

scenario(
  'S3D every monitor asks a real server; those that fail count by their weights',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: server(A1, TO_LOOPBACK), s2: server(A2) },
  },
  async (lab) => {
    const [first, second, client] = ['s1', 's2', 'client'].map((name) => lab.host(name)) as [Host, Host, Host];
    const kill = await startServers(first);
    await Promise.all([startNginx(first, { 8080: 'from s1' }), startNginx(second, { 8080: 'from s2' })]);
    // LDAP counts three times, what is wrong not at all: two of the others may fail.
    const asked = probes({ ldap: 3, 'wrong-content': 0 });
    const need = asked.reduce((sum, { weight = 1 }) => sum + weight, 0) - 2;
    const watching = watch(
      await Engine.start(lab, definitions(JSON.stringify({ interval: '1s', need, probes: asked }))),
    );
    // Of probes: those of thresholds have no interval.
    const signs = async () =>
      ((await watching.devices()).find(({ name }) => name === 's1')?.health[0]?.signs ?? []).filter(
        ({ interval }) => interval !== undefined,
      );
    const failing = async () => (await signs()).filter(({ verdict }) => verdict !== 'passing').map(({ name }) => name);
    const fail = async (names: readonly string[]): Promise<void> => {
      const deadline = Date.now() + 20_000;
      while ((await failing()).join() !== names.join()) {
        if (Date.now() > deadline) throw new Error(`wait for ${names} to fail: ${JSON.stringify(await signs())}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await fail(['wrong-content']);
    expect((await signs()).length).toBeGreaterThanOrEqual(asked.length);
    await watching.state('s1', 'up');
    expect(await fetchHttp(client, `${W1}:8080`)).toBe('from s1\n');

    await kill('smtpd');
    await fail(['smtp', 'wrong-content']);
    await watching.state('s1', 'suspect');
    expect((await watching.word('webs')).target).toBe('s1');

    await kill('slapd');
    const events = await watching.until(0, (told) => told.some(({ what }) => what === 'move'));
    // One probe that fails is told of by itself, before it counts.
    expect(events.filter(({ what }) => what !== 'probe')).toMatchObject([
      { what: 'state', device: 's1', to: 'down', reason: expect.stringMatching(/ldap/) },
      { what: 'move', pool: 'webs', from: 's1', to: 's2' },
    ]);
    expect(await fetchHttp(client, `${W1}:8080`)).toBe('from s2\n');
  },
);

scenario(
  'S3D a threshold on packets takes the load off a server, and gives it back',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: server(A1), s2: server(A2) },
  },
  async (lab) => {
    await Promise.all(['s1', 's2'].map((name) => startNginx(lab.host(name), { 8080: `from ${name}` })));
    const rules =
      '{probes: [icmp], interval: 500ms, limits: [{packets: 400, fall: 1, rise: 1}], comes_back: {after: 500ms}}';
    const watching = watch(await Engine.start(lab, definitions(rules)));
    await watching.state('s1', 'up');
    const router = lab.host('router');
    const frame = ethernet(
      { to: lab.engine.mac('i0'), from: router.mac('eth0') },
      ipv4({ source: U1, destination: W1 }, tcp({ source: 40_000, destination: 8080, flags: 0x10 })),
    );
    let events = await watching.events();
    for (const began = Date.now(); events.length < 2 && Date.now() - began < 15_000; ) {
      await router.send('eth0', ...Array(200).fill(frame));
      await new Promise((resolve) => setTimeout(resolve, 50));
      events = await watching.events();
    }
    expect(events).toMatchObject([
      { what: 'state', device: 's1', to: 'down', reason: expect.stringMatching(/packets \d+/), trigger: 'measure' },
      { what: 'move', pool: 'webs', from: 's1', to: 's2' },
    ]);
    await watching.until(2, (told) => told.some(({ what, to }) => what === 'move' && to === 's1'));
    expect(await fetchHttp(lab.host('client'), `${W1}:8080`)).toBe('from s1\n');
  },
);
