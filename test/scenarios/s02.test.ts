import { expect } from 'vitest';
import { aliasServer, Engine, expectLegs, fetchHttp, namesOf, scenario, startNginx } from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, S2, U1, W1 } from './common.ts';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: alias, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
  s2: {kind: server, mode: alias, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
  api: {address: ${W1}, protocol: tcp, port: 81, sequence: [s2]}
`;

const TABLE = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → s1     | –  | i1  | U1     | W1     | d P1 | E1_M    | S1_M    |
| 3 | s1 → engine     | i1 | –   | W1     | U1     | s P1 | S1_M    | E1_M    |
| 4 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |
| 5 | client → engine | i0 | –   | U1     | W1     | d P2 | R_M     | E0_M    |
| 6 | engine → s2     | –  | i1  | U1     | W1     | d P2 | E1_M    | S2_M    |
| 7 | s2 → engine     | i1 | –   | W1     | U1     | s P2 | S2_M    | E1_M    |
| 8 | engine → client | –  | i0  | W1     | U1     | s P2 | E0_M    | R_M     |`;

const server = (address: string) =>
  aliasServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'], owns: [W1] });

scenario(
  'S02 two alias servers own one service address on one segment, and neither answers ARP for it',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: server(S1), s2: server(S2) },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await startNginx(lab.host('s2'), { 81: 'from s2' });
    await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    expect(await fetchHttp(lab.host('client'), `${W1}:81`)).toContain('from s2');
    const frames = await recording.quiet();
    expectLegs(frames, TABLE, namesOf(lab, { U1, W1, P1: 80, P2: 81 }));
    expect(frames.filter((frame) => frame.fields.arp?.sender === W1)).toEqual([]);
  },
);
