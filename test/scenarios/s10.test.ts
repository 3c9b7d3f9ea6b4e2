import { expect } from 'vitest';
import { Engine, expectLegs, fetchHttp, listener, namesOf, scenario, startNginx } from '../lab/index.ts';
import { U1, W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

/** Beside which device the copies are taken. */
type Beside = 'firewall' | 'server';

/** The IDS beside the firewall or, later in the sequence, beside the server: on its interface, or on another. */
function table(beside: Beside, ids: string, mac: string): string {
  const copy = (number: string, when: Beside, ends: string, port: string): string =>
    when === beside ? `\n| ${number} | engine → IDS | – | ${ids} | ${ends} | ${port} | – | ${mac} |` : '';
  return `
| #  | from → to       | in | out    | src IP | dst IP | port | src MAC | dst MAC |
|----|-----------------|----|--------|--------|--------|------|---------|---------|
| 1  | client → engine | i0 | –      | U1     | W1     | d P1 | R_M     | E0_M    |${copy('2a', 'firewall', 'U1 | W1', 'd P1')}
| 2b | engine → fw0    | –  | i1     | U1     | W1     | d P1 | E1_M    | FW0_M   |
| 3  | fw1 → engine    | i2 | –      | U1     | W1     | d P1 | FW1_M   | E2_M    |${copy('4a', 'server', 'U1 | W1', 'd P1')}
| 4b | engine → server | –  | i3     | U1     | W1     | d P1 | E3_M    | S1_M    |
| 5  | server → engine | i3 | –      | W1     | U1     | s P1 | S1_M    | E3_M    |${copy('6a', 'server', 'W1 | U1', 's P1')}
| 6b | engine → fw1    | –  | i2     | W1     | U1     | s P1 | E2_M    | FW1_M   |
| 7  | fw0 → engine    | i1 | –      | W1     | U1     | s P1 | FW0_M   | E1_M    |${copy('8a', 'firewall', 'W1 | U1', 's P1')}
| 8b | engine → client | –  | i0     | W1     | U1     | s P1 | E0_M    | R_M     |`;
}

const definitions = (beside: Beside, tap: string): string => {
  const copy = `{copy: [${tap}]}`;
  const sequence = beside === 'firewall' ? `[${copy}, fw1, app1]` : `[fw1, ${copy}, app1]`;
  return `${fig7Devices('loopback')}  ids2: {kind: tap, function: ids, legs: {only: {interface: i3, mac: "02:00:00:00:06:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: ${sequence}}
`;
};

const plain = fig7('loopback');

const IDS1 = { tap: 'ids1', on: 'i1', mac: 'IDS_M' } as const;
const IDS2 = { tap: 'ids2', on: 'i3', mac: 'IDS2_M' } as const;

for (const [beside, where, { tap, on, mac }] of [
  ['firewall', 'the same interface', IDS1],
  ['firewall', 'different interfaces', IDS2],
  ['server', 'the same interface', IDS2],
  ['server', 'different interfaces', IDS1],
] as const) {
  scenario(
    `S10 one packet reaches ${beside} and IDS on ${where} at about the same time`,
    { ...plain, hosts: { ...plain.hosts, ids2: listener('i3') } },
    async (lab, recording) => {
      await startNginx(lab.host('s1'), { 80: 'from s1' });
      await Engine.start(lab, definitions(beside, tap));
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
      const frames = await recording.quiet();
      const names = namesOf(lab, { U1, W1, P1: 80 });
      expectLegs(frames, table(beside, on, mac), names);
      const times = (to: string | number | undefined): bigint[] =>
        frames.filter((frame) => frame.fields.to === to && frame.fields.ip?.source === U1).map((frame) => frame.time);
      const originals = times(beside === 'firewall' ? names.FW0_M : names.S1_M);
      const apart = times(names[mac]).map((time, place) => Math.abs(Number(time - (originals[place] ?? 0n))) / 1e6);
      expect(apart.length).toBeGreaterThan(3);
      expect(apart.sort((a, b) => a - b)[apart.length >> 1]).toBeLessThan(1);
    },
  );
}
