import { expect, test } from 'vitest';
import type { Model, Service } from '../../src/model/types.ts';
import { changedServices, changeNetwork, changeServices } from '../../src/plan/change.ts';
import { compile, type Plan } from '../../src/plan/compile.ts';
import { device, FOUR, firewall, leg, model, NETWORK, network, planOf, service, through } from './models.ts';

const devices = [
  firewall('fw1', 'i1', 'i2'),
  device('web', 'server', leg('i3'), { mode: 'loopback' }),
  device('ids', 'tap', leg('i1')),
];
const shop = (name: string, port: number): Service =>
  service(name, '198.51.100.1', port, [through('fw1'), through('web')]);
const LONG = 'a-name-that-is-longer-than-the-table-has-room-for-and-therefore-ends-in-a-hash';
const THREE = [shop('a', 1), shop('b', 2), shop(LONG, 3)];

const of = (services: readonly Service[]): Model => model({ interfaces: FOUR, devices, pools: [], services });

function changed(plan: Plan, services: readonly Service[]): Plan {
  const next = { ...plan.model, services: of(services).services };
  return changeServices(plan, next, NETWORK, changedServices(plan.model, next)!).commit();
}

test.each<[string, readonly Service[]]>([
  ['one came', [...THREE, shop('c', 4)]],
  ['one went', [THREE[0]!, THREE[2]!]],
  ['one whose name does not fit went', THREE.slice(0, 2)],
  ['one came and one went', [THREE[0]!, THREE[2]!, shop('c', 4)]],
  ['all went', []],
])('after a change of services where %s, names are those of a plan made anew', (_, services) => {
  const plan = planOf({ interfaces: FOUR, devices, pools: [], services: THREE });
  const after = changed(plan, services);
  expect(after.fabric.names).toEqual(compile(of(services), NETWORK, after.registry).fabric.names);
});

test('names come back after all services went', () => {
  const plan = changed(planOf({ interfaces: FOUR, devices, pools: [], services: THREE }), []);
  const after = changed(plan, THREE);
  expect(after.fabric.names).toEqual(compile(of(THREE), NETWORK, after.registry).fabric.names);
});

test('names are the same list where a service or the network changes, and none came or went', () => {
  const plan = planOf({ interfaces: FOUR, devices, pools: [], services: THREE });
  const { names } = plan.fabric;
  const after = changed(plan, [shop('a', 9), ...THREE.slice(1)]);
  expect(after.fabric.names).toBe(names);
  expect(changeNetwork(after, network(['i0', 'i1'])).fabric.names).toBe(names);
});
