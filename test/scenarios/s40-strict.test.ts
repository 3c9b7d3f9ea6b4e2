/** Firewalls that let through nothing but their service: probes are frames that the rules let pass, or must stop. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Engine, fetchHttp, type Lab, scenario, startNginx, type Topology, watch } from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

const STRICT = `table inet firewall {
  chain forward { type filter hook forward priority 0; policy drop; tcp dport 80 accept; tcp sport 80 accept; }
}`;

const lenient = firewallLab(2);
const topology: Topology = {
  ...lenient,
  hosts: Object.fromEntries(
    Object.entries(lenient.hosts).map(([name, host]) => [
      name,
      name.startsWith('fw') ? { ...host, nft: STRICT } : host,
    ]),
  ),
};

/** A capture file of one SYN from the engine's address on i1 to that on i2, as tcpdump writes it. */
function capture(lab: Lab, name: string, port: number): string {
  const syn = ipv4(
    { source: '10.0.1.2', destination: '10.0.2.2' },
    tcp({ source: 40_000, destination: port, flags: 2 }),
  );
  const frame = ethernet({ to: lab.host('fw1').mac('fw0'), from: lab.engine.mac('i1') }, syn);
  const header = new Uint8Array(Uint32Array.of(0xa1b2c3d4, 0x0004_0002, 0, 0, 65_535, 1).buffer);
  const record = new Uint8Array(Uint32Array.of(0, 0, frame.length, frame.length).buffer);
  const path = join(lab.engine.folder, name);
  writeFileSync(path, Buffer.concat([header, record, frame]));
  return path;
}

const definitions = (health: string): string => `${firewallDevices(2, health)}
pools:
  firewalls: {members: [fw1, fw2]}
services:
  web: {address: ${W1}, port: 80, sequence: [firewalls, app1]}
`;

scenario(
  'S40 strict firewalls are probed by frames of their own, and one that lets all pass is left',
  topology,
  async (lab) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const client = lab.host('client');
    // Hopline's own probes are stopped by them: that is said, and nothing is taken from the service.
    const engine = Engine.launch(lab, definitions('{}'));
    await engine.controller.shows(/controller runs/);
    const watching = watch(engine);
    await watching.until(0, (told) => told.some(({ what }) => what === 'unavailable'));
    expect(await watching.word('firewalls')).toMatchObject({ target: expect.stringMatching(/^fw[12]$/), works: false });
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');

    const allowed = capture(lab, 'allowed.pcap', 80);
    const forbidden = capture(lab, 'forbidden.pcap', 22);
    const probes = `{probes: [{through: {frames: "${allowed}"}}, {negative: "${forbidden}"}]}`;
    await watching.command('apply', lab.engine.file('strict.yaml', definitions(probes)));
    for (const device of ['fw1', 'fw2']) await watching.command('device', 'restore', device);
    await Promise.all(['fw1', 'fw2'].map((device) => watching.state(device, 'up')));
    await engine.use('firewalls', 'fw1');
    const before = (await watching.events()).length;
    await lab.host('fw1').run('nft', ['flush', 'ruleset']);
    const events = await watching.until(before, (told) => told.some(({ what }) => what === 'move'));
    expect(events).toMatchObject([
      { what: 'state', device: 'fw1', from: 'up', to: 'down', reason: expect.stringMatching(/negative/) },
      { what: 'move', pool: 'firewalls', from: 'fw1', to: 'fw2' },
    ]);
    expect(await fetchHttp(client, `${W1}:80`)).toBe('from s1\n');
  },
);
