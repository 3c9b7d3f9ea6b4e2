/** What is billed: packets and bytes, held against the wire, over every change a service lives through. */

import { expect } from 'vitest';
import type { Traffic } from '../../src/api-types/operations.ts';
import { type CapturedFrame, Engine, fetchHttp, type Lab, scenario, startNginx } from '../lab/index.ts';
import { W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

const SECOND = '198.51.100.11';

/** One address with two ports, one with one: each pair of address and port is a service of its own. */
const SERVICES = [
  { name: 'web', address: W1, port: 80, real: 8080 },
  { name: 'alt', address: W1, port: 81, real: 8081 },
  { name: 'doc', address: SECOND, port: 80, real: 8082 },
] as const;

const COPIED = '{copy: [ids1]}, ';

const definitions = (copied: string): string => `${fig7Devices('nat')}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [fw1, ${copied}{app1: {port: 8080}}]}
  alt: {address: ${W1}, protocol: tcp, port: 81, sequence: [fw1, {app1: {port: 8081}}]}
  doc: {address: ${SECOND}, protocol: tcp, port: 80, sequence: [fw1, {copy: [ids1]}, {app1: {port: 8082}}]}
`;

const sum = (counts: readonly Traffic[]): Traffic => ({
  packets: counts.reduce((total, each) => total + Number(each.packets), 0),
  bytes: counts.reduce((total, each) => total + Number(each.bytes), 0),
});

const counted = (frames: readonly CapturedFrame[]): Traffic =>
  sum(frames.map((frame) => ({ packets: 1, bytes: frame.bytes.length })));

/** What came in for each hop of each service: by the leg it came from, the service's address and port, or the server's. */
function hopsOnWire(lab: Lab, frames: readonly CapturedFrame[]): Record<string, Traffic> {
  const came = frames.filter((frame) => frame.way === 'in');
  const [outside, inside, server] = [lab.host('fw').mac('fw0'), lab.host('fw').mac('fw1'), lab.host('s1').mac()];
  return Object.fromEntries(
    SERVICES.flatMap(({ name, address, port, real }) => {
      const to =
        (from: string) =>
        ({ fields: { ip, from: mac } }: CapturedFrame) =>
          mac === from && ip?.destination === address && ip.destinationPort === port;
      const of =
        (from: string, sourcePort: number, source?: string) =>
        ({ fields: { ip, from: mac } }: CapturedFrame) =>
          mac === from && ip?.sourcePort === sourcePort && (source === undefined || ip.source === source);
      return [
        [`${name} forward 0`, to(lab.host('router').mac('eth0'))],
        [`${name} forward 1`, to(inside)],
        [`${name} return 1`, of(server, real)],
        [`${name} return 0`, of(outside, port, address)],
      ].map(([hop, belongs]) => [hop, counted(came.filter(belongs as (frame: CapturedFrame) => boolean))]);
    }),
  );
}

/** What went out to each leg. */
function legsOnWire(lab: Lab, frames: readonly CapturedFrame[]): Record<string, Traffic> {
  const macs = {
    'fw1.outside': lab.host('fw').mac('fw0'),
    'fw1.inside': lab.host('fw').mac('fw1'),
    'ids1.only': lab.host('ids').mac(),
    'app1.only': lab.host('s1').mac(),
  };
  const sent = frames.filter((frame) => frame.way === 'out');
  return Object.fromEntries(
    Object.entries(macs).map(([leg, mac]) => [leg, counted(sent.filter((frame) => frame.fields.to === mac))]),
  );
}

interface Counters {
  readonly hops: Record<string, Traffic>;
  readonly legs: Record<string, Traffic>;
}

async function counters(engine: Engine): Promise<Counters> {
  const { services, devices } = await engine.counters();
  const hops = Map.groupBy(services, ({ service, direction, hop }) => `${service} ${direction} ${hop}`);
  return {
    hops: Object.fromEntries([...hops].map(([hop, rows]) => [hop, sum(rows)])),
    legs: Object.fromEntries(devices.map(({ leg, packets, bytes }) => [leg, { packets, bytes }])),
  };
}

/** Both numbers of a service as a billing system polls them, by address, port and direction. */
async function polled(lab: Lab, engine: Engine): Promise<Record<string, Traffic>> {
  const text = await lab.engine.run('curl', ['--silent', '--unix-socket', engine.socket, 'http://engine/metrics']);
  const found: Record<string, Traffic> = {};
  for (const [, unit, labels = '', value] of text.matchAll(/^hopline_service_(packets|bytes)_total\{(.*)\} (\d+)$/gm)) {
    const label = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const key = `${label('address')}:${label('port')} ${label('direction')}`;
    found[key] = { packets: 0, bytes: 0, ...found[key], [unit === 'bytes' ? 'bytes' : 'packets']: Number(value) };
  }
  return found;
}

async function visit(lab: Lab): Promise<void> {
  for (const { address, port, name } of SERVICES) {
    expect(await fetchHttp(lab.host('client'), `${address}:${port}`)).toContain(name);
  }
}

scenario(
  'S53 packets and bytes of every service, hop and device are those on the wire, over changes, a restart and a crash',
  fig7('nat'),
  async (lab, recording) => {
    await startNginx(lab.host('s1'), Object.fromEntries(SERVICES.map(({ real, name }) => [real, `from ${name}`])));
    const engine = await Engine.start(lab, definitions(COPIED));
    const agree = async (when: string): Promise<void> => {
      const frames = (await recording.quiet()).filter((frame) => frame.fields.ip?.protocol === 6);
      const { hops, legs } = await counters(engine);
      expect(hops, when).toEqual(hopsOnWire(lab, frames));
      expect(legs, when).toMatchObject(legsOnWire(lab, frames));
      expect(
        Object.values(hops).every(({ packets }) => packets > 0),
        when,
      ).toBe(true);
    };
    await visit(lab);
    await agree('at first');
    await engine.apply(definitions(''));
    await visit(lab);
    await agree('after a change of the service');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      engine.controller.signal(signal);
      await engine.controller.stop();
      await visit(lab);
      engine.run();
      await engine.ready();
      await visit(lab);
      await agree(`after ${signal} and a new start`);
    }
    await engine.apply(definitions(COPIED));
    await visit(lab);
    await agree('after changing it back');
    const onWire = hopsOnWire(
      lab,
      (await recording.quiet()).filter((frame) => frame.fields.ip?.protocol === 6),
    );
    const client = SERVICES.flatMap(({ name, address, port }) =>
      ['forward', 'return'].map((way) => [`${address}:${port} ${way}`, onWire[`${name} ${way} 0`]]),
    );
    expect(await polled(lab, engine)).toEqual(Object.fromEntries(client));
  },
);
