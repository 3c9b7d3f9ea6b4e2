import { expect } from 'vitest';
import {
  type CapturedFrame,
  Engine,
  expectLegs,
  type Lab,
  namesOf,
  natServer,
  scenario,
  startFtp,
} from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { U1, W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

const eight = (port: string): string => `
| 1  | client → engine | i0 | –   | U1     | W1     | d ${port} | R_M     | E0_M    |
| 2  | engine → fw0    | –  | i1  | U1     | W1     | d ${port} | E1_M    | FW0_M   |
| 3  | fw1 → engine    | i2 | –   | U1     | W1     | d ${port} | FW1_M   | E2_M    |
| 4a | engine → IDS    | –  | i1  | U1     | W1     | d ${port} | E1_M    | IDS_M   |
| 4b | engine → server | –  | i3  | U1     | W1     | d ${port} | E3_M    | S1_M    |
| 5  | server → engine | i3 | –   | W1     | U1     | s ${port} | S1_M    | E3_M    |
| 6a | engine → IDS    | –  | i1  | W1     | U1     | s ${port} | E1_M    | IDS_M   |
| 6b | engine → fw1    | –  | i2  | W1     | U1     | s ${port} | E2_M    | FW1_M   |
| 7  | fw0 → engine    | i1 | –   | W1     | U1     | s ${port} | FW0_M   | E1_M    |
| 8  | engine → client | –  | i0  | W1     | U1     | s ${port} | E0_M    | R_M     |`;

const TABLE = `
| #  | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-----------------|----|-----|--------|--------|------|---------|---------|${eight('P1')}${eight('D1')}`;

const devices = `${fig7Devices('loopback')}  app2: {kind: server, mode: nat, address: 10.0.3.12, legs: {only: {interface: i3, mac: "02:00:00:00:06:01"}}}`;

const definitions = `${devices}
services:
  ftp:
    address: ${W1}
    protocol: tcp
    port: [21, "1025-1125"]
    sequence: [fw1, {copy: [ids1]}, app1]
  other:
    address: ${W1}
    protocol: tcp
    port: [2020, "1126-1300"]
    sequence: [app2]
`;

const plain = fig7('loopback');
const topology = {
  ...plain,
  hosts: { ...plain.hosts, s2: natServer({ on: 'i3', addresses: ['10.0.3.12/24'], gateways: ['10.0.3.2'] }) },
};

/** A first packet for a port of a service address. */
async function knock(lab: Lab, port: number, address = W1): Promise<void> {
  const frame = ethernet(
    { to: lab.engine.mac('i0'), from: lab.host('router').mac('eth0') },
    ipv4({ source: U1, destination: address }, tcp({ source: 40_000 + port, destination: port, flags: 2 })),
  );
  await lab.host('router').send('eth0', frame);
}

scenario(
  'S23 passive FTP: control on 21, data on the negotiated port, both by firewall, IDS and server',
  topology,
  async (lab, recording) => {
    await startFtp(lab.host('s1'), { min: 1025, max: 1125 }, 'a file by FTP\n');
    await Engine.start(lab, definitions);
    const got = await lab
      .host('client')
      .run('curl', ['--silent', '--show-error', '--max-time', '10', '--disable-epsv', `ftp://${W1}/file.txt`]);
    expect(got).toBe('a file by FTP\n');
    const frames = await recording.quiet();
    const data = frames
      .map((frame) => frame.fields.ip?.destinationPort ?? 0)
      .find((port) => port >= 1025 && port <= 1125);
    expectLegs(frames, TABLE, namesOf(lab, { U1, W1, P1: 21, D1: data ?? 0 }));
  },
);

/** MAC that a packet for a port leaves for at once, under one address or any; "nowhere" where it is dropped. */
function firstHop(frames: readonly CapturedFrame[], port: number, address?: string): string {
  const sent = frames.find(
    ({ way, fields: { ip } }) =>
      way === 'out' && ip?.destinationPort === port && (address === undefined || ip.destination === address),
  );
  return sent?.fields.to ?? 'nowhere';
}

scenario(
  "S23 a range ends where it says: 1025 and 1125 are P1's, P2, 1126 and 1300 P2's, 1024 and 1301 nobody's",
  topology,
  async (lab, recording) => {
    const engine = await Engine.start(lab, definitions);
    const ports = [1024, 1025, 1125, 1126, 1300, 1301, 2020];
    for (const port of ports) {
      await knock(lab, port);
    }
    const frames = await recording.quiet();
    const firewall = lab.host('fw').mac('fw0');
    const other = lab.host('s2').mac();
    expect(ports.map((port) => firstHop(frames, port))).toEqual([
      ...['nowhere', firewall, firewall],
      ...[other, other, 'nowhere', other],
    ]);
    expect(await engine.verdict('DROP_UNDEFINED_PORT', 'i0')).toBe(2);
  },
);

const overlap = definitions.replace('"1126-1300"', '"1100-1300"');

for (const command of ['check', 'diff', 'apply']) {
  scenario(
    `S23 hopline ${command} refuses overlapping ranges of one address, naming both, and nothing changes`,
    topology,
    async (lab, recording) => {
      const engine = await Engine.start(lab, definitions);
      const { code, stderr } = await engine.hopline(command, lab.engine.file('overlap.yaml', overlap));
      expect(code).toBe(2);
      expect(stderr).toMatch(/ftp/);
      expect(stderr).toMatch(/other/);
      expect(stderr).toMatch(/1100-1125|1100-1300/);
      await knock(lab, 1100);
      expect(firstHop(await recording.quiet(), 1100)).toBe(lab.host('fw').mac('fw0'));
    },
  );
}

scenario('S23 the same range under another address is allowed, and its own', topology, async (lab, recording) => {
  const second = '198.51.100.11';
  const both = definitions
    .replace('"1126-1300"', '"1025-1125"')
    .replace(`other:\n    address: ${W1}`, `other:\n    address: ${second}`);
  await Engine.start(lab, both);
  for (const port of [1025, 1125]) {
    await knock(lab, port);
    await knock(lab, port, second);
  }
  const frames = await recording.quiet();
  for (const port of [1025, 1125]) {
    expect(firstHop(frames, port, W1), `${W1}:${port}`).toBe(lab.host('fw').mac('fw0'));
    // Its server has one address: what it gets is for that one.
    expect(firstHop(frames, port, '10.0.3.12'), `${second}:${port}`).toBe(lab.host('s2').mac());
  }
});
