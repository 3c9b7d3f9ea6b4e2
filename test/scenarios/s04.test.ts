import { expect } from 'vitest';
import {
  aliasServer,
  Engine,
  expectLegs,
  fetchHttp,
  type HostSpec,
  loopbackServer,
  namesOf,
  natServer,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, S2, U1, W1 } from './common.ts';

type Mode = 'loopback' | 'alias' | 'nat';

const TABLE = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → 671    | –  | i1  | U1     | A1     | d P1 | E1_M    | S1_M    |
| 3 | 671 → engine    | i1 | –   | A1     | U1     | s P1 | S1_M    | E1_M    |
| 4 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |
| 5 | client → engine | i0 | –   | U1     | W1     | d P2 | R_M     | E0_M    |
| 6 | engine → 672    | –  | i1  | U1     | A2     | d P2 | E1_M    | S2_M    |
| 7 | 672 → engine    | i1 | –   | A2     | U1     | s P2 | S2_M    | E1_M    |
| 8 | engine → client | –  | i0  | W1     | U1     | s P2 | E0_M    | R_M     |`;

function host(mode: Mode, address: string): HostSpec {
  const fields = { on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'], owns: [W1] };
  return { loopback: loopbackServer, alias: aliasServer, nat: natServer }[mode](fields);
}

const device = (mode: Mode, address: string, mac: string): string =>
  mode === 'nat'
    ? `{kind: server, mode: nat, address: ${address}, legs: {only: {interface: i1, mac: "${mac}"}}}`
    : `{kind: server, mode: ${mode}, legs: {only: {interface: i1, mac: "${mac}"}}}`;

const mixes: readonly (readonly [Mode, Mode])[] = [
  ['loopback', 'loopback'],
  ['loopback', 'alias'],
  ['alias', 'alias'],
  ['loopback', 'nat'],
  ['nat', 'loopback'],
  ['nat', 'nat'],
];

for (const [first, second] of mixes) {
  scenario(
    `S04 one address, two ports, two servers on one segment: ${first} and ${second}`,
    {
      engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
      hosts: { ...outside, s1: host(first, S1), s2: host(second, S2) },
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
devices:
  s1: ${device(first, S1, '02:00:00:00:03:01')}
  s2: ${device(second, S2, '02:00:00:00:04:01')}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
  api: {address: ${W1}, protocol: tcp, port: 81, sequence: [s2]}
`,
      );
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
      expect(await fetchHttp(lab.host('client'), `${W1}:81`)).toContain('from s2');
      const real = { A1: first === 'nat' ? S1 : W1, A2: second === 'nat' ? S2 : W1 };
      expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, ...real, P1: 80, P2: 81 }));
    },
  );
}
