import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/compile.ts';
import { Registry } from '../../src/plan/registry.ts';
import type { LegPlan } from '../../src/plan/types.ts';
import {
  copy,
  type Definitions,
  device,
  FOUR,
  firewall,
  iface,
  learntLeg,
  leg,
  NETWORK,
  network,
  planOf,
  service,
  through,
} from './models.ts';

const A = '198.51.100.1';
const web = device('web', 'server', leg('i3'), { mode: 'loopback' });

function legOf(plan: Plan, name: string): LegPlan {
  return plan.fabric.legs.find((each) => each.name === name)!;
}

describe('MACs', () => {
  const vpn = device('vpn', 'inline', learntLeg('i2'), { address: '10.0.2.5' });
  const fw = device('fw', 'inline', learntLeg('i1', { address: '10.0.1.5' }), { inside: leg('i2') });
  const gateways = [{ address: '192.0.2.1' }];
  const definitions: Definitions = {
    interfaces: [iface('i0', { clients: true, gateways }), ...FOUR.slice(1)],
    devices: [fw, vpn, web],
    services: [
      service('a', A, 80, [through('fw'), through('web')]),
      service('b', A, 81, [through('vpn'), through('web')], { from: [{ kind: 'device', name: 'web' }] }),
      service('c', A, 82, [through('web')], { exit: { kind: 'route' } }),
    ],
  };

  test('learnt by address; a leg nobody knows has none, and is no origin', () => {
    const plan = planOf(definitions, network(['i0', 'i1', 'i2', 'i3'], { 'i2 10.0.2.5': '02:00:00:00:02:05' }));
    expect([legOf(plan, 'vpn.only').mac, legOf(plan, 'fw.outside').mac, legOf(plan, 'i0').mac]).toEqual([
      '02:00:00:00:02:05',
      null,
      null,
    ]);
    expect(plan.fabric.origins.map(({ leg: number }) => plan.registry.name('leg', number))).not.toContain('fw.outside');
  });

  test('an address on another NIC says nothing', () => {
    const plan = planOf(definitions, network(['i0', 'i1', 'i2', 'i3'], { 'i1 10.0.2.5': '02:00:00:00:02:05' }));
    expect(legOf(plan, 'vpn.only').mac).toBeNull();
  });

  test('are all there when all are known', () => {
    const known = {
      'i0 192.0.2.1': '02:00:00:00:00:fe',
      'i1 10.0.1.5': '02:00:00:00:01:05',
      'i2 10.0.2.5': '02:00:00:00:02:05',
    };
    const plan = planOf(definitions, network(['i0', 'i1', 'i2', 'i3'], known));
    expect(legOf(plan, 'fw.outside').mac).toBe('02:00:00:00:01:05');
    expect(legOf(plan, 'i0').mac).toBe('02:00:00:00:00:fe');
  });

  test('a NIC that is gone loses no number and no step', () => {
    const registry = new Registry();
    const whole = planOf(definitions, NETWORK, registry);
    const plan = planOf(definitions, network(['i0', 'i1', 'i2']), registry);
    expect(plan.fabric.interfaces.map(({ nic }) => nic)).toEqual(['i0', 'i1', 'i2']);
    expect(plan.fabric.legs.map((each) => [each.leg, each.name])).toEqual(
      whole.fabric.legs.map((each) => [each.leg, each.name]),
    );
    expect(plan.fabric.names).toEqual(whole.fabric.names);
    expect(plan.services.steps.words).toEqual(whole.services.steps.words);
    expect(legOf(plan, 'web.only')).toMatchObject({ mac: null, ifindex: 0, interfaceNumber: 3 });
  });
});

describe('bridging devices', () => {
  const bridge = (outside: string, inside: string, name = 'ips') =>
    device(name, 'inline', learntLeg(outside), { inside: learntLeg(inside), forwards: 'bridge' });

  test('on two NICs have these NICs’ MACs: out from A to B, and back from B to A', () => {
    const plan = planOf({
      interfaces: FOUR,
      devices: [bridge('i1', 'i2'), web],
      services: [service('s', A, 80, [through('ips'), through('web')])],
    });
    const [a, b] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    expect(legOf(plan, 'ips.outside')).toMatchObject({ sourceMac: a, mac: b });
    expect(legOf(plan, 'ips.inside')).toMatchObject({ sourceMac: b, mac: a });
    const origins = plan.fabric.origins.filter(({ bridged }) => bridged);
    expect(
      origins.map(({ interfaceNumber, mac, leg: number }) => [interfaceNumber, mac, plan.registry.name('leg', number)]),
    ).toEqual([
      [1, b, 'ips.outside'],
      [2, a, 'ips.inside'],
    ]);
  });

  test('on two VLANs of one NIC have made-up MACs, each its own, the same every time', () => {
    const interfaces = [
      FOUR[0]!,
      ...[11, 12, 21, 22].map((vlan) => iface(`v${vlan}`, { nic: 'i1', vlans: [vlan] })),
      FOUR[3]!,
    ];
    const tagged = (name: string, from: number) => {
      const sides = [from, from + 1].map((vlan) => ({ interface: `v${vlan}`, vlans: [vlan] }));
      return { ...bridge('i1', 'i1', name), outside: sides[0]!, inside: sides[1]! };
    };
    const definitions = { interfaces, devices: [tagged('ips1', 11), tagged('ips2', 21), web], services: [] };
    const [plan, again] = [planOf(definitions), planOf(definitions)];
    const macs = ['ips1', 'ips2'].flatMap((name) => [legOf(plan, `${name}.outside`), legOf(plan, `${name}.inside`)]);
    expect(new Set(macs.map(({ mac }) => mac)).size).toBe(4);
    for (const { mac } of macs) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect([macs[0]!.mac, macs[0]!.sourceMac]).toEqual([macs[1]!.sourceMac, macs[1]!.mac]);
    expect(macs.map(({ vlans }) => vlans[0])).toEqual([11, 12, 21, 22]);
    expect(again.fabric.legs).toEqual(plan.fabric.legs);
  });
});

describe('copy sets', () => {
  const ids = device('ids', 'tap', leg('i1'));
  const ids2 = device('ids2', 'tap', leg('i2'));
  const pools = [{ name: 'fws', members: ['fw', 'fw2'], use: 'primary', active: 'fw' }] as const;
  const definitions: Definitions = {
    interfaces: FOUR,
    devices: [ids, ids2, web, firewall('fw', 'i1', 'i2'), firewall('fw2', 'i3', 'i2')],
    pools,
    services: [
      service('a', A, 80, [copy(['ids', 'ids2']), through('fws', { isPool: true }), through('web')]),
      service('b', A, 81, [copy(['ids2', 'ids']), through('web')], { exit: { kind: 'interface', name: 'i0' } }),
      service('c', A, 82, [copy(['ids']), through('web')], { exit: { kind: 'route' } }),
    ],
  };

  test('of the same taps are one, with every interface that originals may leave by', () => {
    const { fabric } = planOf(definitions);
    const view = fabric.copysets.map(({ name, taps, mains }) => [
      name,
      taps.map(({ ifindex }) => ifindex),
      mains.map(({ interfaceNumber }) => interfaceNumber),
    ]);
    expect(view).toEqual([
      ['ids+ids2', [11, 12], [0, 1, 3]],
      ['ids', [11], [0, 1, 2, 3]],
    ]);
    expect(fabric.interfaces.map(({ egress }) => egress)).toEqual([true, true, true, true]);
  });

  test('leave interfaces alone that no copy and no copied original leaves by', () => {
    const services = [service('b', A, 81, [copy(['ids']), through('web')])];
    const { fabric } = planOf({ ...definitions, services });
    expect(fabric.interfaces.filter(({ egress }) => egress).map(({ nic }) => nic)).toEqual(['i0', 'i1', 'i3']);
  });
});

test('lookups say which steps an origin has, and nothing else', () => {
  const plan = planOf({
    interfaces: FOUR,
    devices: [web],
    services: [
      service(
        'a',
        A,
        [
          { from: 80, to: 80 },
          { from: 1000, to: 2000 },
        ],
        [through('web')],
      ),
      service('b', A, 'any', [through('web')]),
    ],
  });
  const [forward, back] = [0b0001_0001_0001, 0b0010_0010_0010];
  expect(plan.fabric.interfaces.map(({ segmentLookups }) => segmentLookups)).toEqual([forward, 0, 0, 0]);
  expect(plan.fabric.origins.map(({ lookups }) => lookups)).toEqual([back]);
});

test('a tagged segment is an origin without MAC; legs have its tags', () => {
  const interfaces = [iface('c7', { nic: 'i0', vlans: [7, 8], clients: true }), iface('d9', { nic: 'i1', vlans: [9] })];
  const end = device('web', 'server', { ...leg('d9'), vlans: [9] });
  const plan = planOf({
    interfaces,
    devices: [end],
    services: [service('a', A, 80, [through('web')], { from: [{ kind: 'interface', name: 'c7' }] })],
  });
  expect(plan.fabric.interfaces.map(({ segment }) => segment)).toEqual([0, 0]);
  const views = plan.fabric.origins.map(({ mac, vlans, lookups, leg: number }) => [
    plan.registry.name('leg', number),
    mac === null,
    ...vlans,
    lookups,
  ]);
  expect(views).toEqual([
    ['web.only', false, 9, 0, 2],
    ['c7', true, 7, 8, 1],
    ['d9', true, 9, 0, 0],
  ]);
});
