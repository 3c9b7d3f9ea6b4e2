import { expect } from 'vitest';
import { Engine, expectLegs, fetchHttp, namesOf, scenario, startNginx } from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { U1, W1 } from './common.ts';
import { fig7, fig7Devices, S3 } from './fig7.ts';

const TABLE = `
| #  | from → to       | in | out | src IP | dst IP | port  | src MAC | dst MAC |
|----|-----------------|----|-----|--------|--------|-------|---------|---------|
| 1  | client → engine | i0 | –   | U1     | W1     | d P1  | R_M     | E0_M    |
| 2  | engine → fw0    | –  | i1  | U1     | W1     | d P1  | E1_M    | FW0_M   |
| 3  | fw1 → engine    | i2 | –   | U1     | W1     | d P1  | FW1_M   | E2_M    |
| 4a | engine → IDS    | –  | i1  | U1     | W1     | d P1  | E1_M    | IDS_M   |
| 4b | engine → server | –  | i3  | U1     | A1     | d TP1 | E3_M    | S1_M    |
| 5  | server → engine | i3 | –   | A1     | U1     | s TP1 | S1_M    | E3_M    |
| 6a | engine → IDS    | –  | i1  | W1     | U1     | s P1  | E1_M    | IDS_M   |
| 6b | engine → fw1    | –  | i2  | W1     | U1     | s P1  | E2_M    | FW1_M   |
| 7  | fw0 → engine    | i1 | –   | W1     | U1     | s P1  | FW0_M   | E1_M    |
| 8  | engine → client | –  | i0  | W1     | U1     | s P1  | E0_M    | R_M     |`;

const services = `
services:
  web:
    address: ${W1}
    protocol: tcp
    port: 20
    sequence: [fw1, {copy: [ids1]}, {app1: {port: 2020}}]
`;

for (const mode of ['loopback', 'nat'] as const) {
  scenario(
    `S22 port 20 outside and at every other device, 2020 only between engine and ${mode} server`,
    fig7(mode),
    async (lab, recording) => {
      await startNginx(lab.host('s1'), { 2020: 'from s1' });
      await Engine.start(lab, fig7Devices(mode) + services);
      expect(await fetchHttp(lab.host('client'), `${W1}:20`)).toContain('from s1');
      const names = namesOf(lab, { U1, W1, A1: mode === 'nat' ? S3 : W1, P1: 20, TP1: 2020 });
      expectLegs(await recording.quiet(), TABLE, names);
    },
  );
}

scenario(
  "S22 the port between engine and server is nobody else's: not for a client, and untranslated not from the server",
  fig7('loopback'),
  async (lab, recording) => {
    const engine = await Engine.start(lab, fig7Devices('loopback') + services);
    await lab
      .host('router')
      .send(
        'eth0',
        ethernet(
          { to: lab.engine.mac('i0'), from: lab.host('router').mac('eth0') },
          ipv4({ source: U1, destination: W1 }, tcp({ source: 40_000, destination: 2020, flags: 2 })),
        ),
      );
    await lab
      .host('s1')
      .send(
        'eth0',
        ethernet(
          { to: lab.engine.mac('i3'), from: lab.host('s1').mac() },
          ipv4({ source: W1, destination: U1 }, tcp({ source: 20, destination: 40_000, flags: 0x12 })),
        ),
      );
    const frames = await recording.quiet();
    expect(frames.filter((frame) => frame.way === 'out' && frame.fields.ip?.protocol === 6)).toEqual([]);
    expect(await engine.verdict('DROP_UNDEFINED_PORT', 'i0')).toBe(1);
    expect(await engine.verdict('DROP_WRONG_ORIGIN', 'i3')).toBe(1);
  },
);
