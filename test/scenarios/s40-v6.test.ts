/** The same in IPv6 alone: probes walk through routing firewalls, and the alternate takes over. */
import { expect } from 'vitest';
import {
  clientBehindRouter,
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  isProbe,
  loopbackServer,
  namesOf,
  routingFirewall,
  scenario,
  startNginx,
  type Topology,
  watch,
} from '../lab/index.ts';
import { HEADING, walk } from './firewalls.ts';

const U1 = '2001:db8:7::7';
const W1 = '2001:db8:1::10';
const S3 = '2001:db8:a:3::11';

const firewall = (number: number) =>
  routingFirewall({
    outside: { on: 'i1', addresses: [`2001:db8:a:1::2${number}/64`] },
    inside: { on: 'i2', addresses: [`2001:db8:a:2::2${number}/64`] },
    routes: ['default via 2001:db8:a:1::2', '2001:db8:1::/64 via 2001:db8:a:2::2'],
  });

const topology: Topology = {
  engine: {
    i0: ['2001:db8:0:1::2/64'],
    i1: ['2001:db8:a:1::2/64'],
    i2: ['2001:db8:a:2::2/64'],
    i3: ['2001:db8:a:3::2/64'],
  },
  hosts: {
    ...clientBehindRouter({
      on: 'i0',
      client: [`${U1}/64`],
      clientGateway: ['2001:db8:7::1/64'],
      router: ['2001:db8:0:1::1/64'],
      routes: ['2001:db8:1::/64 via 2001:db8:0:1::2'],
    }),
    fw1: firewall(1),
    fw2: firewall(2),
    s1: loopbackServer({ on: 'i3', addresses: [`${S3}/64`], gateways: ['2001:db8:a:3::2'], owns: [W1] }),
  },
};

const legs = (number: number): string =>
  `legs: {outside: {interface: i1, address: "2001:db8:a:1::2${number}"}, inside: {interface: i2, address: "2001:db8:a:2::2${number}"}}`;

const definitions = `
interfaces:
  i0: {faces: clients, gateway: "2001:db8:0:1::1"}
  i1: {}
  i2: {}
  i3: {}
devices:
  fw1: {kind: inline, function: firewall, health: {}, ${legs(1)}}
  fw2: {kind: inline, function: firewall, health: {}, ${legs(2)}}
  app1: {kind: server, address: "${S3}", health: {interval: 200ms}, legs: {only: {interface: i3}}}
services:
  web: {address: "${W1}", port: 80, sequence: [{fw1: {alternate: fw2}}, app1]}
`;

scenario('S40 in IPv6 alone a firewall is cut off, and its alternate takes over', topology, async (lab, recording) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  const engine = await Engine.start(lab, definitions);
  const watching = watch(engine);
  const [names, ignore] = [namesOf(lab, { U1, W1 }), isProbe(lab)];
  const visit = async (firewall: string): Promise<void> => {
    const before = recording.frames().length;
    expect(await fetchHttp(lab.host('client'), `[${W1}]:80`)).toBe('from s1\n');
    expectLegs((await recording.quiet(ignore)).slice(before), `${HEADING}${walk('W1', firewall)}`, names, { ignore });
  };
  await Promise.all(['fw1', 'fw2'].map((device) => watching.state(device, 'up')));
  await watching.state('app1', 'up', 'tcp/80');
  await visit('FW1');
  const cure = await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
  expect(await watching.until(0, (told) => told.some(({ what }) => what === 'move'))).toMatchObject([
    { what: 'state', device: 'fw1', from: 'up', to: 'down' },
    { what: 'move', pool: 'fw1+fw2', from: 'fw1', to: 'fw2' },
  ]);
  await visit('FW2');
  // Neighbour discovery forgets it, too, as it does in the long run.
  await lab.engine.run('ip', ['-6', 'neighbour', 'flush', 'to', '2001:db8:a::/48']);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await visit('FW2');
  await cure();
  await watching.state('fw1', 'held-up');
  await engine.restore('fw1');
  await engine.use('fw1+fw2', 'fw1');
  await visit('FW1');
});
