import { describe, expect, test } from 'vitest';
import type { Device, Interface, Pool, Service } from '../../src/model/types.ts';
import { copy, device, FOUR, firewall, iface, leg, lines, network, planOf, service, through } from './models.ts';

const A = '198.51.100.1';
const V6 = '2001:db8:1::10';
const fw = firewall('fw', 'i1', 'i2');
const fw2 = firewall('fw2', 'i1', 'i2');
const ids = device('ids', 'tap', leg('i1'));
const ids2 = device('ids2', 'tap', leg('i2'));
const web = device('web', 'server', leg('i3'), { mode: 'loopback' });
const app = device('app', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.11' });
const app2 = device('app2', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.12' });
const vpn = device('vpn', 'inline', leg('i2'), { mode: 'loopback' });
const isp = device('isp', 'gateway', leg('i3'));
const pools: Pool[] = [
  { name: 'firewalls', members: ['fw', 'fw2'], use: 'primary', active: 'fw' },
  { name: 'apps', members: ['app', 'app2'], use: 'primary', active: 'app' },
];

interface Row {
  readonly name: string;
  readonly services: readonly Service[];
  readonly steps: readonly string[];
  readonly devices?: readonly Device[];
  readonly interfaces?: readonly Interface[];
}

const rows: Row[] = [
  {
    name: 'a pool of NAT servers: every member answers by its own address',
    services: [service('s', A, 80, [through('apps', { isPool: true })])],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> apps tcp/80`,
      `s: return at app.only 10.0.3.11:80/tcp -> i0, as ${A}`,
      `s: return at app2.only 10.0.3.12:80/tcp -> i0, as ${A}`,
    ],
  },
  {
    name: 'a pool in the middle: entered by its outside word, by its inside word on the way back',
    services: [service('s', A, 80, [through('firewalls', { isPool: true }), through('web')])],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> firewalls`,
      `s: forward at fw.inside ${A}:80/tcp -> web.only`,
      `s: forward at fw2.inside ${A}:80/tcp -> web.only`,
      `s: return at web.only ${A}:80/tcp -> firewalls, inside`,
      `s: return at fw.outside ${A}:80/tcp -> i0`,
      `s: return at fw2.outside ${A}:80/tcp -> i0`,
    ],
  },
  {
    name: 'answers of a tap to the firewall before it',
    services: [service('s', A, 80, [through('fw'), through('vpn'), copy(['ids'], 'firewall'), through('web')])],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> fw.outside`,
      `s: forward at fw.inside ${A}:80/tcp -> vpn.only`,
      `s: forward at vpn.only ${A}:80/tcp -> web.only, copy to ids`,
      `s: forward at ids.only ${A}:80/tcp -> fw.outside`,
      `s: return at web.only ${A}:80/tcp -> vpn.only, copy to ids`,
      `s: return at ids.only ${A}:80/tcp -> vpn.only`,
      `s: return at vpn.only ${A}:80/tcp -> fw.inside`,
      `s: return at fw.outside ${A}:80/tcp -> i0`,
    ],
  },
  {
    name: 'answers of a tap dropped; two copies at one place are one copy set',
    services: [service('s', A, 80, [copy(['ids2'], 'drop'), copy(['ids'], 'drop'), through('web')])],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> web.only, copy to ids+ids2`,
      `s: return at web.only ${A}:80/tcp -> i0, copy to ids+ids2`,
    ],
  },
  {
    name: 'a way back of its own, from the end outwards',
    services: [
      service('s', A, 80, [through('fw'), through('web')], { return: [copy(['ids'], 'drop'), through('fw2')] }),
    ],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> fw.outside`,
      `s: forward at fw.inside ${A}:80/tcp -> web.only`,
      `s: return at web.only ${A}:80/tcp -> fw2.inside, copy to ids`,
      `s: return at fw2.outside ${A}:80/tcp -> i0`,
    ],
  },
  {
    name: 'a VPN that reveals another address undoes it on a way back of its own, too',
    services: [
      service('s', A, 80, [through('vpn', { reveals: { address: '198.51.100.9' } }), through('web')], {
        return: [through('vpn')],
      }),
    ],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> vpn.only`,
      `s: forward at vpn.only 198.51.100.9:80/tcp -> web.only`,
      `s: return at web.only 198.51.100.9:80/tcp -> vpn.only`,
      `s: return at vpn.only ${A}:80/tcp -> i0`,
    ],
  },
  {
    name: 'a server that others answer for',
    devices: [device('lb', 'server', leg('i3'), { mode: 'loopback', answeredBy: ['web'] }), web],
    services: [service('s', A, 80, [through('lb')])],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> lb.only`,
      `s: return at lb.only ${A}:80/tcp -> i0`,
      `s: return at web.only ${A}:80/tcp -> i0`,
    ],
  },
  {
    name: 'opened by two interfaces: back by the kernel route',
    interfaces: [...FOUR, iface('i4', { clients: true })],
    services: [
      service('s', A, 80, [through('web')], { from: ['i0', 'i4'].map((name) => ({ kind: 'interface', name })) }),
    ],
    steps: [
      `s: forward at i0 ${A}:80/tcp -> web.only`,
      `s: forward at i4 ${A}:80/tcp -> web.only`,
      `s: return at web.only ${A}:80/tcp -> kernel route`,
    ],
  },
  {
    name: 'a named exit: a gateway device',
    services: [service('s', A, 80, [through('web')], { exit: { kind: 'device', name: 'isp' } })],
    steps: [`s: forward at i0 ${A}:80/tcp -> web.only`, `s: return at web.only ${A}:80/tcp -> isp.only`],
  },
  {
    name: 'IPv6 behind an IPv4 gateway only: by the kernel route',
    services: [service('s', V6, 80, [through('web')])],
    steps: [`s: forward at i0 [${V6}]:80/tcp -> web.only`, `s: return at web.only [${V6}]:80/tcp -> kernel route`],
  },
  {
    name: 'IPv6 with a gateway of its own',
    interfaces: [
      iface('i0', { clients: true, gateways: [{ address: '192.0.2.1' }, { address: '2001:db8::1' }] }),
      ...FOUR.slice(1),
    ],
    services: [service('s', V6, 80, [through('web')])],
    steps: [`s: forward at i0 [${V6}]:80/tcp -> web.only`, `s: return at web.only [${V6}]:80/tcp -> i0.ipv6`],
  },
  {
    name: 'a protocol without ports, and several ports',
    services: [
      service('ping', A, [{ from: 7, to: 7 }], [through('web')], { protocol: 'icmp' }),
      service(
        's',
        A,
        [
          { from: 80, to: 80 },
          { from: 443, to: 443 },
        ],
        [through('web')],
        { protocol: 'udp' },
      ),
    ],
    steps: [
      `ping: forward at i0 ${A}:any/icmp -> web.only`,
      `ping: return at web.only ${A}:any/icmp -> i0`,
      ...['80', '443'].flatMap((port) => [
        `s: forward at i0 ${A}:${port}/udp -> web.only`,
        `s: return at web.only ${A}:${port}/udp -> i0`,
      ]),
    ],
  },
  {
    name: 'an outward service of clients that ends in a gateway device',
    services: [service('out', '203.0.113.7', 'any', [copy(['ids']), through('fw'), through('isp')], { outward: true })],
    steps: [
      `out: outward at i0 203.0.113.7:any/tcp -> fw.inside, copy to ids`,
      `out: outward at ids.only 203.0.113.7:any/tcp -> fw.inside`,
      `out: outward at fw.outside 203.0.113.7:any/tcp -> isp.only`,
      `out: inward at isp.only 203.0.113.7:any/tcp -> fw.outside`,
      `out: inward at fw.inside 203.0.113.7:any/tcp -> i0, copy to ids`,
      `out: inward at ids.only 203.0.113.7:any/tcp -> i0`,
    ],
  },
  {
    name: 'an outward service of two proxies: each address opens from its own; a device in nat mode on its way changes nothing',
    devices: [
      device('p1', 'proxy', leg('i2'), { mode: 'nat', address: '10.0.2.51' }),
      device('p2', 'proxy', leg('i2'), { mode: 'nat', address: '10.0.2.52' }),
      device('relay', 'inline', leg('i1'), { mode: 'nat', address: '10.0.1.9' }),
    ],
    services: [
      service('out', '', 'any', [through('relay')], {
        addresses: ['10.0.2.51', '10.0.2.52'],
        outward: true,
        from: ['p1', 'p2'].map((name) => ({ kind: 'device', name })),
      }),
    ],
    steps: [1, 2].flatMap((i) => [
      `out: outward at p${i}.only 10.0.2.5${i}:any/tcp -> relay.only`,
      `out: outward at relay.only 10.0.2.5${i}:any/tcp -> i0`,
      `out: inward at i0 10.0.2.5${i}:any/tcp -> relay.only`,
      `out: inward at relay.only 10.0.2.5${i}:any/tcp -> p${i}.only`,
    ]),
  },
];

test.each(rows)('$name', ({ services, steps, devices, interfaces = FOUR }) => {
  const all = devices ?? [fw, fw2, ids, ids2, web, app, app2, vpn, isp];
  const plan = planOf(
    { interfaces, devices: all, pools: devices ? [] : pools, services },
    network(['i0', 'i1', 'i2', 'i3', 'i4']),
  );
  expect(plan.problems).toEqual([]);
  expect(lines(plan)).toEqual([...steps].sort());
});

describe('who answers ARP and ND for the service address', () => {
  const answers = (devices: Device[], from: string, kind: 'interface' | 'device'): string[] => {
    const all = [...devices, web];
    const s = service('s', A, 80, [through(devices[0]!.name)], { from: [{ kind, name: from }] });
    const interfaces = [iface('i0', { clients: true }), ...FOUR.slice(1)];
    return lines(planOf({ interfaces, devices: all, services: [s] }), true).filter((line) => / answered /.test(line));
  };
  test.each([
    ['the engine, for a server in nat mode', app, 'i3', 'interface', [`${A}: ARP and ND answered on i3`]],
    [
      'nobody where a loopback server is on the segment',
      device('l', 'server', leg('i3'), { mode: 'loopback' }),
      'i3',
      'interface',
      [],
    ],
    [
      'nobody where the address is the device’s own',
      device('o', 'server', leg('i3'), { mode: 'nat', address: A }),
      'i3',
      'interface',
      [],
    ],
    [
      'the engine, on the segment of the device that opens, whatever else it takes as its own',
      app,
      'web',
      'device',
      [`${A}: ARP and ND answered on i3`],
    ],
    [
      'the engine, on another segment than the loopback server’s',
      device('l', 'server', leg('i2'), { mode: 'loopback' }),
      'i0',
      'interface',
      [`${A}: ARP and ND answered on i0`],
    ],
  ] as const)('%s', (_, end, from, kind, expected) => {
    expect(answers([end], from, kind)).toEqual(expected);
  });
});
