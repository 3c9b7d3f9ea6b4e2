/** A device without alternate: it and its service are flagged at once, and it is told; what it still sends is carried ([0160] [0193]). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  cutSilently,
  Engine,
  fetchHttp,
  ignoresNewConnections,
  isProbe,
  loopbackServer,
  scenario,
  startNginx,
  startReceiver,
  watch,
} from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

const A1 = '10.0.1.11';
const SIZE = 1_500_000;

/** The provisioning system is behind the router. */
const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
health: {notify: [{webhook: "http://192.0.2.1:8080/told"}]}
devices:
  s1: {kind: server, mode: loopback, address: ${A1}, health: {interval: 200ms}, legs: {only: {interface: i1}}}
services:
  web: {address: ${W1}, port: 80, sequence: [s1]}
`;

scenario(
  'S4C a server without alternate lets nobody in: all are told at once, and its download under way is carried to the end',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      ...outside,
      s1: loopbackServer({ on: 'i1', addresses: [`${A1}/24`], gateways: ['10.0.1.2'], owns: [W1] }),
    },
  },
  async (lab) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const told = await startReceiver(lab.host('router'), 8080);
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    await watching.state('s1', 'up', 'tcp/80');
    const client = lab.host('client');
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');

    writeFileSync(join(lab.host('s1').folder, 'big'), Buffer.alloc(SIZE, 'x'));
    const format = 'code %{exitcode} size %{size_download}\n';
    const options = ['--silent', '--output', '/dev/null', '--write-out', format];
    const download = client.start('curl', [...options, `http://${W1}/slow`]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const cure = await ignoresNewConnections(lab.host('s1'));

    const events = await watching.until(0, (all) => all.some(({ what }) => what === 'unavailable'));
    expect(events).toMatchObject([
      { what: 'state', device: 's1', application: 'tcp/80', from: 'up', to: 'down' },
      { what: 'unavailable', pool: 's1 tcp/80' },
    ]);
    expect((await engine.status()).degraded).toMatchObject([{ service: 'web', state: 'unavailable' }]);
    const services = JSON.parse(await watching.command('service', 'list', '-o', 'json'));
    expect(services).toMatchObject([
      { name: 'web', state: 'unavailable', reasons: [expect.stringMatching(/s1 is down/)] },
    ]);
    expect(download.running).toBe(true);

    await download.shows(new RegExp(`code 0 size ${SIZE}`), 20_000);
    await cure();
    await watching.until(0, (all) => all.some(({ what }) => what === 'available'));
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');
    const heard = told().filter(({ what }) => what !== 'state');
    expect(heard).toMatchObject([
      { instance: 'lab', what: 'unavailable', pool: 's1 tcp/80', reason: expect.stringMatching(/s1 is down/) },
      { what: 'available', pool: 's1 tcp/80' },
    ]);
    expect(told()[0]).toMatchObject({ what: 'state', device: 's1', application: 'tcp/80', to: 'down' });
  },
);

scenario(
  'S4C a firewall without alternate is dead by its probes: what it still sends is carried on',
  firewallLab(1),
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(
      lab,
      `${firewallDevices(1)}
services:
  web: {address: ${W1}, port: 80, sequence: [fw1, app1]}
`,
    );
    const watching = watch(engine);
    const firewall = lab.host('fw1');
    await watching.state('fw1', 'up');
    await cutSilently(firewall, 'fw0', 'fw1');
    expect(await watching.until(0, (told) => told.length > 1)).toMatchObject([
      { what: 'state', device: 'fw1', from: 'up', to: 'down' },
      { what: 'unavailable', pool: 'fw1' },
    ]);
    expect((await engine.status()).degraded).toMatchObject([{ service: 'web', state: 'unavailable' }]);
    const segment = ipv4({ source: W1, destination: U1 }, tcp({ source: 80, destination: 40_000, flags: 0x18 }));
    const before = recording.frames().length;
    await firewall.send('fw0', ethernet({ to: lab.engine.mac('i1'), from: firewall.mac('fw0') }, segment));
    const ignore = isProbe(lab);
    const sent = (await recording.quiet(ignore)).slice(before).filter((frame) => !ignore(frame));
    // The client knows no such connection, and says so.
    const ways = sent.filter(({ fields: { ip } }) => ip?.source === W1).map(({ leg, way }) => `${leg} ${way}`);
    expect(ways).toEqual(['i1 in', 'i0 out']);
  },
);
