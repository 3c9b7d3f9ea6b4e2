import { expect } from 'vitest';
import {
  Engine,
  expectLegs,
  fetchHttp,
  loopbackServer,
  namesOf,
  natServer,
  routingFirewall,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, U1, W1 } from './common.ts';

const TWO = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → s1     | –  | i1  | U1     | S1     | d P1 | E1_M    | S1_M    |
| 3 | s1 → engine     | i1 | –   | S1     | U1     | s P1 | S1_M    | E1_M    |
| 4 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |
| 5 | client → engine | i0 | –   | U1     | W1     | d P2 | R_M     | E0_M    |
| 6 | engine → s2     | –  | i2  | U1     | W1     | d P2 | E2_M    | S2_M    |
| 7 | s2 → engine     | i2 | –   | W1     | U1     | s P2 | S2_M    | E2_M    |
| 8 | engine → client | –  | i0  | W1     | U1     | s P2 | E0_M    | R_M     |`;

scenario(
  'S07 two applications on a second and a third interface',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1, i2: ENGINE_ADDRESSES.i2 },
    hosts: {
      ...outside,
      s1: natServer({ on: 'i1', addresses: [`${S1}/24`], gateways: ['10.0.1.2'] }),
      s2: loopbackServer({ on: 'i2', addresses: ['10.0.2.11/24'], gateways: ['10.0.2.2'], owns: [W1] }),
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await startNginx(lab.host('s2'), { 81: 'from s2' });
    await Engine.start(
      lab,
      `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: ${S1}, legs: {only: {interface: i1}}}
  s2: {kind: server, mode: loopback, legs: {only: {interface: i2, mac: "02:00:00:00:04:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
  api: {address: ${W1}, protocol: tcp, port: 81, sequence: [s2]}
`,
    );
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    expect(await fetchHttp(lab.host('client'), `${W1}:81`)).toContain('from s2');
    expectLegs(await recording.quiet(), TWO, namesOf(lab, { U1, W1, S1, P1: 80, P2: 81 }));
  },
);

const chain = (outer: string, inner: string, end: string): string => `
| # | from → to       | in       | out      | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----------|----------|--------|--------|------|---------|---------|
| 1 | client → engine | i0       | –        | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → fw0    | –        | ${outer} | U1     | W1     | d P1 | –       | FW0_M   |
| 3 | fw1 → engine    | ${inner} | –        | U1     | W1     | d P1 | FW1_M   | EI_M    |
| 4 | engine → server | –        | ${end}   | U1     | W1     | d P1 | –       | S1_M    |
| 5 | server → engine | ${end}   | –        | W1     | U1     | s P1 | S1_M    | EE_M    |
| 6 | engine → fw1    | –        | ${inner} | W1     | U1     | s P1 | –       | FW1_M   |
| 7 | fw0 → engine    | ${outer} | –        | W1     | U1     | s P1 | FW0_M   | EO_M    |
| 8 | engine → client | –        | i0       | W1     | U1     | s P1 | E0_M    | R_M     |`;

for (const [name, outer, inner, end] of [
  ['a device takes on the second interface and gives back on the third, the server is on the fourth', 'i1', 'i2', 'i3'],
  ['one interface for clients, devices and servers', 'i0', 'i0', 'i0'],
  ["the device on the clients' interface and the second, the server there too", 'i0', 'i1', 'i1'],
] as const) {
  const net = (nic: 'i0' | 'i1' | 'i2' | 'i3'): string => (nic === 'i0' ? '192.0.2' : `10.0.${nic.slice(1)}`);
  const used = [...new Set(['i0', outer, inner, end] as const)].sort();
  scenario(
    `S07 ${name}`,
    {
      engine: Object.fromEntries(used.map((nic) => [nic, ENGINE_ADDRESSES[nic]])),
      hosts: {
        ...outside,
        fw: routingFirewall({
          outside: { on: outer, addresses: [`${net(outer)}.21/24`] },
          inside: { on: inner, addresses: [outer === inner ? '192.0.2.22/32' : `${net(inner)}.21/24`] },
          routes: [`default via ${net(outer)}.2 dev fw0`, `198.51.100.0/24 via ${net(inner)}.2 dev fw1 onlink`],
        }),
        s1: loopbackServer({ on: end, addresses: [`${net(end)}.31/24`], gateways: [`${net(end)}.2`], owns: [W1] }),
      },
    },
    async (lab, recording) => {
      await startNginx(lab.host('s1'), { 80: 'from s1' });
      // Two legs on one segment: each answers ARP for its own address only.
      await lab
        .host('fw')
        .run('sh', [
          '-ec',
          'for c in /proc/sys/net/ipv4/conf/*; do echo 1 >$c/arp_ignore; echo 2 >$c/arp_announce; echo 0 >$c/send_redirects; done',
        ]);
      const faces = (nic: string): string =>
        nic === 'i0' ? 'i0: {faces: both, gateway: 192.0.2.1}' : `${nic}: {faces: devices}`;
      await Engine.start(
        lab,
        `
interfaces:
  ${(used.length === 4 ? [CLIENTS_ON_I0, ...used.slice(1).map(faces)] : used.map(faces)).join('\n  ')}
devices:
  fw1:
    kind: inline
    legs: {outside: {interface: ${outer}, mac: "02:00:00:00:03:01"}, inside: {interface: ${inner}, mac: "02:00:00:00:03:02"}}
  s1: {kind: server, mode: loopback, legs: {only: {interface: ${end}, mac: "02:00:00:00:04:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [fw1, s1]}
`,
      );
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
      const names = namesOf(lab, { U1, W1, P1: 80 });
      const own = (nic: string): string | number => names[`E${nic.slice(1)}_M`] ?? '';
      const table = chain(outer, inner, end);
      expectLegs(await recording.quiet(), table, { ...names, EO_M: own(outer), EI_M: own(inner), EE_M: own(end) });
    },
  );
}
