import { expect } from 'vitest';
import {
  clientBehindRouter,
  Engine,
  expectLegs,
  fetchHttp,
  loopbackServer,
  namesOf,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const U2 = '203.0.114.7';

/** A second client behind a second router, on i2. */
const second = clientBehindRouter({
  on: 'i2',
  client: [`${U2}/24`],
  clientGateway: ['203.0.114.1/24'],
  router: ['10.0.2.1/24'],
  routes: ['198.51.100.0/24 via 10.0.2.2'],
});

const definitions = `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
  i2: {faces: clients, gateway: 10.0.2.1}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:05:01"}}}
  s2: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:06:01"}}}
services:
  one: {address: ${W1}, protocol: tcp, port: 80, from: i0, exit: i0, sequence: [s1]}
  two: {address: ${W1}, protocol: tcp, port: 80, from: i2, exit: i2, sequence: [s2]}
`;

const TABLE = `
| # | from → to        | in | out | src IP | dst IP | port | src MAC  | dst MAC  |
|---|------------------|----|-----|--------|--------|------|----------|----------|
| 1 | client → engine  | i0 | –   | U1     | W1     | d P1 | R_M      | E0_M     |
| 2 | engine → s1      | –  | i1  | U1     | W1     | d P1 | E1_M     | S1_M     |
| 3 | s1 → engine      | i1 | –   | W1     | U1     | s P1 | S1_M     | E1_M     |
| 4 | engine → client  | –  | i0  | W1     | U1     | s P1 | E0_M     | R_M      |
| 5 | client2 → engine | i2 | –   | U2     | W1     | d P1 | ROUTERB0_M | E2_M   |
| 6 | engine → s2      | –  | i1  | U2     | W1     | d P1 | E1_M     | S2_M     |
| 7 | s2 → engine      | i1 | –   | W1     | U2     | s P1 | S2_M     | E1_M     |
| 8 | engine → client2 | –  | i2  | W1     | U2     | s P1 | E2_M     | ROUTERB0_M |`;

const server = (address: string) =>
  loopbackServer({ on: 'i1', addresses: [address], gateways: ['10.0.1.2'], owns: [W1] });

scenario(
  'S0C the same service address and port entering by two interfaces takes two sequences',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1, i2: ENGINE_ADDRESSES.i2 },
    hosts: {
      ...outside,
      clientb: second.client,
      routerb: second.router,
      s1: server('10.0.1.11/24'),
      s2: server('10.0.1.12/24'),
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await startNginx(lab.host('s2'), { 80: 'from s2' });
    await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    expect(await fetchHttp(lab.host('clientb'), `${W1}:80`)).toContain('from s2');
    expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, U2, W1, P1: 80 }));
  },
);
