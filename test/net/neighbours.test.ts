/** Asks real kernels: a namespace for the engine, one for the neighbour. */
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const ASK = fileURLToPath(new URL('./ask.ts', import.meta.url));

/** A namespace that lives as long as its process. */
function namespace() {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo ready; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  const exec = async (...command: string[]) =>
    (await run('nsenter', [`--net=/proc/${child.pid}/ns/net`, ...command])).stdout;
  return { ready, exec, pid: child.pid!, end: () => child.kill() };
}

const engine = namespace();
const neighbour = namespace();

async function ask(...addresses: string[]): Promise<Record<string, string>> {
  return JSON.parse(await engine.exec(process.execPath, '--no-warnings', ASK, 'i2', ...addresses)) as Record<
    string,
    string
  >;
}

beforeAll(async () => {
  await Promise.all([engine.ready, neighbour.ready]);
  await engine.exec('ip', 'link', 'add', 'i2', 'type', 'veth', 'peer', 'name', 'p2', 'netns', String(neighbour.pid));
  const commands =
    'ip link set p2 address 02:00:00:00:00:01; ip link set p2 up; ip addr add 10.0.2.5/24 dev p2; ip addr add fd00::5/64 dev p2 nodad';
  await neighbour.exec('sh', '-c', commands);
  await engine.exec('ip', 'link', 'set', 'i2', 'up');
});

afterAll(() => {
  engine.end();
  neighbour.end();
});

test.runIf(process.geteuid?.() === 0)(
  'a neighbour is learnt by ARP and by ND, also without an address of our own',
  async () => {
    expect(await ask('10.0.2.5', 'fd00::5')).toEqual({
      'i2 10.0.2.5': '02:00:00:00:00:01',
      'i2 fd00::5': '02:00:00:00:00:01',
    });
  },
);

test.runIf(process.geteuid?.() === 0)('one that does not answer stays unknown', async () => {
  expect(await ask('10.0.2.77')).not.toHaveProperty('i2 10.0.2.77');
});
