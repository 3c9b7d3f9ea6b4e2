/** Two ISPs: the one that does not answer its neighbours any more is left by all that goes out. */
import { expect } from 'vitest';
import {
  cutSilently,
  Engine,
  expectLegs,
  fetchHttp,
  type HostSpec,
  isProbe,
  namesOf,
  natServer,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { ENGINE_ADDRESSES } from './common.ts';

const PROXY = '10.0.2.7';
const HOST = '203.0.113.80';

/** Each has an address of its own in the world, so that what comes back comes back by it. */
const isp = (number: number): HostSpec => ({
  legs: {
    eth0: { on: 'i3', addresses: [`10.0.3.2${number}/24`] },
    eth1: { on: 'world', addresses: [`203.0.113.${number}/24`] },
  },
  forwards: true,
  routes: ['10.0.2.0/24 via 10.0.3.2'],
  nft: 'table ip nat {\n  chain post { type nat hook postrouting priority 100; oifname "eth1" masquerade; }\n}',
});

const definitions = `
interfaces:
  i2: {}
  i3: {}
devices:
  proxy1: {kind: proxy, mode: nat, address: ${PROXY}, health: off, legs: {only: {interface: i2}}}
  isp1: {kind: gateway, address: 10.0.3.21, legs: {only: {interface: i3}}}
  isp2: {kind: gateway, address: 10.0.3.22, legs: {only: {interface: i3}}}
pools:
  isps: {members: [isp1, isp2], health: {interval: 500ms}}
services:
  out: {outward: true, address: ${PROXY}, from: proxy1, protocol: tcp, sequence: [isps]}
`;

const table = (gateway: string): string => `
| # | from → to       | in | out | src IP | dst IP | port | src MAC       | dst MAC       |
|---|-----------------|----|-----|--------|--------|------|---------------|---------------|
| 1 | proxy → engine  | i2 | –   | PROXY  | HOST   | d 80 | PROXY_M       | E2_M          |
| 2 | engine → ISP    | –  | i3  | PROXY  | HOST   | d 80 | E3_M          | ${gateway}0_M |
| 3 | ISP → engine    | i3 | –   | HOST   | PROXY  | s 80 | ${gateway}0_M | E3_M          |
| 4 | engine → proxy  | –  | i2  | HOST   | PROXY  | s 80 | E2_M          | PROXY_M       |`;

scenario(
  'S40 an ISP is cut off, and all that goes out takes the other',
  {
    engine: { i2: ENGINE_ADDRESSES.i2, i3: ENGINE_ADDRESSES.i3 },
    hosts: {
      proxy: natServer({ on: 'i2', addresses: [`${PROXY}/24`], gateways: ['10.0.2.2'] }),
      isp1: isp(1),
      isp2: isp(2),
      internet: { legs: { eth0: { on: 'world', addresses: [`${HOST}/24`] } } },
    },
  },
  async (lab, recording) => {
    await startNginx(lab.host('internet'), { 80: 'from the Internet' });
    const watching = watch(await Engine.start(lab, definitions));
    const [names, ignore] = [namesOf(lab, { PROXY, HOST }), isProbe(lab)];
    const visit = async (gateway: string): Promise<void> => {
      const before = recording.frames().length;
      expect(await fetchHttp(lab.host('proxy'), `${HOST}:80`)).toBe('from the Internet\n');
      expectLegs((await recording.quiet(ignore)).slice(before), table(gateway), names, { ignore });
    };
    await Promise.all(['isp1', 'isp2'].map((device) => watching.state(device, 'up')));
    await visit('ISP1');
    await cutSilently(lab.host('isp1'), 'eth0');
    const events = await watching.until(0, (told) => told.some(({ what }) => what === 'move'));
    expect(events).toMatchObject([
      { what: 'state', device: 'isp1', to: 'down', reason: expect.stringMatching(/neighbour.*lost/) },
      { what: 'move', pool: 'isps', from: 'isp1', to: 'isp2' },
    ]);
    await visit('ISP2');
  },
);
