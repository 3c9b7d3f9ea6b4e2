import { expect } from 'vitest';
import {
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  type HostSpec,
  type Lab,
  loopbackServer,
  namesOf,
  natServer,
  scenario,
  startBalancer,
  startNginx,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';
import { firewallDevices, firewallLab, W2, W3 } from './firewalls.ts';

/** The balancer's own address: behind the engine (F), or in front of it (G). */
const LBF = '10.0.1.30';
const LBG = '203.0.113.9';

/** Answers of so many requests, sorted, each once. */
async function answers(lab: Lab, to: string, count: number): Promise<readonly string[]> {
  const all: string[] = [];
  for (let request = 0; request < count; request++) all.push((await fetchHttp(lab.host('client'), to)).trim());
  return [...new Set(all)].sort();
}

/** Asks until a server is left out. */
async function until(lab: Lab, to: string, wanted: readonly string[]): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (let got: readonly string[] = []; got.join() !== wanted.join(); ) {
    if (Date.now() > deadline) throw new Error(`wait for answers of ${wanted.join()}: there are ${got.join()}`);
    got = await answers(lab, to, 2 * wanted.length);
  }
}

const FIGURE_F = `
| # | from → to         | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-------------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine   | i0 | –   | U1     | W1     | d 80 | R_M     | E0_M    |
| 2 | engine → balancer | –  | i1  | U1     | A1     | d 80 | E1_M    | LB0_M   |
| 3 | balancer → engine | i1 | –   | A1     | U1     | s 80 | LB0_M   | E1_M    |
| 4 | engine → client   | –  | i0  | W1     | U1     | s 80 | E0_M    | R_M     |`;

for (const mode of ['loopback', 'nat'] as const) {
  const fields = { on: 'i1', addresses: [`${LBF}/24`], gateways: ['10.0.1.2'], owns: [W1] };
  const base = mode === 'nat' ? natServer(fields) : loopbackServer(fields);
  const farm = (place: number): HostSpec => ({
    legs: { eth0: { on: 'farm', addresses: [`10.0.9.1${place}/24`] } },
  });
  scenario(
    `S2E figure 17F: a load balancer as end device (${mode}), its servers on a segment of its own`,
    {
      engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
      hosts: {
        ...outside,
        lb: { ...base, legs: { ...base.legs, eth1: { on: 'farm', addresses: ['10.0.9.1/24'] } } },
        s1: farm(1),
        s2: farm(2),
        s3: farm(3),
      },
    },
    async (lab, recording) => {
      const servers = await Promise.all(
        ['s1', 's2', 's3'].map((name) => startNginx(lab.host(name), { 80: `from ${name}` })),
      );
      await startBalancer(lab.host('lb'), { port: 80, servers: ['10.0.9.11:80', '10.0.9.12:80', '10.0.9.13:80'] });
      await Engine.start(
        lab,
        `interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
  lb: {kind: proxy, mode: ${mode}, address: ${LBF}, health: off, legs: {only: {interface: i1}}}
services:
  web: {address: ${W1}, port: 80, sequence: [lb]}
`,
      );
      expect(await answers(lab, `${W1}:80`, 6)).toEqual(['from s1', 'from s2', 'from s3']);
      await servers[1]?.stop();
      await until(lab, `${W1}:80`, ['from s1', 'from s3']);
      const names = namesOf(lab, { U1, W1, A1: mode === 'nat' ? LBF : W1 });
      expectLegs(await recording.quiet(), FIGURE_F, names);
    },
  );
}

/** One of several service addresses, behind its own server; W1 walks a firewall, too. */
const through = (service: string, server: string, address: string): string => `
| 1 | balancer → engine | i0 | –  | LB         | ${service} | d 80 | R_M         | E0_M        |
| 4 | engine → server   | –  | i3 | LB         | ${address} | d 80 | E3_M        | ${server}_M |
| 5 | server → engine   | i3 | –  | ${address} | LB         | s 80 | ${server}_M | E3_M        |
| 8 | engine → balancer | –  | i0 | ${service} | LB         | s 80 | E0_M        | R_M         |`;

const FIGURE_G = `
| #  | from → to         | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-------------------|----|-----|--------|--------|------|---------|---------|
| 1  | balancer → engine | i0 | –   | LB     | W1     | d 80 | R_M     | E0_M    |
| 2  | engine → firewall | –  | i1  | LB     | W1     | d 80 | E1_M    | FW10_M  |
| 3  | firewall → engine | i2 | –   | LB     | W1     | d 80 | FW11_M  | E2_M    |
| 4  | engine → server   | –  | i3  | LB     | S1     | d 80 | E3_M    | S1_M    |
| 5  | server → engine   | i3 | –   | S1     | LB     | s 80 | S1_M    | E3_M    |
| 6  | engine → firewall | –  | i2  | W1     | LB     | s 80 | E2_M    | FW11_M  |
| 7  | firewall → engine | i1 | –   | W1     | LB     | s 80 | FW10_M  | E1_M    |
| 8  | engine → balancer | –  | i0  | W1     | LB     | s 80 | E0_M    | R_M     |${through('W2', 'S2', 'S2')}${through('W3', 'S3', 'S3')}`;

const servers = Object.fromEntries(
  [1, 2, 3].map((place) => [
    `s${place}`,
    natServer({ on: 'i3', addresses: [`10.0.3.${10 + place}/24`], gateways: ['10.0.3.2'] }),
  ]),
);
const front = firewallLab(1, servers);

scenario(
  'S2E figures 17G and H: a balancer in front picks one of several service addresses, and another when nothing comes back',
  {
    ...front,
    hosts: {
      ...front.hosts,
      lb: { legs: { eth0: { on: 'i0far', addresses: [`${LBG}/24`] } }, routes: ['default via 203.0.113.1'] },
    },
  },
  async (lab, recording) => {
    await Promise.all(['s1', 's2', 's3'].map((name) => startNginx(lab.host(name), { 80: `from ${name}` })));
    await Engine.start(
      lab,
      `${firewallDevices(1, 'off', 'nat')}  app2: {kind: server, mode: nat, address: 10.0.3.12, health: off, legs: {only: {interface: i3}}}
  app3: {kind: server, mode: nat, address: 10.0.3.13, health: off, legs: {only: {interface: i3}}}
services:
  w1: {address: ${W1}, port: 80, sequence: [fw1, app1]}
  w2: {address: ${W2}, port: 80, sequence: [app2]}
  w3: {address: ${W3}, port: 80, sequence: [app3]}
`,
    );
    await startBalancer(lab.host('lb'), { port: 80, servers: [W1, W2, W3].map((address) => `${address}:80`) });
    expect(await answers(lab, `${LBG}:80`, 6)).toEqual(['from s1', 'from s2', 'from s3']);
    const names = namesOf(lab, { LB: LBG, W1, W2, W3, S1: '10.0.3.11', S2: '10.0.3.12', S3: '10.0.3.13' });
    expectLegs(await recording.quiet(), FIGURE_G, names);
    await cutSilently(lab.host('s1'), 'eth0');
    await until(lab, `${LBG}:80`, ['from s2', 'from s3']);
  },
);
