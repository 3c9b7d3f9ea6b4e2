/** A server dies, in every way it can: the next one of its pool takes over, and gives back when it is well. */
import { expect } from 'vitest';
import {
  type Cure,
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  type Host,
  ignoresPort,
  isProbe,
  linkDown,
  namesOf,
  natServer,
  neverAnswers,
  type Program,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const A1 = '10.0.1.11';
const A2 = '10.0.1.12';

const server = (address: string) => natServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'] });

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: ${A1}, legs: {only: {interface: i1}}}
  s2: {kind: server, mode: nat, address: ${A2}, legs: {only: {interface: i1}}}
pools:
  webs:
    members: [s1, s2]
    fail_back: true
    health:
      probes:
        - handshake
        - http: {port: 80, body: "^from s"}
          limit: 150ms
      interval: 200ms
      flaps: {falls: 100}
      comes_back: {after: 200ms}
services:
  web: {address: ${W1}, port: 80, sequence: [webs]}
`;

const table = (server: 'S1' | 'S2'): string => `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | W1     | d 80 | R_M     | E0_M    |
| 2 | engine → server | –  | i1  | U1     | ${server === 'S1' ? 'A1' : 'A2'} | d 80 | E1_M | ${server}_M |
| 3 | server → engine | i1 | –   | ${server === 'S1' ? 'A1' : 'A2'} | U1 | s 80 | ${server}_M | E1_M |
| 4 | engine → client | –  | i0  | W1     | U1     | s 80 | E0_M    | R_M     |`;

interface Death {
  readonly how: string;
  readonly die: (host: Host, nginx: Program) => Promise<Cure>;
  readonly reason: RegExp;
}

const deaths: readonly Death[] = [
  {
    how: 'its process is killed',
    die: async (host, nginx) => {
      nginx.signal('SIGKILL');
      return async () => void (await startNginx(host, { 80: 'from s1' }));
    },
    reason: /refused/,
  },
  { how: 'its NIC goes down', die: (host) => linkDown(host, 'eth0'), reason: /lost|unreachable/ },
  { how: 'its link is cut without a signal', die: (host) => cutSilently(host, 'eth0'), reason: /lost/ },
  { how: 'it answers ping, and no TCP', die: (host) => ignoresPort(host, 80), reason: /lost/ },
  { how: 'it accepts and never answers', die: async (_, nginx) => neverAnswers(nginx), reason: /http.*lost/ },
];

scenario(
  'S40 a server dies in five ways, and the other takes over until it is well again',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { ...outside, s1: server(A1), s2: server(A2) },
  },
  async (lab, recording) => {
    const [first] = await Promise.all(['s1', 's2'].map((name) => startNginx(lab.host(name), { 80: `from ${name}` })));
    const watching = watch(await Engine.start(lab, definitions));
    const [names, ignore] = [namesOf(lab, { U1, W1, A1, A2 }), isProbe(lab)];
    const visit = async (server: 'S1' | 'S2'): Promise<void> => {
      const before = recording.frames().length;
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe(`from ${server.toLowerCase()}\n`);
      expectLegs((await recording.quiet(ignore)).slice(before), table(server), names, { ignore });
    };
    await watching.state('s1', 'up', 'tcp/80');
    await visit('S1');
    let nginx = first;
    for (const { how, die, reason } of deaths) {
      const before = (await watching.events()).length;
      const cure = await die(lab.host('s1'), nginx as Program);
      const events = await watching.until(before, (told) => told.some(({ what }) => what === 'move'));
      expect(
        events.find(({ what, to }) => what === 'state' && to === 'down'),
        how,
      ).toMatchObject({
        device: 's1',
        application: 'tcp/80',
        reason: expect.stringMatching(reason),
      });
      expect(await watching.word('webs tcp/80'), how).toMatchObject({ target: 's2', works: true });
      await visit('S2');
      await cure();
      nginx = lab.programs.findLast(({ name }) => name === 's1: nginx');
      await watching.until(before, (told) => told.some(({ what, to }) => what === 'move' && to === 's1'));
      await visit('S1');
    }
  },
);
