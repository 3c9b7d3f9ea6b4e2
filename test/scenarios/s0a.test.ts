import { expect } from 'vitest';
import {
  clientBehindRouter,
  Engine,
  expectLegs,
  fetchHttp,
  listener,
  loopbackServer,
  namesOf,
  natServer,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { arp, ethernet, ipv6, neighbourSolicitation } from '../packets/frame.ts';
import { U1, W1 } from './common.ts';

const W6 = '2001:db8:a::10';
const U6 = '2001:db8:7::7';

/** The router takes service addresses for neighbours: it asks for them. */
const outside = clientBehindRouter({
  on: 'i0',
  client: [`${U1}/24`, `${U6}/64`],
  clientGateway: ['203.0.113.1/24', '2001:db8:7::1/64'],
  router: ['192.0.2.1/24', '2001:db8:0:1::1/64'],
  routes: ['198.51.100.0/24 dev eth0', '2001:db8:a::/64 dev eth0'],
});

const definitions = `
interfaces:
  i0: {faces: clients, gateway: [192.0.2.1, "2001:db8:0:1::1"]}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: 10.0.1.11, legs: {only: {interface: i1}}}
  s2: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
services:
  web:  {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
  web6: {address: "${W6}", protocol: tcp, port: 80, sequence: [s2]}
`;

const topology = {
  engine: { i0: ['192.0.2.2/24', '2001:db8:0:1::2/64'], i1: ['10.0.1.2/24', '2001:db8:1::2/64'] },
  hosts: {
    ...outside,
    s1: natServer({ on: 'i1', addresses: ['10.0.1.11/24'], gateways: ['10.0.1.2'] }),
    s2: loopbackServer({ on: 'i1', addresses: ['2001:db8:1::12/64'], gateways: ['2001:db8:1::2'], owns: [W6] }),
    other: listener('i1'),
  },
};

const table = (real: string): string => `
| # | from → to       | in | out | src IP | dst IP  | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|---------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1      | d P1 | R_M     | E0_M    |
| 2 | engine → server | –  | i1  | U1     | A1      | d P1 | E1_M    | ${real} |
| 3 | server → engine | i1 | –   | A1     | U1      | s P1 | ${real} | E1_M    |
| 4 | engine → client | –  | i0  | W1     | U1      | s P1 | E0_M    | R_M     |`;

scenario(
  'S0A the router finds an IPv4 service address by ARP: the engine answers it',
  topology,
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    const frames = await recording.quiet();
    expectLegs(frames, table('S1_M'), namesOf(lab, { U1, W1, A1: '10.0.1.11', P1: 80 }));
    const answers = frames.filter((frame) => frame.fields.arp?.operation === 2 && frame.fields.arp.sender === W1);
    expect(answers.map((frame) => [frame.leg, frame.way, frame.fields.from, frame.fields.arp?.senderMac])).toEqual([
      ['i0', 'out', lab.engine.mac('i0'), lab.engine.mac('i0')],
    ]);
    expect(await engine.verdict('ANSWERED_ARP', 'i0')).toBe(1);
  },
);

scenario(
  'S0A the router finds an IPv6 service address by neighbour discovery: the engine answers it',
  topology,
  async (lab, recording) => {
    await startNginx(lab.host('s2'), { 80: 'from s2' });
    const engine = await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `[${W6}]:80`)).toContain('from s2');
    expectLegs(await recording.quiet(), table('S2_M'), namesOf(lab, { U1: U6, W1: W6, A1: W6, P1: 80 }));
    expect(await engine.verdict('ANSWERED_ND', 'i0')).toBeGreaterThanOrEqual(1);
  },
);

scenario(
  'S0A where servers are, the engine answers for none of the service addresses',
  topology,
  async (lab, recording) => {
    const engine = await Engine.start(lab, definitions);
    const from = lab.host('other').mac();
    const solicitation = neighbourSolicitation(W6, from);
    await lab
      .host('other')
      .send(
        'eth0',
        ethernet(
          { to: 'ff:ff:ff:ff:ff:ff', from },
          arp({ operation: 1, senderMac: from, sender: '10.0.1.99', target: W1 }),
        ),
        ethernet(
          { to: '33:33:ff:00:00:10', from },
          ipv6({ source: 'fe80::99', destination: 'ff02::1:ff00:10', hopLimit: 255 }, solicitation),
        ),
      );
    const frames = await recording.quiet();
    expect(frames.filter((frame) => frame.way === 'out' && frame.fields.to === from)).toEqual([]);
    expect(await engine.verdict('ANSWERED_ARP')).toBe(0);
    expect(await engine.verdict('ANSWERED_ND', 'i1')).toBe(0);
  },
);

scenario(
  'S0A the engine is the default route of NAT servers by its own address on their interface',
  topology,
  async (lab, recording) => {
    await Engine.start(lab, definitions);
    await lab.host('s1').run('ip', ['neighbour', 'flush', 'all']);
    await lab.host('s1').attempt('curl', ['--silent', '--max-time', '1', 'http://192.0.2.99/']);
    const frames = await recording.quiet();
    const answers = frames.filter(
      (frame) => frame.way === 'out' && frame.fields.arp?.sender === '10.0.1.2' && frame.fields.arp.operation === 2,
    );
    expect(answers.map((frame) => frame.fields.arp?.senderMac)).toContain(lab.engine.mac('i1'));
  },
);
