/** Bridging devices, each on two cables of its own: their links are seen, and frames that are nobody's probe them. */
import { expect } from 'vitest';
import {
  bridgingFirewall,
  type Cure,
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  forwardsNothing,
  forwardsNothingFrom,
  type Host,
  isProbe,
  linkDown,
  namesOf,
  natServer,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const S3 = '10.0.3.11';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
  i2: {}
  i3: {}
  i4: {}
  i5: {}
devices:
  ips1: {kind: inline, forwards: bridge, function: ips, health: {}, legs: {outside: {interface: i1}, inside: {interface: i2}}}
  ips2: {kind: inline, forwards: bridge, function: ips, health: {}, legs: {outside: {interface: i4}, inside: {interface: i5}}}
  app1: {kind: server, mode: nat, address: ${S3}, health: off, legs: {only: {interface: i3}}}
pools:
  ips: {members: [ips1, ips2], fail_back: true}
services:
  web: {address: ${W1}, port: 80, sequence: [ips, app1]}
`;

const table = (outer: number, inner: number): string => `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d 80 | R_M     | E0_M    |
| 2 | engine → ips    | –  | i${outer}  | U1     | W1     | d 80 | E${outer}_M    | E${inner}_M    |
| 3 | ips → engine    | i${inner} | –   | U1     | W1     | d 80 | E${outer}_M    | E${inner}_M    |
| 4 | engine → server | –  | i3  | U1     | S3     | d 80 | E3_M    | S1_M    |
| 5 | server → engine | i3 | –   | S3     | U1     | s 80 | S1_M    | E3_M    |
| 6 | engine → ips    | –  | i${inner}  | W1     | U1     | s 80 | E${inner}_M    | E${outer}_M    |
| 7 | ips → engine    | i${outer} | –   | W1     | U1     | s 80 | E${inner}_M    | E${outer}_M    |
| 8 | engine → client | –  | i0  | W1     | U1     | s 80 | E0_M    | R_M     |`;

interface Death {
  readonly how: string;
  readonly die: (host: Host) => Promise<Cure>;
  readonly trigger: 'link' | 'probe';
}

const deaths: readonly Death[] = [
  { how: 'its inside link goes down', die: (host) => linkDown(host, 'fw1'), trigger: 'link' },
  { how: 'its links are cut without a signal', die: (host) => cutSilently(host, 'fw0', 'fw1'), trigger: 'probe' },
  { how: 'it forwards the way in only', die: (host) => forwardsNothingFrom(host, 'fw1', 'bridge'), trigger: 'probe' },
  { how: 'it forwards the way back only', die: (host) => forwardsNothingFrom(host, 'fw0', 'bridge'), trigger: 'probe' },
  { how: 'it forwards nothing', die: (host) => forwardsNothing(host, 'bridge'), trigger: 'probe' },
];

scenario(
  'S40 a bridging device dies in five ways, and the other takes over',
  {
    engine: { ...ENGINE_ADDRESSES, i1: [], i2: [], i4: [], i5: [] },
    hosts: {
      ...outside,
      ips1: bridgingFirewall({ outside: { on: 'i1' }, inside: { on: 'i2' } }),
      ips2: bridgingFirewall({ outside: { on: 'i4' }, inside: { on: 'i5' } }),
      s1: natServer({ on: 'i3', addresses: [`${S3}/24`], gateways: ['10.0.3.2'] }),
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    const [names, ignore] = [namesOf(lab, { U1, W1, S3 }), isProbe(lab)];
    const visit = async (through: string): Promise<void> => {
      const before = recording.frames().length;
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
      expectLegs((await recording.quiet(ignore)).slice(before), through, names, { ignore });
    };
    await watching.state('ips1', 'up');
    await visit(table(1, 2));
    for (const { how, die, trigger } of deaths) {
      const before = (await watching.events()).length;
      const cure = await die(lab.host('ips1'));
      const events = await watching.until(before, (told) => told.some(({ what }) => what === 'move'));
      expect(events, how).toMatchObject([
        { what: 'state', device: 'ips1', to: 'down', trigger },
        { what: 'move', pool: 'ips', from: 'ips1', to: 'ips2' },
      ]);
      await visit(table(4, 5));
      await cure();
      await watching.state('ips1', 'held-up');
      await engine.restore('ips1');
      await watching.until(before, (told) => told.some(({ what, to }) => what === 'move' && to === 'ips1'));
    }
    await visit(table(1, 2));
  },
);
