/** Probes over a link to one peer, in a namespace of their own; prints a line of JSON for each. See link.test.ts. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { type ProbeTarget, probe } from '../../../src/health/probes/index.ts';
import type { AddressProtocol, Expectations } from '../../../src/terms/health/expectations.ts';
import { Program } from '../../lab/program.ts';

const MAC = '02:00:00:00:08:02';
const ip = (line: string): string => execFileSync('ip', line.split(' '), { encoding: 'utf8' });
const peer = new Program('peer', 'unshare', ['--net', 'sleep', '100']);
const inPeer = (line: string): void => {
  execFileSync('nsenter', ['-t', String(peer.pid), '-n', 'ip', ...line.split(' ')]);
};

async function say<Kind extends AddressProtocol>(
  name: string,
  kind: Kind,
  target: Partial<ProbeTarget>,
  expectation: Expectations[Kind],
): Promise<void> {
  const result = await probe(kind, { address: '10.8.0.2', timeoutMs: 1_000, ...target }, expectation);
  console.log(JSON.stringify({ name, ...result }));
}

async function main(): Promise<void> {
  ip('link set lo up');
  ip('link add v0 type veth peer name v1');
  // The peer needs a moment to have its namespace.
  await new Promise((resolve) => setTimeout(resolve, 200));
  ip(`link set v1 netns ${peer.pid}`);
  inPeer(`link set v1 address ${MAC} up`);
  inPeer('addr add 10.8.0.2/24 dev v1');
  inPeer('addr add fd08::2/64 dev v1 nodad');
  inPeer('link set lo up');
  inPeer('route add local 10.8.1.0/24 dev lo');
  ip('addr add 10.8.0.1/24 dev v0');
  ip('addr add 10.8.0.11/24 dev v0');
  ip('addr add fd08::1/64 dev v0 nodad');
  // Neighbours are asked from the link-local address, which the kernel would first spend a second on checking.
  ip('link set v0 addrgenmode none');
  ip('addr add fe80::1/64 dev v0 nodad');
  ip('link set v0 up');
  ip('route add 10.8.1.0/24 via 10.8.0.2');
  await echoes();
  await neighbours();
  await sources();
  inPeer('link set v1 down');
  inPeer('link set v1 up');
  inPeer('addr del 10.8.0.2/24 dev v1');
  await say('icmp: gone', 'icmp', { timeoutMs: 300 }, {});
  await say('neighbour: gone, though the kernel knew it', 'neighbour', { interface: 'v0', timeoutMs: 300 }, {});
}

async function echoes(): Promise<void> {
  await say('icmp: IPv4', 'icmp', {}, {});
  await say('icmp: IPv6', 'icmp', { address: 'fd08::2' }, {});
  await say('icmp: large, by interface and source', 'icmp', { interface: 'v0', from: '10.8.0.11' }, { size: 1400 });
  await say('icmp: nobody', 'icmp', { address: '10.8.0.9', timeoutMs: 300 }, {});
  await say('icmp: no route', 'icmp', { address: '10.9.0.9', timeoutMs: 300 }, {});
  await say('icmp: no such source', 'icmp', { from: '10.7.7.7', timeoutMs: 300 }, {});
  await many('icmp: 200 at once', 200, (index) =>
    probe('icmp', { address: `10.8.1.${index + 1}`, timeoutMs: 2_000 }, {}),
  );
}

async function neighbours(): Promise<void> {
  const here = { interface: 'v0' };
  ip('neighbour flush dev v0');
  await say('neighbour: asked from nothing', 'neighbour', here, {});
  await say('neighbour: asked again', 'neighbour', here, { mac: MAC.toUpperCase() });
  await say('neighbour: IPv6', 'neighbour', { ...here, address: 'fd08::2' }, {});
  await say('neighbour: another MAC', 'neighbour', here, { mac: '02:00:00:00:08:03' });
  await say('neighbour: nobody', 'neighbour', { ...here, address: '10.8.0.9', timeoutMs: 300 }, {});
  await say('neighbour: no interface', 'neighbour', {}, {});
  await say('neighbour: no such interface', 'neighbour', { interface: 'v9', timeoutMs: 300 }, {});
  ip('neighbour replace 10.8.0.2 dev v0 managed');
  await say('neighbour: kept fresh for others', 'neighbour', here, { mac: MAC });
  const row = ip('neighbour show 10.8.0.2 dev v0');
  console.log(JSON.stringify({ name: 'neighbour: still kept fresh', ok: row.includes('managed'), detail: row }));
}

async function sources(): Promise<void> {
  const seen: (string | undefined)[] = [];
  const server = createServer((socket) => {
    seen.push(socket.remoteAddress);
    socket.on('error', () => socket.destroy()).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '10.8.0.1', 511, resolve));
  const { port } = server.address() as AddressInfo;
  const target = { address: '10.8.0.1', port, timeoutMs: 1_000 };
  await say('tcp: from a source', 'tcp', { ...target, from: '10.8.0.11' }, {});
  console.log(JSON.stringify({ name: 'tcp: seen from there', ok: seen.includes('10.8.0.11'), detail: String(seen) }));
  await say('tcp: no such source', 'tcp', { ...target, from: '10.7.7.7' }, {});
  // Accepted, never answered.
  await many('tcp: 400 silent at once', 400, () => probe('tcp', target, { answer: { contains: 'x' } }));
  await many('tcp: 400 at once', 400, () => probe('tcp', { ...target, timeoutMs: 5_000 }, {}));
  server.close();
}

/** Descriptors left, results by kind, and how often the event loop came round meanwhile. */
async function many(
  name: string,
  count: number,
  one: (index: number) => Promise<{ ok: boolean; detail: string }>,
): Promise<void> {
  const before = await descriptors();
  let rounds = 0;
  const clock = setInterval(() => rounds++, 5);
  const cpu = process.cpuUsage();
  const results = await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
  const used = process.cpuUsage(cpu);
  clearInterval(clock);
  const left = (await descriptors()) - before;
  const well = results.filter((result) => result.ok).length;
  const detail = `${well} well, ${(used.user + used.system) / 1000} ms of CPU: ${results[0]?.detail}`;
  console.log(JSON.stringify({ name, ok: well === count, detail, left, rounds }));
}

/** How many this process has open, once its servers had the time to close theirs. */
async function descriptors(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return readdirSync('/proc/self/fd').length;
}

try {
  await main();
} finally {
  await peer.stop();
}
