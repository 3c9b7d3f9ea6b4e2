import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/model/types.ts';
import { changedServices, changeNetwork, changeServices } from '../../src/plan/change.ts';
import { allSteps, compile } from '../../src/plan/compile.ts';
import { describeChanges, diffSteps } from '../../src/plan/diff.ts';
import { Registry } from '../../src/plan/registry.ts';
import type { Fabric } from '../../src/plan/types.ts';
import {
  copy,
  type Definitions,
  device,
  FOUR,
  firewall,
  leg,
  linesOf,
  model,
  NETWORK,
  network,
  planOf,
  service,
  through,
} from './models.ts';

const A = '198.51.100.1';
const devices = [
  firewall('fw1', 'i1', 'i2'),
  firewall('fw2', 'i1', 'i2'),
  device('ids', 'tap', leg('i1')),
  device('web', 'server', leg('i3'), { mode: 'loopback' }),
  device('app', 'server', leg('i3'), { mode: 'nat', address: '10.0.3.11' }),
];
const pools = [{ name: 'firewalls', members: ['fw1', 'fw2'], use: 'primary', active: 'fw1' }] as const;

function definitions(...services: Service[]) {
  return { interfaces: FOUR, devices, pools, services };
}

describe('diff', () => {
  test('moving a service to another firewall makes before it breaks, the first hop last', () => {
    const registry = new Registry();
    const before = planOf(definitions(service('shop', A, 443, [through('fw1'), through('web')])), NETWORK, registry);
    const after = planOf(definitions(service('shop', A, 443, [through('fw2'), through('web')])), NETWORK, registry);
    expect([...describeChanges(diffSteps(allSteps(before), allSteps(after)), registry)]).toEqual([
      `+ shop: forward at fw2.inside ${A}:443/tcp -> web.only`,
      `+ shop: return at fw2.outside ${A}:443/tcp -> i0`,
      `~ shop: return at web.only ${A}:443/tcp -> fw2.inside (was: fw1.inside)`,
      `~ shop: forward at i0 ${A}:443/tcp -> fw2.outside (was: fw1.outside)`,
      `- shop: return at fw1.outside ${A}:443/tcp -> i0`,
      `- shop: forward at fw1.inside ${A}:443/tcp -> web.only`,
    ]);
  });

  test('a new service stands from its far end on before its address is known', () => {
    const plan = planOf(definitions(service('shop', A, 443, [through('firewalls', { isPool: true }), through('web')])));
    const nothing = { words: new Uint32Array(0), count: 0, ranges: new Map() };
    expect([...describeChanges(diffSteps(nothing, allSteps(plan)), plan.registry)]).toEqual([
      `+ shop: return at web.only ${A}:443/tcp -> firewalls, inside`,
      `+ shop: forward at fw1.inside ${A}:443/tcp -> web.only`,
      `+ shop: forward at fw2.inside ${A}:443/tcp -> web.only`,
      `+ shop: return at fw1.outside ${A}:443/tcp -> i0`,
      `+ shop: return at fw2.outside ${A}:443/tcp -> i0`,
      `+ shop: forward at i0 ${A}:443/tcp -> firewalls`,
      `+ ${A}: known as service address`,
      `+ ${A}: ARP and ND answered on i0`,
    ]);
  });

  test('a range with other ports is a new step and one that goes', () => {
    const registry = new Registry();
    const plan = (to: number) =>
      planOf(definitions(service('ftp', A, [{ from: 1025, to }], [through('web')])), NETWORK, registry);
    const [before, after] = [plan(1125), plan(1200)];
    const changes = diffSteps(allSteps(before), allSteps(after));
    expect([...describeChanges(changes, registry)]).toEqual([
      `+ ftp: return at web.only ${A}:1025-1200/tcp -> i0`,
      `+ ftp: forward at i0 ${A}:1025-1200/tcp -> web.only`,
      `- ftp: forward at i0 ${A}:1025-1125/tcp -> web.only`,
      `- ftp: return at web.only ${A}:1025-1125/tcp -> i0`,
    ]);
    expect(changes.kept).toBe(2);
  });
});

describe('change of single services', () => {
  const sequences = [
    [through('web')],
    [through('fw1'), through('web')],
    [through('firewalls', { isPool: true }), copy(['ids']), through('web')],
    [through('fw2'), through('app')],
  ];

  /** Deterministic, small. */
  function randomService(i: number, round: number): Service {
    const pick = (i * 7 + round * 13) % 11;
    const ports = pick % 3 === 0 ? [{ from: 2000 + i * 10, to: 2005 + i * 10 + (pick % 4) }] : 80 + i;
    return service(`s${i}`, `198.51.100.${1 + (i % 4)}`, ports, sequences[pick % sequences.length]!);
  }

  test('a hundred rounds of changes end where compiling everything does', () => {
    const registry = new Registry();
    let services = new Map(Array.from({ length: 12 }, (_, i) => [`s${i}`, randomService(i, 0)]));
    let plan = compile({ ...model(definitions()), services }, NETWORK, registry);
    for (let round = 1; round <= 100; round++) {
      const next = new Map(services);
      for (const i of [round % 12, (round * 5) % 12]) {
        if ((round + i) % 4 === 0) next.delete(`s${i}`);
        else next.set(`s${i}`, randomService(i, round));
      }
      const after = { ...plan.model, services: next };
      const change = changeServices(plan, after, NETWORK, changedServices(plan.model, after)!);
      expect(change.problems).toEqual([]);
      const whole = compile(after, NETWORK, registry);
      expect(linesOf(touched(allSteps(plan), change, registry), registry)).toEqual(linesOf(allSteps(whole), registry));
      expect(contentOf(change.fabric)).toEqual(contentOf(whole.fabric));
      plan = change.commit();
      expect(linesOf(allSteps(plan), registry)).toEqual(linesOf(allSteps(whole), registry));
      expect(contentOf(plan.fabric)).toEqual(contentOf(whole.fabric));
      services = next;
    }
  });

  test('what went with its last service is needed no more, and the same again when it is back', () => {
    const registry = new Registry();
    const site = {
      ...definitions(),
      devices: [...devices, device('ids2', 'tap', leg('i2'))],
      pools: [{ ...pools[0], allDown: 'bypass' }] as const,
    };
    const stays = service('stays', A, 80, [through('web')]);
    const goes = service('goes', A, 81, [through('firewalls', { isPool: true }), copy(['ids2']), through('app')]);
    const [with_, without] = [model({ ...site, services: [stays, goes] }), model({ ...site, services: [stays] })];
    const few = planOf({ ...site, services: [stays] }, NETWORK, registry);
    const first = contentOf(few.fabric);
    const more = changeServices(few, with_, NETWORK, changedServices(few.model, with_)!).commit();
    const second = contentOf(more.fabric);
    expect(second).not.toEqual(first);
    const back = changeServices(more, without, NETWORK, changedServices(more.model, without)!).commit();
    expect(contentOf(back.fabric)).toEqual(first);
    const again = changeServices(back, with_, NETWORK, changedServices(back.model, with_)!).commit();
    expect(contentOf(again.fabric)).toEqual(second);
    expect(contentOf(changeNetwork(again, NETWORK).fabric)).toEqual(second);
  });

  test('that is refused leaves nothing behind', () => {
    const registry = new Registry();
    const [first] = pools;
    const site = { ...definitions(), pools: [{ ...first, allDown: 'bypass' }] as const };
    const stays = service('stays', A, 80, [through('web')]);
    const before = planOf({ ...site, services: [stays] }, NETWORK, registry);
    const known = contentOf(before.fabric);
    const clash = service('clash', A, 80, [through('firewalls', { isPool: true }), through('app')]);
    const refused = model({ ...site, services: [stays, clash] });
    const change = changeServices(before, refused, NETWORK, changedServices(before.model, refused)!);
    expect(change.problems).not.toEqual([]);
    expect(contentOf(changeNetwork(before, NETWORK).fabric)).toEqual(known);
  });

  test('touches nothing of the others', () => {
    const registry = new Registry();
    const other = service('other', A, 80, [through('fw1'), through('web')]);
    const plan = planOf(definitions(other, service('shop', A, 443, [through('web')])), NETWORK, registry);
    const after = model(definitions(other, service('shop', A, 443, [through('web', { port: 8443 })])));
    const list = changedServices(plan.model, after)!;
    const change = changeServices(plan, after, NETWORK, list);
    expect(list.map(({ after: each }) => each?.name)).toEqual(['shop']);
    const lines = [...linesOf(change.before, registry), ...linesOf(change.after, registry)];
    expect(lines.filter((line) => !line.startsWith('shop: '))).toEqual([]);
  });

  test('that would be ambiguous with another service is told, and nothing has changed', () => {
    const plan = planOf(definitions(service('a', A, 80, [through('web')]), service('b', A, 81, [through('web')])));
    const before = linesOf(allSteps(plan), plan.registry);
    const after = model(definitions(plan.model.services.get('a')!, service('b', A, 80, [through('web')])));
    const change = changeServices(plan, after, NETWORK, changedServices(plan.model, after)!);
    expect(change.problems[0]).toMatch(/^services a and b both have 198\.51\.100\.1:80\/tcp from i0/);
    expect(linesOf(allSteps(plan), plan.registry)).toEqual(before);
  });

  const base = definitions();
  const [pool] = pools;
  test.each([
    ['nothing differs', base, []],
    ['a pool has another active member', { ...base, pools: [{ ...pool, active: 'fw2' }] }, []],
    [
      'a device and a pool are new',
      { ...base, devices: [...devices, firewall('fw3', 'i1', 'i2')], pools: [pool, { ...pool, name: 'new' }] },
      [],
    ],
    ['a device is gone', { ...base, devices: devices.slice(1) }, undefined],
    [
      'a device is another',
      { ...base, devices: [{ ...devices[0]!, function: 'ips' }, ...devices.slice(1)] },
      undefined,
    ],
    ['a pool has another member', { ...base, pools: [{ ...pool, members: ['fw2'] }] }, undefined],
    [
      'a pool leads on when all are down',
      { ...base, pools: [{ ...pool, allDown: 'drop' }] } satisfies Definitions,
      undefined,
    ],
    ['a pool judges by application', { ...base, pools: [{ ...pool, health: 'off' }] } satisfies Definitions, undefined],
    [
      'a pool that is new watches others',
      { ...base, pools: [pool, { ...pool, name: 'new', health: 'off' }] } satisfies Definitions,
      undefined,
    ],
    [
      'a device is new that others answer for',
      { ...base, devices: [...devices, device('vip', 'server', leg('i3'), { answeredBy: ['web'] })] },
      undefined,
    ],
    ['an interface is new', { ...base, interfaces: [...FOUR, { ...FOUR[1]!, name: 'i9' }] }, undefined],
    ['an interface is renamed', { ...base, interfaces: [...FOUR.slice(0, 3), { ...FOUR[3]!, name: 'i9' }] }, undefined],
  ])('where %s', (_, after, changes) => {
    expect(changedServices(model(base), model(after))).toEqual(changes);
  });

  test('may come with a new device and a new pool', () => {
    const registry = new Registry();
    const plan = planOf(definitions(service('shop', A, 443, [through('web')])), NETWORK, registry);
    const fw3 = firewall('fw3', 'i1', 'i2');
    const both = { ...pool, name: 'both', members: ['fw1', 'fw3'] };
    const after = model({
      ...definitions(service('shop', A, 443, [through('both', { isPool: true }), through('web')])),
      devices: [...devices, fw3],
      pools: [...pools, both],
    });
    const change = changeServices(plan, after, NETWORK, changedServices(plan.model, after)!);
    expect(change.problems).toEqual([]);
    expect(change.fabric.pools.map(({ name }) => name)).toEqual(['firewalls', 'both']);
    const whole = compile(after, NETWORK, registry);
    expect(linesOf(allSteps(change.commit()), registry)).toEqual(linesOf(allSteps(whole), registry));
    expect(change.fabric).toEqual(whole.fabric);
  });
});

test("another address of the engine's own is one step more, and changes no service", () => {
  const plan = planOf(definitions(service('shop', A, 443, [through('web')])));
  const nic = {
    ...NETWORK.nics.get('i1')!,
    addresses: [{ address: '10.0.1.1', prefix: 24, scope: 'global' as const }],
  };
  const change = changeNetwork(plan, { ...NETWORK, nics: new Map(NETWORK.nics).set('i1', nic) });
  expect(linesOf(change.before, plan.registry)).toEqual([]);
  expect(linesOf(change.after, plan.registry)).toEqual(["10.0.1.1: known as the engine's own address"]);
  expect(change.fabric.interfaces[1]?.address4).toBe('10.0.1.1');
  const back = changeNetwork(change.commit(), network(['i0', 'i1', 'i2', 'i3']));
  expect(linesOf(back.before, plan.registry)).toEqual(["10.0.1.1: known as the engine's own address"]);
});

/** Everything a fabric holds, whatever the order. */
function contentOf(fabric: Fabric): object {
  return Object.fromEntries(
    Object.entries(fabric).map(([table, rows]) => [table, rows.map((row: object) => JSON.stringify(row)).sort()]),
  );
}

/** What a change makes of the steps of the tables. */
function touched(all: ReturnType<typeof allSteps>, change: ReturnType<typeof changeServices>, registry: Registry) {
  const { before, after } = change;
  const changes = diffSteps(before, after);
  const whole = diffSteps(all, before);
  // Everything the change takes away is there, as it says.
  expect([whole.create.length, whole.replace.length]).toEqual([0, 0]);
  expect([...describeChanges(changes, registry)].length).toBe(
    changes.create.length + changes.replace.length + changes.remove.length,
  );
  const kept = [...whole.remove].map((place) => ({ steps: all, place }));
  const come = Array.from({ length: after.count }, (_, place) => ({ steps: after, place }));
  return gather([...kept, ...come]);
}

function gather(places: { steps: ReturnType<typeof allSteps>; place: number }[]) {
  const words = new Uint32Array(places.length * 12);
  const ranges = new Map<number, { from: number; to: number }>();
  for (const [i, { steps, place }] of places.entries()) {
    words.set(steps.words.subarray(place * 12, place * 12 + 12), i * 12);
    const range = steps.ranges.get(place);
    if (range) ranges.set(i, range);
  }
  return { words, count: places.length, ranges };
}
