import { expect, test } from 'vitest';
import { farLegName, openerLegName } from '../../src/model/end-legs.ts';
import type { Pool, Service, Step } from '../../src/model/types.ts';
import { changedServices, changeNetwork, changeServices } from '../../src/plan/change.ts';
import { allSteps, compile, type Plan } from '../../src/plan/compile.ts';
import { farEndOf, openerOf } from '../../src/plan/ends.ts';
import { explainStep, type StepView } from '../../src/plan/explain.ts';
import { Registry } from '../../src/plan/registry.ts';
import { targetLegs } from '../../src/plan/targets.ts';
import { parseAddress } from '../../src/terms/address.ts';
import type { Target } from '../../src/terms/health/target.ts';
import { copy, device, firewall, iface, leg, model, network, service, through } from './models.ts';

const A = '198.51.100.1';
const NETWORK = network(['i0', 'i1', 'i2', 'i3']);
const INTERFACES = [
  iface('i0', { clients: true, devices: false, gateways: [{ address: '192.0.2.1', mac: '02:00:00:00:00:fe' }] }),
  iface('i1'),
  iface('i2'),
  iface('i3'),
];
const DEVICES = [
  ...['fw1', 'fw2', 'fw3', 'fw4', 'ips1', 'ips2'].map((name) => firewall(name, 'i1', 'i2')),
  device('vpn', 'inline', leg('i2')),
  device('ids', 'tap', leg('i1')),
  device('web1', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.11' }),
  device('web2', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.12' }),
  device('plain1', 'server', leg('i3'), { mode: 'loopback' }),
  device('proxy', 'proxy', leg('i3'), { address: '10.0.3.20' }),
  device('gate', 'gateway', leg('i1')),
];
const pool = (name: string, members: string[], more: Partial<Pool> = {}): Pool => ({
  name,
  members,
  use: 'primary',
  active: members[0]!,
  ...more,
});
const POOLS = [
  pool('firewalls', ['fw1', 'fw2']),
  pool('spares', ['fw3', 'fw4'], { allDown: 'bypass' }),
  pool('ips', ['ips1', 'ips2'], { allDown: 'bypass' }),
  pool('web', ['web1', 'web2']),
  pool('plain', ['plain1']),
];
const to = (target: string, more: Partial<Extract<Step, { kind: 'through' }>> = {}): Step =>
  through(target, { isPool: POOLS.some(({ name }) => name === target), ...more });

function planOf(services: readonly Service[], targets: ReadonlyMap<string, Target>): Plan {
  const plan = compile(
    model({ interfaces: INTERFACES, devices: DEVICES, pools: POOLS, services }),
    NETWORK,
    new Registry(),
    targets,
  );
  expect(plan.problems).toEqual([]);
  return plan;
}

/** Legs a packet of the service is sent to, one after the other, by the steps and the pool words as they are. */
function walk(plan: Plan, from: string, direction: StepView['direction'], port: number): string[] {
  const all = allSteps(plan);
  const views = Array.from({ length: all.count }, (_, place) => explainStep(all, place, plan.registry));
  const path: string[] = [];
  for (let origin = from; path.length < 20; ) {
    const step = views.find(
      (each) => each.direction === direction && each.origin === origin && each.ports === String(port),
    );
    if (step === undefined) return [...path, `nothing for ${origin}`];
    const leg = legOf(plan, step.target!);
    path.push(leg);
    const way = exitOf(leg);
    if (way === undefined) return path;
    origin = way;
  }
  return [...path, 'in circles'];
}

function legOf(plan: Plan, target: string): string {
  const isInside = target.endsWith(', inside');
  const word = plan.fabric.pools.find(({ name }) => name === (isInside ? target.slice(0, -', inside'.length) : target));
  if (word === undefined) return target;
  return plan.registry.name('leg', isInside ? word.inside : word.outside) ?? 'nowhere';
}

/** By which leg an inline device gives back what it was handed; undefined at an end. */
function exitOf(leg: string): string | undefined {
  const [name, side] = leg.split('.');
  const found = DEVICES.find((each) => each.name === name);
  if (found?.kind !== 'inline' || side === undefined) return undefined;
  return found.oneLegged ? leg : `${name}.${side === 'outside' ? 'inside' : 'outside'}`;
}

const member = (name: string): Target => ({ to: 'member', member: name });
const next = (name: string): Target => ({ to: 'next', pool: name });
const BYPASS: Target = { to: 'bypass' };
const DROP: Target = { to: 'drop' };

const FIRST = 'firewalls bypass(i0, ips>web tcp/80)';
const SECOND = 'ips bypass(firewalls>i0, web tcp/80)';
const bypass = { allDown: 'bypass' } as const;
const both = [to('firewalls', bypass), copy(['ids']), to('ips'), to('web')];
const onward = [to('vpn'), to('firewalls', { allDown: { next: 'spares' } }), to('web')];
const ONWARD = 'firewalls next(spares bypass(vpn, web tcp/80))';
const SPARES = 'spares bypass(vpn, web tcp/80)';

test.each<[string, Step[], Record<string, Target>, string, string]>([
  ['everybody works', both, {}, 'fw1.outside ips1.outside web1.only', 'ips1.inside fw1.inside i0'],
  [
    'the alternate works',
    both,
    { [FIRST]: member('fw2') },
    'fw2.outside ips1.outside web1.only',
    'ips1.inside fw2.inside i0',
  ],
  ['the first is bypassed', both, { [FIRST]: BYPASS }, 'ips1.outside web1.only', 'ips1.inside i0'],
  [
    'the first is bypassed, and behind it the alternate works',
    both,
    { [FIRST]: BYPASS, [SECOND]: member('ips2') },
    'ips2.outside web1.only',
    'ips2.inside i0',
  ],
  ['the second is bypassed', both, { [SECOND]: BYPASS }, 'fw1.outside web1.only', 'fw1.inside i0'],
  [
    'the second is bypassed before another server',
    both,
    { [FIRST]: member('fw2'), [SECOND]: BYPASS, 'web tcp/80': member('web2') },
    'fw2.outside web2.only',
    'fw2.inside i0',
  ],
  ['both are bypassed', both, { [FIRST]: BYPASS, [SECOND]: BYPASS }, 'web1.only', 'i0'],
  ['nobody may pass', both, { [FIRST]: DROP }, 'nowhere', 'ips1.inside nowhere'],
  [
    'the next pool works',
    onward,
    { [ONWARD]: next(SPARES) },
    'vpn.only fw3.outside web1.only',
    'fw3.inside vpn.only i0',
  ],
  [
    'the alternate of the next pool works',
    onward,
    { [ONWARD]: next(SPARES), [SPARES]: member('fw4') },
    'vpn.only fw4.outside web1.only',
    'fw4.inside vpn.only i0',
  ],
  [
    'the next pool is bypassed',
    onward,
    { [ONWARD]: next(SPARES), [SPARES]: BYPASS },
    'vpn.only web1.only',
    'vpn.only i0',
  ],
  [
    'a device that is named directly is bypassed',
    [to('fw1', bypass), to('web')],
    { 'fw1 bypass(i0, web tcp/80)': BYPASS },
    'web1.only',
    'i0',
  ],
])('both ways where %s', (_, sequence, targets, there, back) => {
  const plan = planOf([service('shop', A, 80, sequence)], new Map(Object.entries(targets)));
  for (const name of Object.keys(targets)) expect([...plan.places.pools.keys()]).toContain(name);
  expect(walk(plan, 'i0', 'forward', 80).join(' ')).toBe(there);
  const server = targets['web tcp/80'] === undefined ? 'web1.only' : 'web2.only';
  expect(walk(plan, server, 'return', 80).join(' ')).toBe(back);
});

test('a way back of its own has neighbours of its own', () => {
  const shop = service('shop', A, 80, [to('ips'), to('firewalls', bypass), to('web')], {
    return: [to('firewalls'), to('vpn')],
  });
  const name = 'firewalls bypass(vpn, web tcp/80)';
  const plan = planOf([shop], new Map([[name, BYPASS]]));
  expect(walk(plan, 'i0', 'forward', 80)).toEqual(['ips1.outside', 'web1.only']);
  expect(walk(plan, 'web1.only', 'return', 80)).toEqual(['vpn.only', 'i0']);
});

test('an outward service is bypassed from the inside out', () => {
  const out = service('out', '10.0.3.20', 443, [to('firewalls', bypass), to('gate')], {
    outward: true,
    from: [{ kind: 'device', name: 'proxy' }],
  });
  const plan = planOf([out], new Map([['firewalls bypass(gate, proxy.only)', BYPASS]]));
  expect(walk(plan, 'proxy.only', 'outward', 443)).toEqual(['gate.only']);
  expect(walk(plan, 'gate.only', 'inward', 443)).toEqual(['proxy.only']);
});

test('copies may leave by the NIC of whoever is next', () => {
  const near = device('near', 'inline', leg('i3'));
  const services = [service('shop', A, 80, [copy(['ids']), to('firewalls', bypass), to('near'), to('web')])];
  const plan = compile(
    model({ interfaces: INTERFACES, devices: [...DEVICES, near], pools: POOLS, services }),
    NETWORK,
    new Registry(),
  );
  const [set] = plan.fabric.copysets;
  // i1: the firewalls, i3: the device behind them; i0: clients, i2: the firewalls on the way back.
  expect(set?.mains.map(({ ifindex }) => ifindex)).toEqual([10, 11, 13]);
});

test('a word has one number in all services, and another one for another application', () => {
  const services = [
    service('a', A, 80, [to('firewalls'), to('web')]),
    service('b', A, 81, [to('firewalls'), to('web')]),
    service('c', '198.51.100.2', 82, [to('web')]),
    service('d', '198.51.100.3', 82, [to('plain')]),
    service('e', '198.51.100.4', 82, [to('plain')]),
    service('f', '198.51.100.5', 'any', [to('plain')]),
  ];
  const { places } = planOf(services, new Map());
  expect([...places.pools.keys()]).toEqual([
    ...['firewalls', 'spares', 'ips', 'web', 'plain'],
    ...['web tcp/80', 'web tcp/81', 'web tcp/82', 'plain tcp/82'],
  ]);
  expect(new Set([...places.pools.values()].map((place) => place.pool)).size).toBe(9);
});

test('what health turned stays turned over changes of services and of the network', () => {
  const targets = new Map([['web tcp/80', member('web2')]]);
  const plan = planOf([service('a', A, 80, [to('web')])], targets);
  const web = (each: Pick<Plan, 'fabric'>) => {
    const word = each.fabric.pools.find(({ name }) => name === 'web tcp/80')!;
    return plan.registry.name('leg', word.outside);
  };
  expect(web(plan)).toBe('web2.only');
  const after = model({
    interfaces: INTERFACES,
    devices: DEVICES,
    pools: [...POOLS, pool('new', ['ips1'])],
    services: [service('a', A, 80, [to('web')]), service('b', A, 81, [to('web')])],
  });
  const changed = changeServices(plan, after, NETWORK, changedServices(plan.model, after)!, targets);
  expect(web(changed)).toBe('web2.only');
  expect(changed.fabric.pools.map(({ name }) => name)).toContain('web tcp/81');
  expect(web(changeNetwork(changed.commit(), NETWORK, targets))).toBe('web2.only');
  expect(web(changeNetwork(plan, NETWORK))).toBe('web1.only');
});

test('targets of pools and devices that are gone drop', () => {
  const { places } = planOf([service('a', A, 80, [to('firewalls'), to('web')])], new Map());
  expect(targetLegs(places, 'firewalls', member('gone'), new Map())).toEqual({ outside: 0, inside: 0 });
  expect(targetLegs(places, 'firewalls', next('gone'), new Map())).toEqual({ outside: 0, inside: 0 });
  expect(targetLegs(places, 'gone', BYPASS, new Map())).toEqual({ outside: 0, inside: 0 });
  const circle = new Map([['web', next('firewalls')]]);
  expect(targetLegs(places, 'firewalls', next('web'), circle)).toEqual({ outside: 0, inside: 0 });
});

test.each<[string, Partial<Service>]>([
  ['one interface', {}],
  [
    'two interfaces',
    {
      from: [
        { kind: 'interface', name: 'i0' },
        { kind: 'interface', name: 'i1' },
      ],
    },
  ],
  ['an interface without a gateway', { from: [{ kind: 'interface', name: 'i1' }] }],
  ['a device', { from: [{ kind: 'device', name: 'fw1' }] }],
  ['an exit by a device', { exit: { kind: 'device', name: 'fw2' } }],
  ['an exit by the kernel', { exit: { kind: 'route' } }],
  ['another family', { addresses: ['2001:db8::1'] }],
  ['a device that opens', { outward: true, from: [{ kind: 'device', name: 'proxy' }] }],
  [
    'a device whose address opens',
    {
      outward: true,
      addresses: ['10.0.3.20'],
      from: [
        { kind: 'device', name: 'web1' },
        { kind: 'device', name: 'proxy' },
      ],
    },
  ],
])('names of the legs at both ends are those of the plan: %s', (_, more) => {
  const shop = service('shop', A, 80, [to('fw3')], more);
  const definitions = model({ interfaces: INTERFACES, devices: DEVICES, pools: POOLS, services: [] });
  const plan = compile(definitions, NETWORK, new Registry());
  const [text] = shop.addresses;
  const words = parseAddress(text!)!;
  const number = (name: string | undefined) => (name === undefined ? 0 : plan.registry.find('leg', name));
  expect(number(openerLegName(shop, text!, definitions))).toBe(openerOf(shop, words, plan.places).target);
  expect(number(farLegName(shop, text!, definitions))).toBe(farEndOf(shop, words, plan.places).target);
});
