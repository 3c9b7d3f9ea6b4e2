import { expect } from 'vitest';
import { Engine, expectLegs, fetchHttp, namesOf, scenario, startNginx, startTunnel } from '../lab/index.ts';
import { U1, W1 } from './common.ts';
import { fig7, fig7Devices, T1, TV } from './fig7.ts';

const TABLE = `
| #  | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-----------------|----|-----|--------|--------|------|---------|---------|
| 1  | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2  | engine → fw0    | –  | i1  | U1     | W1     | d P1 | E1_M    | FW0_M   |
| 3  | fw1 → engine    | i2 | –   | U1     | W1     | d P1 | FW1_M   | E2_M    |
| 4  | engine → VPN    | –  | i2  | U1     | W1     | d P1 | E2_M    | VPN_M   |
| 5  | VPN → engine    | i2 | –   | T1     | W1     | d P2 | VPN_M   | E2_M    |
| 6a | engine → IDS    | –  | i1  | T1     | W1     | d P2 | E1_M    | IDS_M   |
| 6b | engine → server | –  | i3  | T1     | W1     | d P2 | E3_M    | S1_M    |
| 7  | server → engine | i3 | –   | W1     | T1     | s P2 | S1_M    | E3_M    |
| 8a | engine → IDS    | –  | i1  | W1     | T1     | s P2 | E1_M    | IDS_M   |
| 8b | engine → VPN    | –  | i2  | W1     | T1     | s P2 | E2_M    | VPN_M   |
| 9  | VPN → engine    | i2 | –   | W1     | U1     | s P1 | VPN_M   | E2_M    |
| 10 | engine → fw1    | –  | i2  | W1     | U1     | s P1 | E2_M    | FW1_M   |
| 11 | fw0 → engine    | i1 | –   | W1     | U1     | s P1 | FW0_M   | E1_M    |
| 12 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |`;

const definitions = fig7Devices('loopback', true).replace(
  /vpn1: .*/,
  'vpn1: {kind: inline, function: vpn, mode: loopback, legs: {only: {interface: i2, mac: "02:00:00:00:06:01"}}}',
);

scenario(
  'S21 the VPN owns the service address and hides the port; what it reveals continues the same service',
  fig7('loopback', true),
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await Engine.start(
      lab,
      `${definitions}
services:
  shop:
    address: ${W1}
    protocol: udp
    port: 51820
    sequence:
      - fw1
      - vpn1: {reveals: {protocol: tcp, port: 80}}
      - copy: [ids1]
      - app1
`,
    );
    await startTunnel({
      client: {
        host: lab.host('client'),
        address: T1,
        routes: [`ip route add ${W1} dev wg0 table 100`, `ip rule add pref 10 to ${W1} ipproto tcp lookup 100`],
      },
      server: {
        host: lab.host('vpn'),
        address: TV,
        routes: [
          `ip address add ${W1}/32 dev lo`,
          'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
          `ip route add ${T1} dev wg0`,
          'ip rule add pref 50 iif wg0 lookup 100',
          'ip route add default via 10.0.2.2 dev eth0 table 100',
          'ip rule add pref 200 lookup local',
          'ip rule del pref 0',
        ],
      },
      endpoint: W1,
      port: 51820,
    });
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, T1, P1: 51820, P2: 80 }));
  },
);
