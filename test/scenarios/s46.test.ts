/** All members are down: bypass, drop, or the next pool, as each step says; and the service is said to be unavailable. */
import { expect } from 'vitest';
import {
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  isProbe,
  namesOf,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { U1, W1 } from './common.ts';
import { firewallDevices, firewallLab, HEADING, W2, W3, W4, W5, walk } from './firewalls.ts';

const definitions = `${firewallDevices(3)}
pools:
  firewalls: {members: [fw1, fw2]}
  spares: {members: [fw3]}
services:
  past:    {address: ${W1}, port: 80, sequence: [{firewalls: {all_down: bypass}}, app1]}
  closed:  {address: ${W2}, port: 80, sequence: [{firewalls: {all_down: drop}}, app1]}
  another: {address: ${W3}, port: 80, sequence: [{firewalls: {all_down: {next: spares}}}, app1]}
  kept:    {address: ${W4}, port: 80, sequence: [firewalls, app1]}
`;

/** Nothing between the client and the server. */
const PAST = `
| 1 | client → engine | i0 | –  | U1 | W1 | d 80 | R_M  | E0_M |
| 4 | engine → server | –  | i3 | U1 | W1 | d 80 | E3_M | S1_M |
| 5 | server → engine | i3 | –  | W1 | U1 | s 80 | S1_M | E3_M |
| 8 | engine → client | –  | i0 | W1 | U1 | s 80 | E0_M | R_M  |`;

scenario(
  'S46 all firewalls are down: each service goes the way its step says',
  firewallLab(3),
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    const [names, ignore] = [namesOf(lab, { U1, W1, W2, W3, W4, W5 }), isProbe(lab)];
    const client = lab.host('client');
    await Promise.all(['fw1', 'fw2', 'fw3'].map((device) => watching.state(device, 'up')));
    const visit = async (addresses: readonly string[], table: string): Promise<void> => {
      const before = recording.frames().length;
      for (const address of addresses) expect(await fetchHttp(client, `${address}:80`)).toBe('from s1\n');
      expectLegs((await recording.quiet(ignore)).slice(before), table, names, { ignore });
    };
    await visit(
      [W1, W2, W3, W4],
      [HEADING, ...['W1', 'W2', 'W3', 'W4'].map((service) => walk(service, 'FW1'))].join(''),
    );
    await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
    await watching.state('fw1', 'down');
    await visit(
      [W1, W2, W3, W4],
      [HEADING, ...['W1', 'W2', 'W3', 'W4'].map((service) => walk(service, 'FW2'))].join(''),
    );

    // A service that is new now begins with who works.
    await engine.apply(`${definitions}  five: {address: ${W5}, port: 80, sequence: [firewalls, app1]}\n`);
    await visit([W5], `${HEADING}${walk('W5', 'FW2')}`);

    const before = (await watching.events()).length;
    await cutSilently(lab.host('fw2'), 'fw0', 'fw1');
    const events = await watching.until(before, (told) => told.filter(({ what }) => what === 'move').length === 3);
    expect(
      events
        .filter(({ what }) => what === 'move')
        .map(({ from, to }) => `${from} ${to}`)
        .sort(),
    ).toEqual(['fw2 bypass', 'fw2 drop', 'fw2 pool spares']);
    await visit([W1, W3], [HEADING, PAST, walk('W3', 'FW3')].join(''));

    const dropped = await engine.verdict('DROP_NO_MEMBER');
    for (const address of [W2, W4]) {
      expect((await client.attempt('curl', ['--silent', '--max-time', '1', `http://${address}/`])).code).toBe(28);
    }
    expect(await engine.verdict('DROP_NO_MEMBER')).toBeGreaterThan(dropped);
    const services = JSON.parse(await watching.command('service', 'list', '-o', 'json')) as Record<string, string>[];
    expect(Object.fromEntries(services.map(({ name, state }) => [name, state]))).toEqual({
      past: 'degraded',
      closed: 'unavailable',
      another: 'degraded',
      kept: 'unavailable',
      five: 'unavailable',
    });
    const unavailable = (await watching.events()).filter(({ what }) => what === 'unavailable');
    expect(unavailable.length).toBeGreaterThan(0);
  },
);
