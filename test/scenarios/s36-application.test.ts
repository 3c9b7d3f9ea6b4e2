/** S36, S3D: what fails for one application is left for that application alone, also where it has a list and a range of ports. */
import { expect } from 'vitest';
import { Engine, fetchHttp, natServer, type Program, scenario, startFtp, startNginx, watch } from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, S2, W1 } from './common.ts';

const W2 = '198.51.100.20';

const definitions = `interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: ${S1}, legs: {only: {interface: i1}}}
  s2: {kind: server, mode: nat, address: ${S2}, legs: {only: {interface: i1}}}
pools:
  web: {members: [s1, s2], health: {probes: [{http: {}, interval: 200ms}]}}
  files: {members: [s1, s2], health: {probes: [{ftp: {greeting: {contains: vsFTPd}}, for: tcp/21, interval: 200ms}]}}
services:
  web: {address: ${W1}, port: 80, sequence: [web]}
  files: {address: ${W2}, port: [21, 1025-1125], sequence: [files]}
`;

scenario(
  'S36 a server whose FTP dies is left for its files, control and data, and for nothing else',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      ...outside,
      s1: natServer({ on: 'i1', addresses: [`${S1}/24`], gateways: ['10.0.1.2'] }),
      s2: natServer({ on: 'i1', addresses: [`${S2}/24`], gateways: ['10.0.1.2'] }),
    },
  },
  async (lab) => {
    const ftp: Program[] = [];
    for (const name of ['s1', 's2'] as const) {
      await startNginx(lab.host(name), { 80: `from ${name}` });
      ftp.push(await startFtp(lab.host(name), { min: 1025, max: 1125, address: W2 }, `file of ${name}\n`));
    }
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    const client = lab.host('client');
    const file = () => client.run('curl', ['--silent', '--show-error', '--max-time', '5', `ftp://${W2}/file.txt`]);
    for (const name of ['s1', 's2']) {
      await watching.state(name, 'up', 'tcp/80');
      await watching.state(name, 'up', 'tcp/21,1025-1125');
    }
    expect([await fetchHttp(client, `${W1}:80`), await file()]).toEqual(['from s1\n', 'file of s1\n']);

    await ftp[0]!.stop();
    const events = await watching.until(0, (all) => all.some(({ what }) => what === 'move'));
    expect(events).toMatchObject([
      { what: 'state', device: 's1', application: 'tcp/21,1025-1125', to: 'down' },
      { what: 'move', pool: 'files tcp/21,1025-1125', from: 's1', to: 's2' },
    ]);
    expect([await fetchHttp(client, `${W1}:80`), await file()]).toEqual(['from s1\n', 'file of s2\n']);
    expect((await engine.hopline('status')).stdout).toMatch(
      /pool files tcp\/21,1025-1125 has no spare left: only s2 works/,
    );
  },
);
