/** Modes that are found late, that cannot be, that outlive the controller, and that are found anew ([0101] [0133]). */
import { expect } from 'vitest';
import type { ToldEvent } from '../../src/health/types.ts';
import {
  Engine,
  expectLegs,
  fetchHttp,
  isProbe,
  loopbackServer,
  namesOf,
  natServer,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, S2, U1, W1 } from './common.ts';

const W2 = '198.51.100.20';
const HANDSHAKE = 'a handshake on tcp/80';

/** The way through a server that answers for `server`. */
const table = (service: string, server: string, mac: string): string => `
| # | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine | i0 | –   | U1     | ${service} | d 80 | R_M    | E0_M   |
| 2 | engine → server | –  | i1  | U1     | ${server}  | d 80 | E1_M   | ${mac} |
| 3 | server → engine | i1 | –   | ${server}  | U1 | s 80 | ${mac} | E1_M   |
| 4 | engine → client | –  | i0  | ${service} | U1 | s 80 | E0_M   | R_M    |`;

/** Nobody gets in at the server's own address any more. */
const CLOSED = `table inet own {
  chain input {
    type filter hook input priority 0; policy accept;
    ip daddr ${S1} tcp dport 80 drop
  }
}`;

const definitions = (devices: string, services: string): string => `
health: {}
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
  s1: {kind: server, mode: auto, address: ${S1}, legs: {only: {interface: i1}}}
  ${devices}
services:
  web1: {address: ${W1}, port: 80, sequence: [s1]}
  ${services}
`;

const LATER = definitions(
  's2: {kind: proxy, mode: auto, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}',
  `web2: {address: ${W2}, port: 80, sequence: [s2]}`,
);
const TWO = definitions('', `web2: {address: ${W2}, port: 80, sequence: [s1]}`);
const ONE = definitions('', '');

const told = (events: readonly ToldEvent[], device: string): string[] =>
  events
    .filter((event) => event.what === 'mode' && event.device === device)
    .map(({ from, to, reason }) => (to === undefined ? reason : `${from} -> ${to}: ${reason}`));

/** Waits until the controller is ready, whatever is degraded. */
async function isReady(engine: Engine): Promise<void> {
  const ready = () =>
    engine.status().then(
      ({ controller }) => controller?.ready,
      () => false,
    );
  await expect.poll(ready, { timeout: 20_000 }).toBe(true);
}

const s1 = natServer({ on: 'i1', addresses: [`${S1}/24`], gateways: ['10.0.1.2'] });

scenario(
  'S08 servers that nobody listens on are tried until they answer; one without an address of its own for the service only',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      ...outside,
      s1,
      s2: loopbackServer({ on: 'i1', addresses: [`${S2}/24`], gateways: ['10.0.1.2'], owns: [W2] }),
    },
  },
  async (lab, recording) => {
    const engine = Engine.launch(lab, LATER);
    await isReady(engine);
    const watching = watch(engine);
    const silent = await watching.until(0, (all) => all.length === 2);
    expect(told(silent, 's1')).toEqual([`not known: neither ${W1} nor ${S1} answers ${HANDSHAKE}`]);
    expect(told(silent, 's2')).toEqual([`not known: ${W2} does not answer ${HANDSHAKE}`]);
    const { degraded } = await engine.status();
    expect(degraded.map(({ service, reasons }) => `${service}: ${reasons}`)).toEqual([
      `web1: the mode of s1 is not known yet: neither ${W1} nor ${S1} answers ${HANDSHAKE} (hopline device show s1)`,
      `web2: the mode of s2 is not known yet: ${W2} does not answer ${HANDSHAKE} (hopline device show s2)`,
    ]);
    expect(await watching.command('device', 'show', 's1')).toMatch(
      /^mode: +auto \(not known yet, loopback meanwhile\)$/m,
    );
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await startNginx(lab.host('s2'), { 80: 'from s2' });
    await engine.ready();
    const found = await watching.until(2, (all) => ['s1', 's2'].every((device) => told(all, device).length > 0));
    expect(told(found, 's1')).toEqual([`auto -> nat: ${S1} answers ${HANDSHAKE}, ${W1} does not`]);
    expect(told(found, 's2')).toEqual([`auto -> loopback: ${W2} answers ${HANDSHAKE}`]);
    expect(await watching.command('device', 'show', 's1')).toMatch(/^mode: +nat \(found\)$/m);
    expect(await watching.command('device', 'show', 's2')).toMatch(/^mode: +loopback \(found\)$/m);

    const ignore = isProbe(lab);
    const names = namesOf(lab, { U1, W1, W2, S1 });
    const before = (await recording.quiet(ignore)).length;
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
    const between = (await recording.quiet(ignore)).length;
    expectLegs((await recording.quiet(ignore)).slice(before), table('W1', 'S1', 'S1_M'), names, { ignore });
    expect(await fetchHttp(lab.host('client'), `${W2}:80`)).toBe('from s2\n');
    expectLegs((await recording.quiet(ignore)).slice(between), table('W2', 'W2', 'S2_M'), names, { ignore });
  },
);

scenario(
  'S08 a mode that cannot be is told and not taken; one that was found outlives the controller until it is asked again',
  { engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 }, hosts: { ...outside, s1 } },
  async (lab) => {
    const server = lab.host('s1');
    const fetch = () => fetchHttp(lab.host('client'), `${W1}:80`);
    await startNginx(server, { 80: 'from s1' });
    const engine = Engine.launch(lab, TWO);
    await isReady(engine);
    const watching = watch(engine);
    const conflict = await watching.until(0, (all) => all.some(({ what }) => what === 'mode'));
    expect(told(conflict, 's1')).toEqual([expect.stringMatching(/^it is nat .*, which cannot be: .*web1.*web2.*NAT/)]);
    const { degraded } = await engine.status();
    expect(degraded).toMatchObject([
      { service: 'web1', reasons: [expect.stringMatching(/^the mode of s1 is not known yet: it is nat .* cannot be/)] },
      { service: 'web2' },
    ]);

    await engine.apply(ONE);
    const found = await watching.until(conflict.length, (all) => told(all, 's1').length > 0);
    expect(told(found, 's1')).toEqual([`auto -> nat: ${S1} answers ${HANDSHAKE}, ${W1} does not`]);
    expect(await fetch()).toBe('from s1\n');

    await engine.controller.stop();
    engine.run();
    await isReady(engine);
    expect(await engine.devices()).toMatchObject([{ name: 's1', mode: 'nat', auto: 'found' }]);
    expect((await engine.status()).degraded).toEqual([]);
    const refused = await engine.hopline('apply', lab.engine.file('two.yaml', TWO));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/web1.*web2.*NAT/) });

    // Asked again, it goes on as it was found until something else is.
    const quiet = (await watching.events()).length;
    await watching.command('device', 'restore', 's1');
    expect(await fetch()).toBe('from s1\n');
    const modes = async () => (await engine.devices()).map(({ mode, auto }) => `${mode} ${auto}`);
    await expect.poll(modes, { timeout: 20_000 }).toEqual(['nat found']);
    expect((await watching.events()).slice(quiet)).toEqual([]);

    await server.run('ip', ['address', 'add', W1, 'dev', 'lo']);
    await server.run('nft', ['-f', '-'], { input: CLOSED });
    const before = (await watching.events()).length;
    await watching.command('device', 'restore', 's1');
    expect(await engine.devices()).toMatchObject([{ name: 's1', mode: 'nat', auto: 'checked' }]);
    const again = await watching.until(before, (all) => all.some(({ what }) => what === 'mode'));
    expect(told(again, 's1')).toEqual([`nat -> loopback: ${W1} answers ${HANDSHAKE}, ${S1} does not`]);
    expect(await fetch()).toBe('from s1\n');
  },
);
