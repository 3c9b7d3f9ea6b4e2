import { describe, expect, test } from 'vitest';
import { deviceOf, specOf, type Written } from './definitions.ts';

/** "handshake tcp/443 to 198.51.100.10:443 for tcp/443 every 500 within 200" */
function probes(written: Written, device: string): string[] {
  return (deviceOf(written, device)?.probes ?? []).map(
    ({ name, question, application, interval, limit, fall, rise }) => {
      const { port, address } = question as { port?: number; address?: string };
      const to = port === undefined ? '' : ` to ${address ?? '?'}:${port}`;
      return `${name}${to}${application === undefined ? '' : ` for ${application}`} every ${interval} within ${limit}, ${fall} ${rise}`;
    },
  );
}

const service = (text: string): string => `shop: {address: 198.51.100.10, ${text}}`;

describe('what is asked where nothing is written', () => {
  test.each<[string, string, Written, string[]]>([
    ['an inline device', 'fw1', {}, ['through every 50 within 20, 3 3']],
    ['an inline device with one leg and an address', 'vpn1', {}, ['neighbour every 1000 within 800, 3 2']],
    ['an inline device with one leg and no address', 'cut1', {}, []],
    ['a tap', 'ids1', {}, []],
    ['a tap with an address', 'ids2', {}, ['neighbour every 1000 within 800, 3 2']],
    ['a gateway', 'up1', {}, ['neighbour every 1000 within 800, 3 2']],
    [
      'a server at the port of its service',
      'web2',
      {},
      ['handshake tcp/443 to 198.51.100.10:443 for tcp/443 every 500 within 200, 3 2'],
    ],
    [
      'a server in nat mode at its own address and the port it gets',
      'app1',
      { services: service('port: 443, sequence: [fw1, {app1: {port: 8443}}]') },
      ['handshake tcp/8443 to 10.0.3.11:8443 for tcp/8443 every 500 within 200, 3 2'],
    ],
    [
      'a server behind a VPN at what that reveals',
      'web2',
      { services: service('port: 443, sequence: [{vpn1: {reveals: {address: 203.0.113.9, port: 8080}}}, web2]') },
      ['handshake tcp/8080 to 203.0.113.9:8080 for tcp/8080 every 500 within 200, 3 2'],
    ],
    [
      'a server at the single ports of a service that has several',
      'web2',
      { services: service('port: [21, 990, "1025-1125"], sequence: [web2]') },
      [
        'handshake tcp/21,990,1025-1125 21 to 198.51.100.10:21 for tcp/21,990,1025-1125 every 500 within 200, 3 2',
        'handshake tcp/21,990,1025-1125 990 to 198.51.100.10:990 for tcp/21,990,1025-1125 every 500 within 200, 3 2',
      ],
    ],
    [
      'a server of UDP without an address',
      'web2',
      { services: service('protocol: udp, port: 53, sequence: [web2]') },
      [],
    ],
    [
      'a server of UDP with an address',
      'app1',
      { services: service('protocol: udp, port: 53, sequence: [app1]') },
      ['neighbour every 1000 within 800, 3 2'],
    ],
    ['a server of any port', 'web2', { services: service('port: any, sequence: [web2]') }, []],
    ['a server that no service uses', 'web1', {}, []],
    [
      'every member of a pool of servers',
      'web1',
      { pools: 'web: {members: [web1, web2]}', services: service('port: 25, sequence: [web]') },
      ['handshake tcp/25 to 198.51.100.10:25 for tcp/25 every 500 within 200, 3 2'],
    ],
  ])('%s', (_, device, written, expected) => {
    expect(probes(written, device)).toEqual(expected);
  });

  test('devices that answer for another are left to whoever manages them', () => {
    expect(specOf({}).devices.map(({ name }) => name)).toEqual([
      'fw1',
      'fw2',
      'vpn1',
      'cut1',
      'ids1',
      'ids2',
      'up1',
      'web1',
      'web2',
      'app1',
      'vip1',
    ]);
  });

  test('at most 16 handshakes a device', () => {
    const services = Array.from(
      { length: 40 },
      (_, i) => `s${i}: {address: 198.51.100.10, port: ${80 + i}, sequence: [web2]}`,
    );
    const names = probes({ services: services.join('\n  ') }, 'web2');
    expect(names).toHaveLength(16);
    expect(names[15]).toMatch(/^handshake tcp\/95 /);
  });

  test('and the rest of a device', () => {
    const spec = deviceOf({}, 'fw1');
    expect({ ...spec, probes: [], measures: [] }).toEqual({
      name: 'fw1',
      shares: 'eth2 i1',
      probes: [],
      measures: [],
      need: 'all',
      comesBack: 'when-told',
      flaps: { falls: 3, within: 60_000, quiet: 60_000 },
      alarm: { frames: 16, syns: 3 },
      drain: 1000,
    });
    expect(deviceOf({}, 'web2')).toMatchObject({ shares: 'i3', comesBack: { after: 30_000 } });
  });
});

describe('what is asked where something is written', () => {
  const mail = service('port: 25, sequence: [web1]');
  test.each<[string, string, Written, string[]]>([
    ['an interval of a device', 'fw1', { fw1: '{interval: 10ms}' }, ['through every 10 within 8, 3 3']],
    ['an interval of the file', 'fw2', { file: '{interval: 20ms}' }, ['through every 20 within 16, 3 3']],
    [
      'an interval of the file is for what the engine asks itself',
      'web1',
      { file: '{interval: 20ms}', web1: '{probes: [{http: {address: 10.0.3.7}}, {icmp: {address: 10.0.3.7}}]}' },
      ['http every 1000 within 800, 3 2', 'icmp every 1000 within 800, 3 2'],
    ],
    [
      "a pool's health is for members that say nothing",
      'fw2',
      { pools: 'more: {members: [fw1, fw2], health: {interval: 30ms}}', fw1: '{drain: 2s}' },
      ['through every 30 within 20, 3 3'],
    ],
    [
      "and not for the others'",
      'fw1',
      { pools: 'more: {members: [fw1, fw2], health: {interval: 30ms}}', fw1: '{drain: 2s}' },
      ['through every 50 within 20, 3 3'],
    ],
    [
      'a probe for the application of its port',
      'web1',
      { services: mail, web1: '{probes: [{smtp: {address: 10.0.3.7}, fall: 5, rise: 4}]}' },
      ['smtp for tcp/25 every 1000 within 800, 5 4'],
    ],
    [
      'the same for all of the device',
      'web1',
      { services: mail, web1: '{probes: [{smtp: {address: 10.0.3.7}, for: device}]}' },
      ['smtp every 1000 within 800, 3 2'],
    ],
    [
      'a probe of a port that no service has there',
      'web1',
      { services: mail, web1: '{probes: [{http: {address: 10.0.3.7}, limit: 100ms}]}' },
      ['http every 1000 within 100, 3 2'],
    ],
    [
      'a handshake at one port, and one at each',
      'web1',
      { services: mail, web1: '{probes: [handshake, {handshake: {port: 26}, name: other, interval: 100ms}]}' },
      [
        'handshake tcp/25 to 198.51.100.10:25 for tcp/25 every 500 within 200, 3 2',
        'other to ?:26 every 100 within 80, 3 2',
      ],
    ],
    ['a command', 'web1', { web1: '{probes: [{command: [/bin/true]}]}' }, ['command every 5000 within 4000, 3 2']],
  ])('%s', (_, device, written, expected) => {
    expect(probes(written, device)).toEqual(expected);
  });

  test('limits of probes go with the application of the probe', () => {
    const web1 =
      '{probes: [handshake, {icmp: {address: 10.0.3.7}}], limits: [{latency: 45ms, of: handshake}, {loss: 5, of: icmp}, {packets: 10000, weight: 0}]}';
    const measures = deviceOf({ services: mail, web1 }, 'web1')?.measures ?? [];
    expect(
      measures.map(({ measure, of, application, over, back, weight }) => [
        measure,
        of,
        application,
        over,
        back,
        weight,
      ]),
    ).toEqual([
      ['latency', 'handshake tcp/25', 'tcp/25', 100, 80, 0],
      ['latency', 'icmp', undefined, 400, 320, 0],
      ['latency', 'handshake tcp/25', 'tcp/25', 45, 36, 1],
      ['loss', 'icmp', undefined, 5, 4, 1],
      ['packets', undefined, undefined, 10_000, 8000, 0],
    ]);
  });

  test('everything else that a device can say', () => {
    const fw1 = '{need: 1, comes_back: {after: 5s}, flaps: {falls: 5}, alarm: {syns: 9}, drain: 2s}';
    expect(deviceOf({ fw1 }, 'fw1')).toMatchObject({
      need: 1,
      comesBack: { after: 5000 },
      flaps: { falls: 5, within: 60_000, quiet: 60_000 },
      alarm: { frames: 16, syns: 9 },
      drain: 2000,
    });
  });

  test('off: one device, the members of a pool, everything', () => {
    expect(deviceOf({ fw1: 'off' }, 'fw1')).toBeUndefined();
    expect(deviceOf({ pools: 'more: {members: [fw1, fw2], health: off}' }, 'fw2')).toBeUndefined();
    const { devices, pools } = specOf({ file: 'off' });
    expect(devices).toEqual([]);
    expect(pools.map(({ name }) => name)).toEqual(['firewalls']);
  });
});
