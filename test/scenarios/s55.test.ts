/** A device that answers slowly is reported before it fails, and works meanwhile. */
import { expect } from 'vitest';
import {
  Engine,
  fetchHttp,
  natServer,
  scenario,
  startNginx,
  startReceiver,
  startSlowServer,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, W1 } from './common.ts';

const A1 = '10.0.1.11';
const A2 = '10.0.1.12';

const definitions = (limits = ''): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
health: {notify: [{webhook: "http://192.0.2.1:8080/told"}]}
devices:
  s1:
    kind: server
    mode: nat
    address: ${A1}
    legs: {only: {interface: i1}}
    health: {probes: [{http: {port: 80}, interval: 250ms, limit: 200ms}]${limits}}
  s2: {kind: server, mode: nat, address: ${A2}, health: off, legs: {only: {interface: i1}}}
services:
  web: {address: ${W1}, port: 80, sequence: [{s1: {alternate: s2}}]}
`;

const server = (address: string) => natServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'] });

const topology = {
  engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
  hosts: { ...outside, s1: server(A1), s2: server(A2) },
};

scenario(
  'S55 a server that gets slow is reported while it still serves, and left when it fails',
  topology,
  async (lab) => {
    const take = await startSlowServer(lab.host('s1'), 80, 'from s1');
    await startNginx(lab.host('s2'), { 80: 'from s2' });
    const told = await startReceiver(lab.host('router'), 8080);
    const watching = watch(await Engine.start(lab, definitions()));
    const client = lab.host('client');
    await watching.state('s1', 'up', 'tcp/80');
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');
    expect(await watching.events()).toEqual([]);

    // Slow is half its limit, on average.
    take(125);
    const reported = await watching.until(0, (events) => events.length > 0);
    expect(reported).toMatchObject([
      { what: 'slow', device: 's1', application: 'tcp/80', reason: expect.stringMatching(/latency of http 1\d\d/) },
    ]);
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');

    take(5_000);
    const events = await watching.until(1, (all) => all.some(({ what }) => what === 'move'));
    expect(events).toMatchObject([
      { what: 'state', device: 's1', from: 'up', to: 'down', reason: expect.stringMatching(/http.*lost/) },
      { what: 'move', from: 's1', to: 's2' },
    ]);
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s2\n');
    expect(told().map(({ what }) => what)).toEqual(['slow', 'state', 'move']);
  },
);

scenario(
  'S55 where definitions set a limit, a server that gets slow is left before it fails',
  topology,
  async (lab) => {
    const take = await startSlowServer(lab.host('s1'), 80, 'from s1');
    await startNginx(lab.host('s2'), { 80: 'from s2' });
    const watching = watch(await Engine.start(lab, definitions(', limits: [{latency: 50ms}]')));
    await watching.state('s1', 'up', 'tcp/80');
    take(100);
    const events = await watching.until(0, (all) => all.some(({ what }) => what === 'move'));
    expect(events).toMatchObject([
      {
        what: 'state',
        device: 's1',
        from: 'up',
        to: 'down',
        reason: expect.stringMatching(/latency/),
        trigger: 'measure',
      },
      { what: 'move', from: 's1', to: 's2' },
    ]);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s2\n');
  },
);
