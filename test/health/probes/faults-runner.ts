/** Runs every row with every fault and prints a line of JSON for each; started in a namespace by faults.test.ts. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProbeResult, probe } from '../../../src/health/probes/index.ts';
import type { AddressProtocol } from '../../../src/terms/health/expectations.ts';
import type { Program } from '../../lab/program.ts';
import { FAULTS, type Fault } from './fault-proxy.ts';
import { type Row, rows } from './rows.ts';
import { startServers } from './servers.ts';

/** Time limits in ms: for what answers, and for what does not. */
const LIMIT = 2_000;
const SHORT = 250;

type Ports = Readonly<Record<string, Readonly<Record<Fault, number>>>>;

async function main(): Promise<void> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  // Some servers insist on sockets and files of their own there.
  execFileSync('mount', ['-t', 'tmpfs', 'none', '/run']);
  const folder = mkdtempSync(join(tmpdir(), 'hopline-probes-'));
  const servers = await startServers(folder);
  const peers = spawn(process.execPath, [join(import.meta.dirname, 'peers-runner.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const ports = JSON.parse(String(((await once(peers.stdout, 'data')) as [Buffer])[0])) as Ports;
    for (const one of rows) await well(one, servers);
    for (const one of rows) await all(one, ports);
  } finally {
    peers.stdin.end();
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until a server answers; its first answer also loads what its client needs. */
async function well(one: Row, servers: readonly Program[]): Promise<void> {
  const end = performance.now() + 20_000;
  for (;;) {
    const result = await ask(one, one.port, one.expectation, LIMIT);
    if (result.ok) return;
    if (performance.now() > end) {
      const log = servers.map((server) => `${server.name}: ${server.log}`).join('\n');
      throw new Error(`wait for ${one.name}: ${result.detail}; the servers wrote:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function all(one: Row, ports: Ports): Promise<void> {
  for (const fault of FAULTS) {
    const limit = fault === 'none' || fault === 'slow' ? LIMIT : SHORT;
    await report(`${one.name}: ${fault}`, () => ask(one, ports[one.name]![fault], one.expectation, limit));
  }
  await report(`${one.name}: refused`, () => ask(one, 9, one.expectation, SHORT));
  for (const [index, [expectation]] of one.wrong.entries()) {
    await report(`${one.name}: wrong ${index}`, () => ask(one, one.port, expectation, 4 * SHORT));
  }
}

/** Descriptors are counted at once: a probe is over when its sockets are gone. */
async function report(name: string, run: () => Promise<ProbeResult>): Promise<void> {
  const before = readdirSync('/proc/self/fd').length;
  const result = await run();
  const left = readdirSync('/proc/self/fd').length - before;
  console.log(JSON.stringify({ name, ...result, left }));
}

function ask(one: Row, port: number, expectation: unknown, timeoutMs: number): Promise<ProbeResult> {
  return probe(one.kind as AddressProtocol, { address: '127.0.0.1', port, timeoutMs }, expectation as never);
}

await main();
