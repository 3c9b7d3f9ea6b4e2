import { describe, expect, test } from 'vitest';
import type { DeviceMode } from '../../src/model/types.ts';
import { copy, type Definitions, device, FOUR, firewall, leg, lines, planOf, service, through } from './models.ts';

const W1 = '198.51.100.1';
const S = ['10.0.1.11', '10.0.1.12'] as const;

const fw = firewall('fw', 'i1', 'i2');
const ids = device('ids', 'tap', leg('i1'));

function server(name: string, mode: DeviceMode, on: string, address: string) {
  return device(name, 'server', leg(on), { mode, address });
}

function stepsOf(definitions: Omit<Definitions, 'interfaces'>): string[] {
  const plan = planOf({ interfaces: FOUR, ...definitions });
  expect(plan.problems).toEqual([]);
  return lines(plan);
}

describe('Fig 5: one server', () => {
  test.each(['loopback', 'alias'] as const)('%s: only MACs change', (mode) => {
    const steps = stepsOf({
      devices: [server('s1', mode, 'i1', S[0])],
      services: [service('web', W1, 80, [through('s1')])],
    });
    expect(steps).toEqual([`web: forward at i0 ${W1}:80/tcp -> s1.only`, `web: return at s1.only ${W1}:80/tcp -> i0`]);
  });

  test('nat: the destination on the way in, the source on the way back', () => {
    const plan = planOf({
      interfaces: FOUR,
      devices: [server('s1', 'nat', 'i1', S[0])],
      services: [service('web', W1, 80, [through('s1')])],
    });
    expect(lines(plan, true)).toEqual([
      `${S[0]}: known as device address`,
      `${W1}: ARP and ND answered on i0`,
      `${W1}: known as service address`,
      `web: forward at i0 ${W1}:80/tcp -> s1.only`,
      `web: return at s1.only ${S[0]}:80/tcp -> i0, as ${W1}`,
    ]);
    expect(plan.fabric.legs.find(({ name }) => name === 's1.only')?.nat).toBe(S[0]);
  });
});

describe('Fig 6: one address, two ports, two servers on one interface', () => {
  const modes: [DeviceMode, DeviceMode][] = [
    ['loopback', 'loopback'],
    ['loopback', 'alias'],
    ['alias', 'alias'],
    ['loopback', 'nat'],
    ['nat', 'loopback'],
    ['nat', 'nat'],
  ];
  test.each(modes)('671 in %s mode, 672 in %s mode', (...both) => {
    const names = ['s671', 's672'] as const;
    const steps = stepsOf({
      devices: names.map((name, i) => server(name, both[i]!, 'i1', S[i]!)),
      services: names.map((name, i) => service(`p${i + 1}`, W1, i + 1, [through(name)])),
    });
    const back = (i: 0 | 1): string =>
      both[i] === 'nat'
        ? `p${i + 1}: return at ${names[i]}.only ${S[i]}:${i + 1}/tcp -> i0, as ${W1}`
        : `p${i + 1}: return at ${names[i]}.only ${W1}:${i + 1}/tcp -> i0`;
    expect(steps).toEqual([
      `p1: forward at i0 ${W1}:1/tcp -> s671.only`,
      back(0),
      `p2: forward at i0 ${W1}:2/tcp -> s672.only`,
      back(1),
    ]);
  });
});

describe('Fig 7: firewall, VPN that reveals another port, copy to an IDS, server', () => {
  const figure7 = (vpn: 'loopback' | 'nat', end: 'loopback' | 'nat'): string[] =>
    stepsOf({
      devices: [
        fw,
        ids,
        device('vpn', 'inline', leg('i2'), { mode: vpn, address: '10.0.2.5', function: 'vpn' }),
        server('s1', end, 'i3', '10.0.3.11'),
      ],
      services: [
        service('shop', W1, 443, [
          through('fw'),
          through('vpn', { reveals: { protocol: 'udp', ports: [{ from: 8080, to: 8080 }] } }),
          copy(['ids']),
          through('s1'),
        ]),
      ],
    });
  test.each([
    [
      'the VPN owns the address, so does the server',
      'loopback',
      'loopback',
      `${W1}:443/tcp -> fw.inside`,
      `${W1}:8080/udp -> vpn.only, copy to ids`,
    ],
    [
      'both by NAT',
      'nat',
      'nat',
      `10.0.2.5:443/tcp -> fw.inside, as ${W1}`,
      `10.0.3.11:8080/udp -> vpn.only, as ${W1}, copy to ids`,
    ],
  ] as const)('%s', (_, vpn, end, fromVpn, fromServer) => {
    expect(figure7(vpn, end)).toEqual(
      [
        `shop: forward at i0 ${W1}:443/tcp -> fw.outside`,
        `shop: forward at fw.inside ${W1}:443/tcp -> vpn.only`,
        `shop: forward at vpn.only ${W1}:8080/udp -> s1.only, copy to ids`,
        `shop: forward at ids.only ${W1}:8080/udp -> s1.only`,
        `shop: return at s1.only ${fromServer}`,
        `shop: return at ids.only ${W1}:8080/udp -> vpn.only`,
        `shop: return at vpn.only ${fromVpn}`,
        `shop: return at fw.outside ${W1}:443/tcp -> i0`,
      ].sort(),
    );
  });
});

test('Fig 8: the server alone sees the translated port', () => {
  const steps = stepsOf({
    devices: [fw, ids, server('s1', 'nat', 'i3', '10.0.3.11')],
    services: [service('shop', W1, 20, [through('fw'), copy(['ids']), through('s1', { port: 2020 })])],
  });
  expect(steps).toEqual(
    [
      `shop: forward at i0 ${W1}:20/tcp -> fw.outside`,
      `shop: forward at fw.inside ${W1}:20/tcp -> s1.only, port 2020, copy to ids`,
      `shop: forward at ids.only ${W1}:20/tcp -> s1.only, port 2020`,
      `shop: return at s1.only 10.0.3.11:2020/tcp -> fw.inside, as ${W1}, port 20, copy to ids`,
      `shop: return at ids.only ${W1}:20/tcp -> fw.inside`,
      `shop: return at fw.outside ${W1}:20/tcp -> i0`,
    ].sort(),
  );
});

test('Fig 9: every entry twice, for the port and for the range it owns; another port owns the next range', () => {
  const other = firewall('fw2', 'i1', 'i2');
  const end = server('s1', 'loopback', 'i3', W1);
  const steps = stepsOf({
    devices: [fw, other, end],
    services: [
      service(
        'ftp',
        W1,
        [
          { from: 21, to: 21 },
          { from: 1025, to: 1125 },
        ],
        [through('fw'), through('s1')],
      ),
      service(
        'p2',
        W1,
        [
          { from: 22, to: 22 },
          { from: 1126, to: 1300 },
        ],
        [through('fw2'), through('s1')],
      ),
    ],
  });
  const entries = (name: string, firewallName: string, ports: string[]): string[] =>
    ports.flatMap((port) => [
      `${name}: forward at i0 ${W1}:${port}/tcp -> ${firewallName}.outside`,
      `${name}: forward at ${firewallName}.inside ${W1}:${port}/tcp -> s1.only`,
      `${name}: return at s1.only ${W1}:${port}/tcp -> ${firewallName}.inside`,
      `${name}: return at ${firewallName}.outside ${W1}:${port}/tcp -> i0`,
    ]);
  expect(steps).toEqual(
    [...entries('ftp', 'fw', ['21', '1025-1125']), ...entries('p2', 'fw2', ['22', '1126-1300'])].sort(),
  );
});

test('Fig 9C-E: the negotiated address is a service of its own; by NAT both come back under one address', () => {
  const app = '10.0.3.97';
  const steps = stepsOf({
    devices: [firewall('fw965', 'i1', 'i2'), firewall('fw966', 'i1', 'i2'), server('s972', 'nat', 'i3', app)],
    services: [
      service('control', W1, 21, [through('fw965'), through('s972')]),
      service('data', app, [{ from: 1025, to: 65535 }], [through('fw966'), through('s972')]),
    ],
  });
  expect(steps).toEqual(
    [
      `control: forward at i0 ${W1}:21/tcp -> fw965.outside`,
      `control: forward at fw965.inside ${W1}:21/tcp -> s972.only`,
      `control: return at s972.only ${app}:21/tcp -> fw965.inside, as ${W1}`,
      `control: return at fw965.outside ${W1}:21/tcp -> i0`,
      `data: forward at i0 ${app}:1025-65535/tcp -> fw966.outside`,
      `data: forward at fw966.inside ${app}:1025-65535/tcp -> s972.only`,
      `data: return at s972.only ${app}:1025-65535/tcp -> fw966.inside`,
      `data: return at fw966.outside ${app}:1025-65535/tcp -> i0`,
    ].sort(),
  );
});

test.each([
  ['owns the service address', 'loopback', `${W1}:8080/tcp -> i0`],
  ['is reached by NAT', 'nat', `10.0.2.55:8080/tcp -> i0, as ${W1}`],
] as const)(
  'Fig 12: a proxy that %s, and its own address as an outward service through a firewall that translates',
  (_, mode, back) => {
    const [proxyAddress, translated] = ['10.0.2.55', '203.0.113.61'];
    const plan = planOf({
      interfaces: FOUR,
      devices: [firewall('fw', 'i1', 'i2'), device('proxy', 'proxy', leg('i2'), { mode, address: proxyAddress })],
      services: [
        service('web', W1, 8080, [through('proxy')]),
        service('out', proxyAddress, 'any', [through('fw', { translatesSource: translated })], {
          outward: true,
          from: [{ kind: 'device', name: 'proxy' }],
        }),
      ],
    });
    expect(plan.problems).toEqual([]);
    expect(lines(plan)).toEqual(
      [
        `web: forward at i0 ${W1}:8080/tcp -> proxy.only`,
        `out: outward at proxy.only ${proxyAddress}:any/tcp -> fw.inside`,
        `out: outward at fw.outside ${translated}:any/tcp -> i0`,
        `out: inward at i0 ${translated}:any/tcp -> fw.outside`,
        `out: inward at fw.inside ${proxyAddress}:any/tcp -> proxy.only`,
        `web: return at proxy.only ${back}`,
      ].sort(),
    );
    const shared = lines(plan, true).filter((line) => !/ at /.test(line));
    expect(shared).toContain(`${translated}: ARP and ND answered on i0`);
    expect(shared).not.toContain(`${proxyAddress}: ARP and ND answered on i2`);
  },
);

test('Fig 14: two services share a server; its database has a service address for each, by NAT', () => {
  const [w5, w1d, w5d, db] = ['198.51.100.5', '198.51.100.101', '198.51.100.105', '10.0.3.71'];
  const database = server('db1471', 'nat', 'i3', db);
  const steps = stepsOf({
    devices: [
      fw,
      ids,
      device('a4', 'server', leg('i2'), { mode: 'alias', address: '10.0.2.4' }),
      database,
      device('db2', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.72' }),
    ],
    services: [
      service('w1', W1, 80, [copy(['ids']), through('fw'), through('a4')]),
      service('w5', w5, 80, [through('fw'), through('a4')]),
      service('w1d', w1d, 5432, [through('db1471')], { from: [{ kind: 'device', name: 'a4' }] }),
      service('w5d', w5d, 5432, [through('db2')], { from: [{ kind: 'device', name: 'a4' }] }),
    ],
  });
  expect(steps).toEqual(
    [
      `w1: forward at i0 ${W1}:80/tcp -> fw.outside, copy to ids`,
      `w1: forward at ids.only ${W1}:80/tcp -> fw.outside`,
      `w1: forward at fw.inside ${W1}:80/tcp -> a4.only`,
      `w1: return at a4.only ${W1}:80/tcp -> fw.inside`,
      `w1: return at fw.outside ${W1}:80/tcp -> i0, copy to ids`,
      `w1: return at ids.only ${W1}:80/tcp -> i0`,
      `w5: forward at i0 ${w5}:80/tcp -> fw.outside`,
      `w5: forward at fw.inside ${w5}:80/tcp -> a4.only`,
      `w5: return at a4.only ${w5}:80/tcp -> fw.inside`,
      `w5: return at fw.outside ${w5}:80/tcp -> i0`,
      `w1d: forward at a4.only ${w1d}:5432/tcp -> db1471.only`,
      `w1d: return at db1471.only ${db}:5432/tcp -> a4.only, as ${w1d}`,
      `w5d: forward at a4.only ${w5d}:5432/tcp -> db2.only`,
      `w5d: return at db2.only 10.0.3.72:5432/tcp -> a4.only, as ${w5d}`,
    ].sort(),
  );
});
