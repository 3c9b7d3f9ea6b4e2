import { expect } from 'vitest';
import { type CapturedFrame, Engine, fetchHttp, loopbackServer, scenario, startNginx } from '../lab/index.ts';
import { W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

const W2 = '198.51.100.20';

const definitions = `${fig7Devices('loopback')}  app2: {kind: server, mode: loopback, legs: {only: {interface: i3, mac: "02:00:00:00:06:01"}}}
services:
  both:     {address: ${W1}, protocol: tcp, port: 80, sequence: [fw1, {copy: [ids1]}, app1]}
  shared:   {address: ${W2}, protocol: tcp, port: 80, sequence: [fw1, {copy: [ids1]}, app2]}
  unwatched: {address: ${W1}, protocol: tcp, port: 81, sequence: [fw1, app1]}
  bare:     {address: ${W2}, protocol: tcp, port: 81, sequence: [app2]}
`;

const plain = fig7('loopback');

/** Who got the client's packets for a service, in order. */
function stations(frames: readonly CapturedFrame[], address: string, port: number): string[] {
  const out = frames.filter(
    ({ way, fields: { ip } }) => way === 'out' && ip?.destination === address && ip.destinationPort === port,
  );
  return [...new Set(out.map((frame) => frame.fields.to))];
}

scenario(
  'S15 services share an IDS and a firewall, or have none, and each way back finds its service',
  {
    ...plain,
    hosts: {
      ...plain.hosts,
      s2: loopbackServer({ on: 'i3', addresses: ['10.0.3.12/24'], gateways: ['10.0.3.2'], owns: [W2] }),
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'both', 81: 'unwatched' });
    await startNginx(lab.host('s2'), { 80: 'shared', 81: 'bare' });
    const engine = await Engine.start(lab, definitions);
    const client = lab.host('client');
    expect(await fetchHttp(client, `${W1}:80`)).toContain('both');
    expect(await fetchHttp(client, `${W2}:80`)).toContain('shared');
    expect(await fetchHttp(client, `${W1}:81`)).toContain('unwatched');
    expect(await fetchHttp(client, `${W2}:81`)).toContain('bare');
    const frames = await recording.quiet();
    const firewall = lab.host('fw').mac('fw0');
    const ids = lab.host('ids').mac();
    const [s1, s2] = [lab.host('s1').mac(), lab.host('s2').mac()];
    expect(stations(frames, W1, 80).sort()).toEqual([firewall, ids, s1].sort());
    expect(stations(frames, W2, 80).sort()).toEqual([firewall, ids, s2].sort());
    expect(stations(frames, W1, 81)).toEqual([firewall, s1]);
    expect(stations(frames, W2, 81)).toEqual([s2]);
    const drops = (await engine.counters()).verdicts.filter((row) => row.reason.startsWith('DROP') && row.packets > 0);
    expect(drops).toEqual([]);
  },
);
