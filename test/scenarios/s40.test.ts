/** A device dies, in every way it can: its alternate takes over in all its services, each service to its own. */
import { expect } from 'vitest';
import {
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
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { U1, W1 } from './common.ts';
import { firewallDevices, firewallLab, HEADING, W5, W9, walk } from './firewalls.ts';

/** W1 and W5 share fw1 and have an alternate each, of other makes; W9 does not use it. */
const definitions = `${firewallDevices(3)}
services:
  one:  {address: ${W1}, port: 80, sequence: [{fw1: {alternate: fw2}}, app1]}
  five: {address: ${W5}, port: 80, sequence: [{fw1: {alternate: fw3}}, app1]}
  nine: {address: ${W9}, port: 80, sequence: [{fw2: {alternate: fw3}}, app1]}
`;

const BEFORE = [HEADING, walk('W1', 'FW1'), walk('W5', 'FW1'), walk('W9', 'FW2')].join('');
const AFTER = [HEADING, walk('W1', 'FW2'), walk('W5', 'FW3'), walk('W9', 'FW2')].join('');

const deaths: readonly (readonly [string, (firewall: Host) => Promise<Cure>])[] = [
  ['its NIC goes down', (firewall) => linkDown(firewall, 'fw0')],
  ['both its links are cut without a signal', (firewall) => cutSilently(firewall, 'fw0', 'fw1')],
  ['it forwards the way in only', (firewall) => forwardsNothingFrom(firewall, 'fw1')],
  ['it forwards the way back only', (firewall) => forwardsNothingFrom(firewall, 'fw0')],
  ['it answers ping and forwards nothing', forwardsNothing],
];

scenario(
  'S40 a firewall dies in five ways, and each service goes to its own alternate',
  firewallLab(3),
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    const names = namesOf(lab, { U1, W1, W5, W9 });
    const ignore = isProbe(lab);
    let seen = 0;
    const visit = async (table: string): Promise<void> => {
      for (const address of [W1, W5, W9])
        expect(await fetchHttp(lab.host('client'), `${address}:80`)).toBe('from s1\n');
      const frames = await recording.quiet(ignore);
      expectLegs(frames.slice(seen), table, names, { ignore });
      seen = frames.length;
    };
    await watching.state('fw1', 'up');
    await visit(BEFORE);
    for (const [how, die] of deaths) {
      const before = (await watching.events()).length;
      const cure = await die(lab.host('fw1'));
      const events = await watching.until(before, (told) => told.filter(({ what }) => what === 'move').length === 2);
      expect(
        events.filter(({ device }) => device === 'fw1'),
        how,
      ).toMatchObject([{ what: 'state', from: 'up', to: 'down' }]);
      expect(
        events.filter(({ what }) => what === 'move').map(({ pool, from, to }) => ({ pool, from, to })),
        how,
      ).toEqual([
        { pool: 'fw1+fw2', from: 'fw1', to: 'fw2' },
        { pool: 'fw1+fw3', from: 'fw1', to: 'fw3' },
      ]);
      seen = recording.frames().length;
      await visit(AFTER);
      await cure();
      await watching.state('fw1', 'held-up');
      await engine.restore('fw1');
      await engine.use('fw1+fw2', 'fw1');
      await engine.use('fw1+fw3', 'fw1');
    }
    await visit(BEFORE);
  },
);
