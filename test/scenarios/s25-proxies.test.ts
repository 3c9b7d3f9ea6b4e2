/** Three proxies, each with a firewall of its own, chosen by service address; two services that share one of them. */
import { expect } from 'vitest';
import {
  Engine,
  expectLegs,
  fetchHttp,
  type Lab,
  loopbackServer,
  namesOf,
  natServer,
  routingFirewall,
  scenario,
  startNginx,
  startSquid,
  type Topology,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1 } from './common.ts';

type Mode = 'loopback' | 'nat';

const HOST = '203.0.113.80';
const REFUSED = '/games';
const PLACES = [1, 2, 3] as const;

/** Service address, the proxy's own, and what its firewall makes of that one. */
const service = (place: number): string => `198.51.100.${10 * place}`;
const proxy = (place: number): string => `10.0.2.${70 + place}`;
const translated = (place: number): string => `198.51.100.${90 + place}`;
/** The second service of proxy 1. */
const SHARED = service(4);

const firewall = (place: number) =>
  routingFirewall({
    outside: { on: 'i1', addresses: [`10.0.1.${20 + place}/24`] },
    inside: { on: 'i2', addresses: [`10.0.2.${20 + place}/24`] },
    routes: ['default via 10.0.1.2', `${proxy(place)} via 10.0.2.2`],
    nft: `table ip nat {
  chain post { type nat hook postrouting priority 100; oifname "fw0" ip saddr ${proxy(place)} snat to ${translated(place)}; }
}`,
  });

function proxyHost(place: number, mode: Mode) {
  const owns = place === 1 ? [service(1), SHARED] : [service(place)];
  const fields = { on: 'i2', addresses: [`${proxy(place)}/24`], gateways: ['10.0.2.2'], owns };
  return mode === 'nat' ? natServer(fields) : loopbackServer(fields);
}

/** Firewalls have 02:00:00:00:03 to :05, proxies :06 to :08. */
const topology = (mode: Mode): Topology => ({
  engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1, i2: ENGINE_ADDRESSES.i2 },
  hosts: {
    ...outside,
    ...Object.fromEntries(PLACES.map((place) => [`fw${place}`, firewall(place)])),
    ...Object.fromEntries(PLACES.map((place) => [`proxy${place}`, proxyHost(place, mode)])),
    internet: natServer({ on: 'i0far', addresses: [`${HOST}/24`], gateways: ['203.0.113.1'] }),
  },
});

/** Behind its one real address a proxy tells its services apart by port. */
const sharedStep = (mode: Mode): string => (mode === 'nat' ? '{proxy1: {port: 8081}}' : 'proxy1');

const definitions = (mode: Mode, shared = sharedStep(mode)): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
devices:
${PLACES.map(
  (place) => `  fw${place}:
    kind: inline
    function: firewall
    legs: {outside: {interface: i1, mac: "02:00:00:00:0${2 + place}:01"}, inside: {interface: i2, mac: "02:00:00:00:0${2 + place}:02"}}
  proxy${place}: {kind: proxy, mode: ${mode}, address: ${proxy(place)}, legs: {only: {interface: i2}}}`,
).join('\n')}
services:
${PLACES.map(
  (place) => `  proxied${place}: {address: ${service(place)}, protocol: tcp, port: 8080, sequence: [proxy${place}]}
  fetched${place}:
    {address: ${proxy(place)}, outward: true, from: proxy${place}, protocol: tcp, port: any, exit: i0, sequence: [{fw${place}: {translates: {source: ${translated(place)}}}}]}`,
).join('\n')}
  shared: {address: ${SHARED}, protocol: tcp, port: 8080, sequence: [${shared}]}
`;

const HEADING = `
| #  | from → to         | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-------------------|----|-----|--------|--------|------|---------|---------|`;

/** Figure 12 for the n-th proxy; W, where the client asks, A and port, where the proxy is asked. */
const twelve = (n: number, W: string, A: string, port: number): string => `
| 1  | client → engine   | i0 | –   | U1      | ${W}    | d 8080    | R_M        | E0_M       |
| 2  | engine → proxy    | –  | i2  | U1      | ${A}    | d ${port} | E2_M       | PROXY${n}_M |
| 3  | proxy → engine    | i2 | –   | PROXY${n} | HOST    | d 80      | PROXY${n}_M | E2_M       |
| 4  | engine → firewall | –  | i2  | PROXY${n} | HOST    | d 80      | E2_M       | FW${n}1_M   |
| 5  | firewall → engine | i1 | –   | FWN${n}   | HOST    | d 80      | FW${n}0_M   | E1_M       |
| 6  | engine → host     | –  | i0  | FWN${n}   | HOST    | d 80      | E0_M       | R_M        |
| 7  | host → engine     | i0 | –   | HOST    | FWN${n}   | s 80      | R_M        | E0_M       |
| 8  | engine → firewall | –  | i1  | HOST    | FWN${n}   | s 80      | E1_M       | FW${n}0_M   |
| 9  | firewall → engine | i2 | –   | HOST    | PROXY${n} | s 80      | FW${n}1_M   | E2_M       |
| 10 | engine → proxy    | –  | i2  | HOST    | PROXY${n} | s 80      | E2_M       | PROXY${n}_M |
| 11 | proxy → engine    | i2 | –   | ${A}    | U1      | s ${port} | PROXY${n}_M | E2_M       |
| 12 | engine → client   | –  | i0  | ${W}    | U1      | s 8080    | E0_M       | R_M        |`;

function names(lab: Lab) {
  const each = PLACES.flatMap((place) => [
    [`W${place}`, service(place)],
    [`PROXY${place}`, proxy(place)],
    [`FWN${place}`, translated(place)],
  ]);
  return namesOf(lab, { ...Object.fromEntries(each), W4: SHARED, U1, HOST });
}

/** By way of the proxy that a service address stands for. */
const fetchBy = (lab: Lab, address: string, path = ''): Promise<string> =>
  fetchHttp(lab.host('client'), `${HOST}:80${path}`, '--proxy', `http://${address}:8080`);

async function start(lab: Lab, mode: Mode): Promise<Engine> {
  await Promise.all([
    startNginx(lab.host('internet'), { 80: 'from the Internet' }),
    startSquid(lab.host('proxy1'), [8080, 8081]),
    startSquid(lab.host('proxy2'), 8080, REFUSED),
    startSquid(lab.host('proxy3'), 8080),
  ]);
  return Engine.start(lab, definitions(mode));
}

for (const mode of ['loopback', 'nat'] as const) {
  const at = (n: number): string => (mode === 'nat' ? `PROXY${n}` : `W${n}`);

  scenario(
    `S25 three ${mode} proxies, each with its own firewall: the service address decides, 12 legs each`,
    topology(mode),
    async (lab, recording) => {
      await start(lab, mode);
      for (const place of PLACES) {
        expect(await fetchBy(lab, service(place))).toContain('from the Internet');
      }
      const table = PLACES.map((n) => twelve(n, `W${n}`, at(n), 8080)).join('');
      expectLegs(await recording.quiet(), HEADING + table, names(lab));
    },
  );

  scenario(
    `S25 what one ${mode} proxy refuses never reaches a firewall, and another proxy lets it pass`,
    topology(mode),
    async (lab, recording) => {
      await start(lab, mode);
      await expect(fetchBy(lab, service(2), REFUSED)).rejects.toThrow('403');
      const refused = (await recording.quiet()).filter((frame) => frame.fields.ip?.protocol === 6);
      expect(refused.map(({ fields }) => fields.ip?.destination)).not.toContain(HOST);
      expect(await fetchBy(lab, service(3), REFUSED)).toContain('from the Internet');
    },
  );

  scenario(
    `S25 two services share a ${mode} proxy${mode === 'nat' ? ', by a port of its own each' : ''}, and its firewall`,
    topology(mode),
    async (lab, recording) => {
      await start(lab, mode);
      for (const address of [service(1), SHARED]) {
        expect(await fetchBy(lab, address)).toContain('from the Internet');
      }
      const shared = mode === 'nat' ? twelve(1, 'W4', 'PROXY1', 8081) : twelve(1, 'W4', 'W4', 8080);
      const client = shared.split('\n').filter((row) => /^\| (1|2|11|12) /.test(row));
      const table = [HEADING + twelve(1, 'W1', at(1), 8080), ...client].join('\n');
      expectLegs(await recording.quiet(), table, names(lab));
    },
  );
}

scenario(
  'S25 two services at one port of a proxy with one address are refused: an answer could be either',
  topology('nat'),
  async (lab) => {
    const engine = await start(lab, 'nat');
    const refused = await engine.hopline('check', lab.engine.file('same.yaml', definitions('nat', 'proxy1')));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/proxied1/);
    expect(refused.stderr).toMatch(/shared/);
  },
);
