import { expect } from 'vitest';
import {
  askUdp,
  type CapturedFrame,
  Engine,
  expectLegs,
  fetchHttp,
  namesOf,
  natServer,
  scenario,
  startNginx,
  startUdpEcho,
} from '../lab/index.ts';
import { ethernet, ipv4, udp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, U1, W1 } from './common.ts';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: ${S1}, legs: {only: {interface: i1}}}
services:
  web:    {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
  echo:   {address: ${W1}, protocol: udp, port: 7, sequence: [s1]}
  closed: {address: ${W1}, protocol: udp, port: 9, sequence: [s1]}
`;

const TABLE = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → server | –  | i1  | U1     | S1     | d P1 | E1_M    | S1_M    |
| 3 | server → engine | i1 | –   | S1     | U1     | s P1 | S1_M    | E1_M    |
| 4 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |`;

const topology = {
  engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
  hosts: { ...outside, s1: natServer({ on: 'i1', addresses: [`${S1}/24`], gateways: ['10.0.1.2'] }) },
};

/** The ICMP errors on a leg: who tells whom, about which packet. */
function errorsOn(frames: readonly CapturedFrame[], leg: string, way: 'in' | 'out'): string[] {
  return frames.flatMap(({ leg: on, way: seen, fields: { ip, checksumsValid } }) => {
    const quoted = ip?.quoted;
    if (on !== leg || seen !== way || ip === undefined || quoted === undefined) {
      return [];
    }
    const packet = `${quoted.source}:${quoted.sourcePort} > ${quoted.destination}:${quoted.destinationPort}`;
    return [`${ip.source} > ${ip.destination} about ${packet}${checksumsValid ? '' : ' (wrong checksum)'}`];
  });
}

scenario(
  'S03 a NAT server gets its own address as destination, and its answers leave with the service address (TCP)',
  topology,
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, S1, P1: 80 }));
  },
);

scenario('S03 the same for UDP', topology, async (lab, recording) => {
  await startUdpEcho(lab.host('s1'), 7, 's1 heard');
  await Engine.start(lab, definitions);
  expect(await askUdp(lab.host('client'), W1, 7, 'hello')).toBe('s1 heard hello');
  expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, S1, P1: 7 }));
});

scenario(
  'S03 an ICMP error of the server reaches the client as one about the service',
  topology,
  async (lab, recording) => {
    await Engine.start(lab, definitions);
    await askUdp(lab.host('client'), W1, 9, 'anybody?', 40_009).catch((error: Error) => error);
    const frames = await recording.quiet();
    expect(errorsOn(frames, 'i1', 'in')).toEqual([`${S1} > ${U1} about ${U1}:40009 > ${S1}:9`]);
    expect(errorsOn(frames, 'i0', 'out')).toEqual([`${W1} > ${U1} about ${U1}:40009 > ${W1}:9`]);
  },
);

scenario(
  'S03 an ICMP error of the client reaches the server as one about its own packet',
  topology,
  async (lab, recording) => {
    await startUdpEcho(lab.host('s1'), 7, 's1 heard');
    await Engine.start(lab, definitions);
    const question = ethernet(
      { to: lab.host('router').mac('eth1'), from: lab.host('client').mac() },
      ipv4({ source: U1, destination: W1 }, udp({ source: 40_007, destination: 7 }, Buffer.from('nobody waits'))),
    );
    await lab.host('client').send('eth0', question);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const frames = await recording.quiet();
    expect(errorsOn(frames, 'i0', 'in')).toEqual([`${U1} > ${W1} about ${W1}:7 > ${U1}:40007`]);
    expect(errorsOn(frames, 'i1', 'out')).toEqual([`${U1} > ${S1} about ${S1}:7 > ${U1}:40007`]);
  },
);
