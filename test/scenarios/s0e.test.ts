import { expect } from 'vitest';
import {
  clientBehindRouter,
  Engine,
  expectLegs,
  fetchHttp,
  namesOf,
  natServer,
  routingFirewall,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { ENGINE_ADDRESSES, U1 } from './common.ts';

/** What clients have always asked for: the server's own address, once. */
const OLD = '10.0.3.50';
const NEW = '10.0.3.11';

const outside = clientBehindRouter({
  on: 'i0',
  client: [`${U1}/24`],
  clientGateway: ['203.0.113.1/24'],
  router: ['192.0.2.1/24'],
  routes: ['10.0.3.0/24 via 192.0.2.2'],
});

const definitions = `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
devices:
  fw1:
    kind: inline
    legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}
  s1: {kind: server, mode: nat, address: ${NEW}, legs: {only: {interface: i3}}}
services:
  web: {address: ${OLD}, protocol: tcp, port: 80, sequence: [fw1, s1]}
`;

const TABLE = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | OLD    | d P1 | R_M     | E0_M    |
| 2 | engine → fw0    | –  | i1  | U1     | OLD    | d P1 | E1_M    | FW0_M   |
| 3 | fw1 → engine    | i2 | –   | U1     | OLD    | d P1 | FW1_M   | E2_M    |
| 4 | engine → server | –  | i3  | U1     | NEW    | d P1 | E3_M    | S1_M    |
| 5 | server → engine | i3 | –   | NEW    | U1     | s P1 | S1_M    | E3_M    |
| 6 | engine → fw1    | –  | i2  | OLD    | U1     | s P1 | E2_M    | FW1_M   |
| 7 | fw0 → engine    | i1 | –   | OLD    | U1     | s P1 | FW0_M   | E1_M    |
| 8 | engine → client | –  | i0  | OLD    | U1     | s P1 | E0_M    | R_M     |`;

scenario(
  "S0E a server's old address becomes the service address, and clients notice nothing",
  {
    engine: ENGINE_ADDRESSES,
    hosts: {
      ...outside,
      fw: routingFirewall({
        outside: { on: 'i1', addresses: ['10.0.1.21/24'] },
        inside: { on: 'i2', addresses: ['10.0.2.21/24'] },
        routes: ['default via 10.0.1.2', '10.0.3.0/24 via 10.0.2.2'],
      }),
      s1: natServer({ on: 'i3', addresses: [`${OLD}/24`], gateways: ['10.0.3.2'] }),
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const asBefore = [
      'echo 1 >/proc/sys/net/ipv4/ip_forward',
      'ip route add default via 192.0.2.1',
      'ethtool -K i0 tx off',
      'ethtool -K i3 tx off',
    ];
    await lab.engine.run('sh', ['-ec', asBefore.join('\n')]);
    expect(await fetchHttp(lab.host('client'), `${OLD}:80`)).toContain('from s1');
    const before = (await recording.quiet()).length;
    await lab.host('s1').run('ip', ['-batch', '-'], {
      input: `address del ${OLD}/24 dev eth0\naddress add ${NEW}/24 dev eth0\nroute replace default via 10.0.3.2\n`,
    });
    await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${OLD}:80`)).toContain('from s1');
    expectLegs((await recording.quiet()).slice(before), TABLE, namesOf(lab, { U1, OLD, NEW, P1: 80 }));
  },
);
