/** The mode of a server is found by trying it; two answers, or none, are said and not guessed ([0101] [0133]). */
import { expect } from 'vitest';
import {
  aliasServer,
  Engine,
  expectLegs,
  fetchHttp,
  type Host,
  isProbe,
  loopbackServer,
  namesOf,
  natServer,
  type ServerFields,
  scenario,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1 } from './common.ts';

const ADDRESSES = [1, 2, 3, 4, 5].map((place) => ({ w: `198.51.100.1${place}`, a: `10.0.1.1${place}` }));
const [FIRST, SECOND, THIRD, FOURTH, FIFTH] = ADDRESSES as [Pair, Pair, Pair, Pair, Pair];

interface Pair {
  /** Service address, and the server's own. */
  readonly w: string;
  readonly a: string;
}

const fields = ({ w, a }: Pair): ServerFields => ({
  on: 'i1',
  addresses: [`${a}/24`],
  gateways: ['10.0.1.2'],
  owns: [w],
});

const server = (place: number): string =>
  `  s${place}: {kind: server, mode: auto, address: 10.0.1.1${place}, health: {interval: 200ms}, legs: {only: {interface: i1, mac: "02:00:00:00:0${place + 2}:01"}}}`;
const service = (place: number): string =>
  `  w${place}: {address: 198.51.100.1${place}, port: 80, sequence: [s${place}]}`;

const definitions = (places: readonly number[]): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
${places.map(server).join('\n')}
services:
${places.map(service).join('\n')}
`;

/** A web server for one address, or for all of the host. */
async function listen(host: Host, address: string): Promise<void> {
  const code = `require('node:http').createServer((_, response) => response.end('from ${host.name}'))
    .listen(80, '${address}', () => console.log('listening'));`;
  await host.start(process.execPath, ['-e', code]).shows(/listening/);
}

/** Figure 5B for one that owns the service address, 5H for one that does not. */
const four = (place: number, real: string): string => `
| 1 | client → engine | i0 | –  | U1 | W${place} | d 80 | R_M  | E0_M |
| 2 | engine → server | –  | i1 | U1 | ${real} | d 80 | E1_M | S${place}_M |
| 3 | server → engine | i1 | –  | ${real} | U1 | s 80 | S${place}_M | E1_M |
| 4 | engine → client | –  | i0 | W${place} | U1 | s 80 | E0_M | R_M  |`;

const TABLE = `
| # | from → to | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------|----|-----|--------|--------|------|---------|---------|${four(1, 'W1')}${four(2, 'W2')}${four(3, 'A3')}`;

scenario(
  'S08 loopback, alias and nat servers are told apart by handshakes; who answers to both, or to none, is said',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      ...outside,
      s1: loopbackServer(fields(FIRST)),
      s2: aliasServer(fields(SECOND)),
      s3: natServer(fields(THIRD)),
      s4: loopbackServer(fields(FOURTH)),
      s5: natServer(fields(FIFTH)),
    },
  },
  async (lab, recording) => {
    await Promise.all([
      listen(lab.host('s1'), FIRST.w),
      listen(lab.host('s2'), SECOND.w),
      listen(lab.host('s3'), THIRD.a),
      listen(lab.host('s4'), '0.0.0.0'),
    ]);
    const engine = await Engine.start(lab, definitions([1, 2, 3]));
    const watching = watch(engine);
    const found = async (device: string) =>
      (await watching.events()).filter((event) => event.what === 'mode' && event.device === device);
    await watching.until(0, (told) => told.filter(({ what }) => what === 'mode').length === 3);
    expect(await found('s1')).toMatchObject([{ from: 'auto', to: 'loopback' }]);
    expect(await found('s2')).toMatchObject([{ from: 'auto', to: 'loopback' }]);
    expect(await found('s3')).toMatchObject([{ from: 'auto', to: 'nat' }]);
    const client = lab.host('client');
    const before = (await recording.quiet(isProbe(lab))).length;
    for (const place of [1, 2, 3]) {
      expect(await fetchHttp(client, `198.51.100.1${place}:80`)).toBe(`from s${place}`);
    }
    const names = namesOf(lab, { U1, W1: FIRST.w, W2: SECOND.w, W3: THIRD.w, A3: THIRD.a });
    const ignore = isProbe(lab);
    expectLegs((await recording.quiet(ignore)).slice(before), TABLE, names, { ignore });

    const known = (await watching.events()).length;
    await watching.command('apply', lab.engine.file('five.yaml', definitions([1, 2, 3, 4, 5])));
    const told = await watching.until(known, (events) => events.filter(({ what }) => what === 'mode').length === 2);
    expect(
      told.filter(({ what }) => what === 'mode').sort((a, b) => `${a.device}`.localeCompare(`${b.device}`)),
    ).toMatchObject([
      { device: 's4', reason: expect.stringMatching(/not known: both 198\.51\.100\.14 and 10\.0\.1\.14 answer/) },
      { device: 's5', reason: expect.stringMatching(/not known: neither 198\.51\.100\.15 nor 10\.0\.1\.15 answers/) },
    ]);
    const { degraded } = await engine.status();
    expect(degraded.find(({ service: name }) => name === 'w4')?.reasons.join()).toMatch(/mode of s4 is not known yet/);
    expect(await fetchHttp(client, `${FIRST.w}:80`)).toBe('from s1');
  },
);
