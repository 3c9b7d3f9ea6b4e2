import { expect } from 'vitest';
import { Engine, fetchHttp, listener, loopbackServer, natServer, scenario, startNginx } from '../lab/index.ts';
import { arp, ethernet, ipv4, tcp, udp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, U1, W1 } from './common.ts';

const W2 = '198.51.100.20';
const S3 = '10.0.2.11';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: ${S1}, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
  s2: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  s3: {kind: server, mode: loopback, legs: {only: {interface: i2, mac: "02:00:00:00:06:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
  api: {address: ${W1}, protocol: tcp, port: 81, sequence: [s2]}
  doc: {address: ${W2}, protocol: tcp, port: 80, sequence: [s3]}
`;

const topology = {
  engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1, i2: ENGINE_ADDRESSES.i2 },
  hosts: {
    ...outside,
    s1: natServer({ on: 'i1', addresses: [`${S1}/24`], gateways: ['10.0.1.2'] }),
    s2: loopbackServer({ on: 'i1', addresses: ['10.0.1.12/24'], gateways: ['10.0.1.2'], owns: [W1] }),
    other: listener('i1'),
    s3: loopbackServer({ on: 'i2', addresses: [`${S3}/24`], gateways: ['10.0.2.2'], owns: [W2] }),
  },
};

interface Spoof {
  readonly name: string;
  readonly host: string;
  readonly nic: string;
  readonly on: 'i0' | 'i1' | 'i2';
  readonly from: string;
  readonly source: string;
  readonly port: number;
  readonly tags?: readonly number[];
}

const UNKNOWN = '02:00:00:00:99:99';

const spoofs: readonly Spoof[] = [
  {
    name: 'a service address from an unknown MAC',
    host: 'other',
    nic: 'eth0',
    on: 'i1',
    from: UNKNOWN,
    source: W1,
    port: 80,
  },
  {
    name: 'a service address from the world outside',
    host: 'router',
    nic: 'eth0',
    on: 'i0',
    from: '02:00:00:00:02:01',
    source: W1,
    port: 80,
  },
  {
    name: "a NAT server's address from an unknown MAC",
    host: 'other',
    nic: 'eth0',
    on: 'i1',
    from: UNKNOWN,
    source: S1,
    port: 80,
  },
  {
    name: "a NAT server's address from another server",
    host: 's2',
    nic: 'eth0',
    on: 'i1',
    from: '02:00:00:00:04:01',
    source: S1,
    port: 81,
  },
  {
    name: 'the port of one server from the other',
    host: 's2',
    nic: 'eth0',
    on: 'i1',
    from: '02:00:00:00:04:01',
    source: W1,
    port: 80,
  },
  {
    name: 'a service address from its server on another interface',
    host: 's3',
    nic: 'eth0',
    on: 'i2',
    from: '02:00:00:00:06:01',
    source: W1,
    port: 81,
  },
  {
    name: 'a service address from an unknown MAC where one device is alone',
    host: 's3',
    nic: 'eth0',
    on: 'i2',
    from: UNKNOWN,
    source: W2,
    port: 80,
  },
  {
    name: 'a service address from its server behind a VLAN tag it does not have',
    host: 's2',
    nic: 'eth0',
    on: 'i1',
    from: '02:00:00:00:04:01',
    source: W1,
    port: 81,
    tags: [5],
  },
];

scenario(
  "S05 a service's or server's address from a wrong place is dropped and counted",
  topology,
  async (lab, recording) => {
    const engine = await Engine.start(lab, definitions);
    for (const { name, host, nic, on, from, source, port, tags } of spoofs) {
      const before = await engine.verdict('DROP_WRONG_ORIGIN', on);
      const frame = ethernet(
        { to: lab.engine.mac(on), from, ...(tags === undefined ? {} : { tags }) },
        ipv4({ source, destination: U1 }, tcp({ source: port, destination: 40_000, flags: 0x12 })),
      );
      await lab.host(host).send(nic, frame);
      await recording.quiet();
      expect((await engine.verdict('DROP_WRONG_ORIGIN', on)) - before, name).toBe(1);
    }
    const frames = await recording.quiet();
    expect(frames.filter((frame) => frame.way === 'out' && frame.fields.ip?.destination === U1)).toEqual([]);
  },
);

scenario(
  'S05 other frames of unknown MACs are not dropped: ARP, DHCP, and what is for the engine itself',
  topology,
  async (lab, recording) => {
    const engine = await Engine.start(lab, definitions);
    const to = 'ff:ff:ff:ff:ff:ff';
    const before = await engine.verdict('DROP_WRONG_ORIGIN');
    await lab
      .host('other')
      .send(
        'eth0',
        ethernet(
          { to, from: UNKNOWN },
          arp({ operation: 1, senderMac: UNKNOWN, sender: '10.0.1.77', target: '10.0.1.2' }),
        ),
        ethernet(
          { to, from: UNKNOWN },
          ipv4(
            { source: '0.0.0.0', destination: '255.255.255.255' },
            udp({ source: 68, destination: 67 }, new Uint8Array(240)),
          ),
        ),
        ethernet(
          { to: lab.engine.mac('i1'), from: UNKNOWN },
          ipv4({ source: '10.0.1.77', destination: '10.0.1.2' }, tcp({ source: 40_000, destination: 9, flags: 2 })),
        ),
      );
    const frames = await recording.quiet();
    const answers = frames.filter((frame) => frame.way === 'out' && frame.fields.to === UNKNOWN);
    expect(answers.some((frame) => frame.fields.arp?.sender === '10.0.1.2')).toBe(true);
    expect(answers.some((frame) => frame.fields.ip?.source === '10.0.1.2' && frame.fields.ip.sourcePort === 9)).toBe(
      true,
    );
    expect(await engine.verdict('DROP_WRONG_ORIGIN')).toBe(before);
    await startNginx(lab.host('s3'), { 80: 'from s3' });
    expect(await fetchHttp(lab.host('client'), `${W2}:80`)).toContain('from s3');
  },
);
