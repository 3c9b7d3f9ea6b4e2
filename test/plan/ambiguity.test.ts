import { expect, test } from 'vitest';
import {
  copy,
  type Definitions,
  device,
  FOUR,
  firewall,
  iface,
  leg,
  network,
  planOf,
  service,
  through,
} from './models.ts';

const [A, B] = ['198.51.100.1', '198.51.100.2'];
const i0 = { kind: 'interface', name: 'i0' } as const;
const two = [...FOUR, iface('i4', { clients: true, gateways: [{ address: '192.0.2.65', mac: '02:00:00:00:00:fd' }] })];
const fw = firewall('fw', 'i1', 'i2');
const fw2 = firewall('fw2', 'i1', 'i2');
const ids = device('ids', 'tap', leg('i1'));
const web1 = device('web1', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.11' });
const web2 = device('web2', 'server', leg('i3'), { mode: 'loopback' });

const rows: [name: string, definitions: Omit<Definitions, 'interfaces'>, problem: RegExp][] = [
  [
    'two services that reach one server and port by NAT',
    { devices: [web1], services: [service('a', A, 80, [through('web1')]), service('b', B, 80, [through('web1')])] },
    /^services a and b both reach web1:80 by NAT; a reply could belong to either: use loopback or alias mode, another port, or another address$/,
  ],
  [
    'two services that claim one address and port from one interface',
    {
      devices: [fw, web2],
      services: [service('a', A, 80, [through('fw'), through('web2')]), service('b', A, 80, [through('web2')])],
    },
    /^services a and b both have 198\.51\.100\.1:80\/tcp from i0; a packet could belong to either: give one/,
  ],
  [
    'one address and port from two interfaces through one device',
    {
      devices: [fw, web1, web2],
      services: [
        service('a', A, 80, [through('fw'), through('web1')]),
        service('b', A, 80, [through('fw'), through('web2')], { from: [{ kind: 'interface', name: 'i4' }] }),
      ],
    },
    /^services a and b both send 198\.51\.100\.1:80\/tcp through fw; what fw\.(in|out)side gives back could belong to either/,
  ],
  [
    'one address and port from two interfaces, copied to one tap',
    {
      devices: [ids, web1, web2],
      services: [
        service('a', A, 80, [copy(['ids']), through('web1')]),
        service('b', A, 80, [copy(['ids']), through('web2')], { from: [{ kind: 'interface', name: 'i4' }] }),
      ],
    },
    /^services a and b both copy 198\.51\.100\.1:80\/tcp to ids; what it answers could belong to either/,
  ],
  [
    'any port and one port of a server by NAT',
    { devices: [web1], services: [service('a', A, 'any', [through('web1')]), service('b', B, 80, [through('web1')])] },
    /^services (a and b|b and a) both reach web1:(any|80) by NAT; a reply could belong to either/,
  ],
  [
    'a translated port of a server that has any port',
    {
      devices: [web2],
      services: [service('a', A, 8443, [through('web2', { port: 443 })]), service('b', A, 'any', [through('web2')])],
    },
    /^services b and a both send 198\.51\.100\.1:443\/tcp and 198\.51\.100\.1:any\/tcp through web2/,
  ],
  [
    'any port inward and outward of one address',
    {
      devices: [fw2, web2],
      services: [
        service('a', A, 'any', [through('web2')]),
        service('o', A, 'any', [through('fw2')], {
          outward: true,
          from: [{ kind: 'device', name: 'web2' }],
          exit: i0,
        }),
      ],
    },
    /^services a and o have opposite directions, and 198\.51\.100\.1:any\/tcp at web2\.only; a packet could belong to either/,
  ],
  [
    'a device twice in one direction',
    {
      devices: [fw, fw2, web2],
      services: [service('a', A, 80, [through('fw'), through('fw2'), through('fw'), through('web2')])],
    },
    /^service a: fw has 198\.51\.100\.1:80\/tcp \((forward|return), from fw\.(in|out)side\) at two places of the sequence/,
  ],
  [
    'overlapping port ranges of one address',
    {
      devices: [web2],
      services: [
        service('a', A, [{ from: 1025, to: 1125 }], [through('web2')]),
        service('b', A, [{ from: 1125, to: 1300 }], [through('web2')]),
      ],
    },
    /^services (a and b|b and a) both have 198\.51\.100\.1:1\d+-1\d+\/tcp and .* from i0/,
  ],
  [
    'a range inside one that another range follows',
    {
      devices: [web2],
      services: [
        service('a', A, [{ from: 1000, to: 5000 }], [through('web2')]),
        service('b', A, [{ from: 1100, to: 1200 }], [through('web2')]),
        service('c', A, [{ from: 4000, to: 6000 }], [through('web2')]),
      ],
    },
    /services .*(a and c|c and a)/,
  ],
  [
    'answers for a firewall that is not there',
    { devices: [ids, web2], services: [service('a', A, 80, [copy(['ids'], 'firewall'), through('web2')])] },
    /^compile a: answers of ids should go to the firewall, and no inline device stands before the copy/,
  ],
  [
    'NAT from one family to the other',
    { devices: [web1], services: [service('a', '2001:db8::1', 80, [through('web1')])] },
    /^compile a: web1 would need NAT between IPv4 and IPv6/,
  ],
  [
    'one translated port for several',
    { devices: [web2], services: [service('a', A, [{ from: 1, to: 9 }], [through('web2', { port: 80 })])] },
    /^compile a: port 80 would have to stand for several ports/,
  ],
  [
    'text that is no address',
    { devices: [web2], services: [service('a', '198.51.100.300', 80, [through('web2')])] },
    /^compile a: 198\.51\.100\.300 is no address/,
  ],
  [
    'two devices with one MAC on one segment',
    {
      devices: [
        device('x', 'server', leg('i1', { mac: '02:00:00:00:99:01' })),
        device('y', 'server', leg('i1', { mac: '02:00:00:00:99:01' })),
      ],
      services: [],
    },
    /^compile y\.only: it and x\.only both have MAC 02:00:00:00:99:01 on one segment/,
  ],
];

test.each(rows)('%s is refused by name', (_, definitions, problem) => {
  const plan = planOf({ interfaces: two, ...definitions }, network(['i0', 'i1', 'i2', 'i3', 'i4']));
  expect(plan.problems.some((each) => problem.test(each)) ? problem : plan.problems).toBe(problem);
});

test("a service address that is the engine's own is refused", () => {
  const plain = network(['i0', 'i1', 'i2', 'i3']);
  const nic = { ...plain.nics.get('i0')!, addresses: [{ address: A!, prefix: 24, scope: 'global' as const }] };
  const net = { ...plain, nics: new Map(plain.nics).set('i0', nic) };
  const plan = planOf({ interfaces: FOUR, devices: [web2], services: [service('a', A!, 80, [through('web2')])] }, net);
  expect(plan.problems).toEqual([
    `compile ${A}: it is the engine's own and the address of a service (take it off the engine's interface, or use another)`,
  ]);
});

test.each([
  [
    'the same address and port from two interfaces through devices of their own',
    { from: [{ kind: 'interface', name: 'i4' }] },
    A,
    80,
  ],
  ['another protocol', { protocol: 'udp' }, A, 80],
  ['another port', {}, A, 81],
  ['another address', {}, B, 80],
] as const)('%s is no ambiguity', (_, more, address, port) => {
  const plan = planOf(
    {
      interfaces: two,
      devices: [fw, fw2, web2, device('web3', 'server', leg('i3'))],
      services: [
        service('a', A!, 80, [through('fw'), through('web2')], { from: [i0] }),
        service('b', address!, port, [through('fw2'), through('web3')], more),
      ],
    },
    network(['i0', 'i1', 'i2', 'i3', 'i4']),
  );
  expect(plan.problems).toEqual([]);
});

test('a hundred thousand ambiguities are told by the first few and their number, in time', () => {
  const services = Array.from({ length: 100_000 }, (_, i) => service(`s${i}`, A!, 80, [through('web2')]));
  const { problems } = planOf({ interfaces: FOUR, devices: [web2], services });
  expect(problems.length).toBe(21);
  expect(problems.at(-1)).toMatch(/^and \d+ more like these$/);
});
