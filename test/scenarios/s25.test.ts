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
  startSquid,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const PROXY = '10.0.2.7';
/** What the firewall translates the proxy's address to. */
const FWN = '198.51.100.99';
const HOST = '203.0.113.80';

const TABLE = `
| #  | from → to         | in | out | src IP | dst IP | port   | src MAC | dst MAC |
|----|-------------------|----|-----|--------|--------|--------|---------|---------|
| 1  | client → engine   | i0 | –   | U1     | W1     | d 8080 | R_M     | E0_M    |
| 2  | engine → proxy    | –  | i2  | U1     | A1     | d 8080 | E2_M    | PROXY_M |
| 3  | proxy → engine    | i2 | –   | PROXY  | HOST   | d 80   | PROXY_M | E2_M    |
| 4  | engine → firewall | –  | i2  | PROXY  | HOST   | d 80   | E2_M    | FW1_M   |
| 5  | firewall → engine | i1 | –   | FWN    | HOST   | d 80   | FW0_M   | E1_M    |
| 6  | engine → host     | –  | i0  | FWN    | HOST   | d 80   | E0_M    | R_M     |
| 7  | host → engine     | i0 | –   | HOST   | FWN    | s 80   | R_M     | E0_M    |
| 8  | engine → firewall | –  | i1  | HOST   | FWN    | s 80   | E1_M    | FW0_M   |
| 9  | firewall → engine | i2 | –   | HOST   | PROXY  | s 80   | FW1_M   | E2_M    |
| 10 | engine → proxy    | –  | i2  | HOST   | PROXY  | s 80   | E2_M    | PROXY_M |
| 11 | proxy → engine    | i2 | –   | A1     | U1     | s 8080 | PROXY_M | E2_M    |
| 12 | engine → client   | –  | i0  | W1     | U1     | s 8080 | E0_M    | R_M     |`;

const definitions = (mode: 'loopback' | 'nat'): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
devices:
  fw1:
    kind: inline
    function: firewall
    legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}
  proxy1: {kind: proxy, mode: ${mode}, address: ${PROXY}, legs: {only: {interface: i2}}}
services:
  proxied:
    {address: ${W1}, protocol: tcp, port: 8080, sequence: [proxy1]}
  fetched:
    address: ${PROXY}
    outward: true
    from: proxy1
    protocol: tcp
    port: any
    sequence: [{fw1: {translates: {source: ${FWN}}}}]
    exit: i0
`;

for (const mode of ['loopback', 'nat'] as const) {
  const fields = { on: 'i2', addresses: [`${PROXY}/24`], gateways: ['10.0.2.2'], owns: [W1] };
  scenario(
    `S25 squid as ${mode} end device; what it fetches leaves through its firewall, which translates it: 12 legs`,
    {
      engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1, i2: ENGINE_ADDRESSES.i2 },
      hosts: {
        ...outside,
        fw: routingFirewall({
          outside: { on: 'i1', addresses: ['10.0.1.21/24'] },
          inside: { on: 'i2', addresses: ['10.0.2.21/24'] },
          // To the proxy, too, by way of the engine, although it is a neighbour.
          routes: ['default via 10.0.1.2', `${PROXY} via 10.0.2.2`],
          nft: `table ip nat {
  chain post { type nat hook postrouting priority 100; oifname "fw0" ip saddr ${PROXY} snat to ${FWN}; }
}`,
        }),
        proxy: mode === 'nat' ? natServer(fields) : loopbackServer(fields),
        internet: natServer({ on: 'i0far', addresses: [`${HOST}/24`], gateways: ['203.0.113.1'] }),
      },
    },
    async (lab, recording) => {
      await startNginx(lab.host('internet'), { 80: 'from the Internet' });
      await startSquid(lab.host('proxy'), 8080);
      await Engine.start(lab, definitions(mode));
      const got = await fetchHttp(lab.host('client'), `${HOST}:80`, '--proxy', `http://${W1}:8080`);
      expect(got).toContain('from the Internet');
      const names = { U1, W1, PROXY, HOST, FWN, A1: mode === 'nat' ? PROXY : W1 };
      expectLegs(await recording.quiet(), TABLE, namesOf(lab, names));
    },
  );
}
