import { expect } from 'vitest';
import {
  bridgingFirewall,
  Engine,
  expectLegs,
  fetchHttp,
  namesOf,
  natServer,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const S3 = '10.0.3.11';

/** A bridging device gives frames back as they are: from the engine's MAC of the one leg to that of the other. */
const TABLE = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → fw0    | –  | i1  | U1     | W1     | d P1 | E1_M    | E2_M    |
| 3 | fw1 → engine    | i2 | –   | U1     | W1     | d P1 | E1_M    | E2_M    |
| 4 | engine → server | –  | i3  | U1     | S3     | d P1 | E3_M    | S1_M    |
| 5 | server → engine | i3 | –   | S3     | U1     | s P1 | S1_M    | E3_M    |
| 6 | engine → fw1    | –  | i2  | W1     | U1     | s P1 | E2_M    | E1_M    |
| 7 | fw0 → engine    | i1 | –   | W1     | U1     | s P1 | E2_M    | E1_M    |
| 8 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |`;

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
devices:
  ips1: {kind: inline, forwards: bridge, function: ips, legs: {outside: {interface: i1}, inside: {interface: i2}}}
  s1: {kind: server, mode: nat, address: ${S3}, legs: {only: {interface: i3}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [ips1, s1]}
  big: {address: ${W1}, protocol: tcp, port: 81, sequence: [ips1, s1]}
`;

const topology = {
  engine: { ...ENGINE_ADDRESSES, i1: [], i2: [] },
  hosts: {
    ...outside,
    fw: bridgingFirewall({
      outside: { on: 'i1' },
      inside: { on: 'i2' },
      nft: `table bridge firewall {
  chain forward { type filter hook forward priority 0; policy accept; tcp dport 81 drop; counter; }
}`,
    }),
    s1: natServer({ on: 'i3', addresses: [`${S3}/24`], gateways: ['10.0.3.2'] }),
  },
};

scenario('S07 a bridging firewall between the second and the third interface', topology, async (lab, recording) => {
  await startNginx(lab.host('s1'), { 80: 'from s1', 81: 'never' });
  await Engine.start(lab, definitions);
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
  expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, S3, P1: 80 }));
});

scenario('S07 what a bridging firewall drops does not come back', topology, async (lab, recording) => {
  await startNginx(lab.host('s1'), { 80: 'from s1', 81: 'never' });
  await Engine.start(lab, definitions);
  expect((await lab.host('client').attempt('curl', ['--silent', '--max-time', '1', `http://${W1}:81/`])).code).not.toBe(
    0,
  );
  const knocks = (await recording.quiet()).filter((frame) => frame.fields.ip?.destinationPort === 81);
  expect([...new Set(knocks.map((frame) => `${frame.leg} ${frame.way}`))]).toEqual(['i0 in', 'i1 out']);
});
