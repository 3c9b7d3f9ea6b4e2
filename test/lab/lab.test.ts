/** The lab itself, with the kernel's own forwarding in the place of the engine. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ethernet, ipv4, udp } from '../packets/frame.ts';
import { expectNoChecksumErrors } from './checksums.ts';
import {
  type CapturedFrame,
  clientBehindRouter,
  fetchHttp,
  Lab,
  legProblems,
  listener,
  natServer,
  startNginx,
  type Topology,
} from './index.ts';

const CLIENT = '203.0.113.7';
const SERVER = '10.0.1.11';

const topology: Topology = {
  engine: { i0: ['192.0.2.2/24'], i1: ['10.0.1.2/24'] },
  hosts: {
    ...clientBehindRouter({
      on: 'i0',
      client: [`${CLIENT}/24`],
      clientGateway: ['203.0.113.1/24'],
      router: ['192.0.2.1/24'],
      routes: ['10.0.1.0/24 via 192.0.2.2'],
    }),
    server: natServer({ on: 'i1', addresses: [`${SERVER}/24`], gateways: ['10.0.1.2'] }),
    other: listener('i1'),
  },
};

const TABLE = `
| # | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|---|---|---|---|---|---|---|
| 1 | i0 | –  | U1 | S1 | d 80 | R_M  | E0_M |
| 2 | –  | i1 | =  | =  | =    | –    | S1_M |
| 3 | i1 | –  | S1 | U1 | s 80 | S1_M | E1_M |
| 4 | –  | i0 | =  | =  | =    | –    | R_M  |`;

const names = (lab: Lab) => ({
  U1: CLIENT,
  S1: SERVER,
  E0_M: lab.engine.mac('i0'),
  E1_M: lab.engine.mac('i1'),
  R_M: lab.host('router').mac('eth0'),
  S1_M: lab.host('server').mac(),
});

/** Forwards as the kernel does, which lowers the TTL: put back, so that the table can be held against it. */
function withTtl64(frame: CapturedFrame): CapturedFrame {
  const bytes = Uint8Array.from(frame.bytes);
  bytes.fill(64, 22, 23);
  bytes.fill(0, 24, 26);
  return { ...frame, bytes };
}

async function forwardingLab(): Promise<Lab> {
  const lab = await Lab.create(topology);
  const commands = [
    'sysctl -qw net.ipv4.ip_forward=1',
    'ip route add default via 192.0.2.1',
    'ethtool -K i0 tx off',
    'ethtool -K i1 tx off',
  ];
  await lab.engine.run('sh', ['-ec', commands.join('\n')]);
  return lab;
}

const namespacesOf = (prefix: string): string[] =>
  readdirSync('/run/netns').filter((name) => name.startsWith(`${prefix}-`));

describe('a lab', () => {
  test('carries HTTP, and every leg is as the table says', async () => {
    const lab = await forwardingLab();
    try {
      const recording = await lab.capture();
      await startNginx(lab.host('server'), { 80: 'hello' });
      expect(await fetchHttp(lab.host('client'), `${SERVER}:80`)).toContain('hello');
      await recording.quiet();
      const frames = (await recording.stop()).map(withTtl64);
      expect(legProblems(frames, TABLE, names(lab))).toEqual([]);
      expect(frames.filter((frame) => frame.fields.ip?.tcpFlags !== undefined).length).toBeGreaterThan(15);
      await expectNoChecksumErrors(lab.hosts);
    } finally {
      await lab.close();
    }
  });

  test('sends frames as they are, and sees a checksum that is wrong', async () => {
    const lab = await forwardingLab();
    try {
      const recording = await lab.capture();
      const frame = ethernet(
        { to: lab.engine.mac('i1'), from: lab.host('other').mac(), tags: [5, 7] },
        ipv4({ source: SERVER, destination: CLIENT }, udp({ source: 1, destination: 2 }, new Uint8Array(20))),
      );
      const wrong = Uint8Array.from(frame);
      wrong.fill(0xaa, -1);
      await lab.host('other').send('eth0', frame, wrong);
      const seen = (await recording.quiet()).filter((each) => each.fields.tags.length === 2);
      expect(seen.map((each) => [each.leg, each.way, Buffer.from(each.bytes).toString('hex')])).toEqual(
        [frame, wrong].map((each) => ['i1', 'in', Buffer.from(each).toString('hex')]),
      );
      expect(seen.map((each) => each.fields.checksumsValid)).toEqual([true, false]);
    } finally {
      await lab.close();
    }
  });

  test('leaves nothing behind, and two beside each other do not meet', async () => {
    const [one, other] = await Promise.all([Lab.create(topology), Lab.create(topology)]);
    const sleeper = one.host('client').start('sleep', ['1000']);
    await one.close();
    expect(sleeper.running).toBe(false);
    expect(namespacesOf(one.prefix)).toEqual([]);
    expect(existsSync(one.folder)).toBe(false);
    expect(namespacesOf(other.prefix)).toHaveLength(6);
    await other.close();
    expect(namespacesOf(other.prefix)).toEqual([]);
  });

  test('of a process that was killed is removed by the next one', async () => {
    const lab = JSON.stringify(fileURLToPath(new URL('./lab.ts', import.meta.url)));
    const script = `const { Lab } = await import(${lab});
      const made = await Lab.create(${JSON.stringify(topology)});
      made.host('client').start('sleep', ['1000']);
      console.log(made.prefix);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const prefix = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data) => resolve(String(data).trim())),
    );
    expect(namespacesOf(prefix)).toHaveLength(6);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const next = await Lab.create(topology);
    await next.close();
    expect(namespacesOf(prefix)).toEqual([]);
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(prefix);
  });
});
