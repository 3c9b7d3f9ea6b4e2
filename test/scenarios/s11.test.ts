import { expect } from 'vitest';
import {
  type CapturedFrame,
  Engine,
  fetchHttp,
  type HostSpec,
  type Lab,
  listener,
  loopbackServer,
  scenario,
  startNginx,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, W1 } from './common.ts';

const PORTS = [80, 81, 82] as const;

/** Where the three IDSs are: interface and VLAN of each. */
const places = [
  { name: 'on one plain segment', legs: ['i2', 'i2', 'i2'], vlans: [0, 0, 0] },
  { name: 'on separate interfaces', legs: ['i2', 'i3', 'i4'], vlans: [0, 0, 0] },
  { name: 'behind one switch with a VLAN each', legs: ['i2', 'i2', 'i2'], vlans: [11, 12, 13] },
] as const;

const MACS = ['02:00:00:00:04:01', '02:00:00:00:05:01', '02:00:00:00:06:01'] as const;

function definitions({ legs, vlans }: (typeof places)[number]): string {
  const taps = PORTS.map((_, place) => {
    const vlan = vlans[place] === 0 ? '' : `, vlan: ${vlans[place]}`;
    return `  ids${place}: {kind: tap, legs: {only: {interface: ${legs[place]}${vlan}, mac: "${MACS[place]}"}}}`;
  });
  const services = PORTS.map(
    (port, place) =>
      `  web${port}: {address: ${W1}, protocol: tcp, port: ${port}, sequence: [{copy: [ids${place}]}, s1]}`,
  );
  return `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
${[...new Set(legs)].map((leg) => `  ${leg}: {faces: devices}`).join('\n')}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
${taps.join('\n')}
services:
${services.join('\n')}
`;
}

function portsSeen(frames: readonly CapturedFrame[], leg: string, mac: string, vlan: number): Set<number> {
  const mine = frames.filter(
    ({ leg: on, way, fields }) =>
      on === leg && way === 'out' && fields.to === mac && (fields.tags[0]?.id ?? 0) === vlan,
  );
  return new Set(mine.map(({ fields: { ip } }) => (ip?.destination === W1 ? ip.destinationPort : ip?.sourcePort) ?? 0));
}

for (const place of places) {
  const taps: Record<string, HostSpec> = Object.fromEntries(
    place.legs.map((leg, number) => [`ids${number}`, listener(leg)]),
  );
  scenario(
    `S11 three services, three IDSs ${place.name}: each sees only its service, both ways`,
    {
      engine: { ...ENGINE_ADDRESSES, i2: [], i3: [], i4: [] },
      hosts: {
        ...outside,
        s1: loopbackServer({ on: 'i1', addresses: ['10.0.1.11/24'], gateways: ['10.0.1.2'], owns: [W1] }),
        ...taps,
      },
    },
    async (lab: Lab, recording) => {
      await startNginx(lab.host('s1'), { 80: 'a', 81: 'b', 82: 'c' });
      await Engine.start(lab, definitions(place));
      for (const port of PORTS) {
        await fetchHttp(lab.host('client'), `${W1}:${port}`);
      }
      const frames = await recording.quiet();
      PORTS.forEach((port, number) => {
        const leg = place.legs[number] ?? '';
        expect([...portsSeen(frames, leg, MACS[number] ?? '', place.vlans[number] ?? 0)]).toEqual([port]);
      });
      const ways = (mac: string): number =>
        new Set(frames.filter((frame) => frame.fields.to === mac).map((frame) => frame.fields.ip?.source)).size;
      expect(MACS.map(ways)).toEqual([2, 2, 2]);
    },
  );
}
