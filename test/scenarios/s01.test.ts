import { expect } from 'vitest';
import { Engine, expectLegs, fetchHttp, loopbackServer, namesOf, scenario, startNginx } from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
`;

const TABLE = `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2 | engine → server | –  | i1  | U1     | W1     | d P1 | E1_M    | S1_M    |
| 3 | server → engine | i1 | –   | W1     | U1     | s P1 | S1_M    | E1_M    |
| 4 | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |`;

scenario(
  "S01 a loopback server gets its packets unmodified but for MACs, and answers through the client's interface",
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      ...outside,
      s1: loopbackServer({ on: 'i1', addresses: ['10.0.1.11/24'], gateways: ['10.0.1.2'], owns: [W1] }),
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
    const frames = await recording.quiet();
    expectLegs(frames, TABLE, namesOf(lab, { U1, W1, P1: 80 }));
    const sent = frames.filter((frame) => frame.way === 'out' && frame.fields.ip?.protocol === 6).length;
    expect(await engine.verdict('FORWARDED')).toBe(sent);
  },
);
