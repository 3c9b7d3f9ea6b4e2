/** Past a device in the middle: what is before it and behind it are each other's neighbours, also after one of them moves. */
import { expect } from 'vitest';
import {
  bridgingFirewall,
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  isProbe,
  linkDown,
  namesOf,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { U1, W1 } from './common.ts';
import { firewallDevices, firewallLab, HEADING, walk } from './firewalls.ts';

const firewalls = firewallLab(2);

const definitions = firewallDevices(2)
  .replace('devices:', '  i4: {}\n  i5: {}\ndevices:')
  .concat(
    `  ips1: {kind: inline, forwards: bridge, function: ips, health: {comes_back: {after: 300ms}}, legs: {outside: {interface: i4}, inside: {interface: i5}}}
pools:
  firewalls: {members: [fw1, fw2]}
  ips: {members: [ips1], all_down: bypass}
services:
  web: {address: ${W1}, port: 80, sequence: [firewalls, ips, app1]}
`,
  );

/** Client, firewall, IPS, server, and back. */
const whole = (firewall: string): string => `${HEADING}
| 1  | client → engine   | i0 | –  | U1 | W1 | d 80 | R_M            | E0_M           |
| 2  | engine → firewall | –  | i1 | U1 | W1 | d 80 | E1_M           | ${firewall}0_M |
| 3  | firewall → engine | i2 | –  | U1 | W1 | d 80 | ${firewall}1_M | E2_M           |
| 4  | engine → IPS      | –  | i4 | U1 | W1 | d 80 | E4_M           | E5_M           |
| 5  | IPS → engine      | i5 | –  | U1 | W1 | d 80 | E4_M           | E5_M           |
| 6  | engine → server   | –  | i3 | U1 | W1 | d 80 | E3_M           | S1_M           |
| 7  | server → engine   | i3 | –  | W1 | U1 | s 80 | S1_M           | E3_M           |
| 8  | engine → IPS      | –  | i5 | W1 | U1 | s 80 | E5_M           | E4_M           |
| 9  | IPS → engine      | i4 | –  | W1 | U1 | s 80 | E5_M           | E4_M           |
| 10 | engine → firewall | –  | i2 | W1 | U1 | s 80 | E2_M           | ${firewall}1_M |
| 11 | firewall → engine | i1 | –  | W1 | U1 | s 80 | ${firewall}0_M | E1_M           |
| 12 | engine → client   | –  | i0 | W1 | U1 | s 80 | E0_M           | R_M            |`;

/** Without the IPS. */
const past = (firewall: string): string => `${HEADING}${walk('W1', firewall)}`;

scenario(
  'S46 an IPS in the middle is passed by, the firewalls before it move, and it comes back',
  {
    engine: { ...firewalls.engine, i4: [], i5: [] },
    hosts: { ...firewalls.hosts, ips: bridgingFirewall({ outside: { on: 'i4' }, inside: { on: 'i5' } }) },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    const [names, ignore] = [namesOf(lab, { U1, W1 }), isProbe(lab)];
    const visit = async (table: string): Promise<void> => {
      const before = recording.frames().length;
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
      expectLegs((await recording.quiet(ignore)).slice(before), table, names, { ignore });
    };
    const moved = (to: string): Promise<unknown> =>
      watching.until(0, (told) => told.findLast(({ what }) => what === 'move')?.to === to);
    await Promise.all(['fw1', 'fw2', 'ips1'].map((device) => watching.state(device, 'up')));
    await visit(whole('FW1'));
    const cure = await linkDown(lab.host('ips'), 'fw0');
    await moved('bypass');
    await visit(past('FW1'));
    await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
    await moved('fw2');
    await visit(past('FW2'));
    await cure();
    await moved('ips1');
    await visit(whole('FW2'));
    const services = JSON.parse(await watching.command('service', 'list', '-o', 'json'));
    expect(services).toMatchObject([{ name: 'web', state: 'up' }]);
  },
);
