import type { Device, Interface, Leg, Model, Pool, Ports, Service, Step } from '../../src/model/types.ts';
import { allSteps, compile, type Plan } from '../../src/plan/compile.ts';
import { explainStep, stepLine } from '../../src/plan/explain.ts';
import type { NetworkState } from '../../src/plan/network.ts';
import { Registry } from '../../src/plan/registry.ts';
import type { Steps } from '../../src/plan/types.ts';

/** Short forms for tests: what `readDefinitions` writes out, and nothing more. */
export interface Definitions {
  readonly interfaces: readonly Interface[];
  readonly devices: readonly Device[];
  readonly pools?: readonly Pool[];
  readonly services: readonly Service[];
}

export function model({ interfaces, devices, pools = [], services }: Definitions): Model {
  const byName = <T extends { name: string }>(list: readonly T[]): Map<string, T> =>
    new Map(list.map((each) => [each.name, each]));
  return { interfaces: byName(interfaces), devices: byName(devices), pools: byName(pools), services: byName(services) };
}

export function iface(name: string, more: Partial<Interface> = {}): Interface {
  return { name, nic: name, vlans: [], clients: false, devices: true, gateways: [], ...more };
}

/** i0 with clients behind a router, i1 to i3 with devices. */
export const FOUR: readonly Interface[] = [
  iface('i0', { clients: true, devices: false, gateways: [{ address: '192.0.2.1', mac: '02:00:00:00:00:fe' }] }),
  iface('i1'),
  iface('i2'),
  iface('i3'),
];

let made = 0;

/** A leg with a MAC of its own. */
export function leg(name: string, more: Partial<Leg> = {}): Leg {
  made++;
  return { interface: name, vlans: [], mac: `02:00:00:01:${hex(made >> 8)}:${hex(made & 255)}`, ...more };
}

/** A leg whose MAC is learnt, or is the engine's own affair. */
export function learntLeg(name: string, more: Partial<Leg> = {}): Leg {
  return { interface: name, vlans: [], ...more };
}

export function device(
  name: string,
  kind: Device['kind'],
  outside: Leg,
  more: Partial<Device> & { inside?: Leg } = {},
): Device {
  return {
    name,
    kind,
    forwards: 'route',
    outside,
    inside: outside,
    oneLegged: more.inside === undefined,
    answeredBy: [],
    ...more,
  };
}

export function firewall(name: string, outside: string, inside: string): Device {
  return device(name, 'inline', leg(outside), { inside: leg(inside), function: 'firewall' });
}

export function through(target: string, more: Partial<Extract<Step, { kind: 'through' }>> = {}): Step {
  return { kind: 'through', target, isPool: false, ...more };
}

export function copy(to: string[], answers: 'server' | 'firewall' | 'drop' = 'server'): Step {
  return { kind: 'copy', to, answers };
}

export function service(
  name: string,
  address: string,
  ports: number | Ports,
  sequence: Step[],
  more: Partial<Service> = {},
): Service {
  return {
    name,
    addresses: [address],
    protocol: 'tcp',
    ports: typeof ports === 'number' ? [{ from: ports, to: ports }] : ports,
    outward: false,
    from: [{ kind: 'interface', name: 'i0' }],
    sequence,
    ...more,
  };
}

/** NICs that exist and are up, with MACs 02:00:00:00:00:N. */
export function network(nics: readonly string[], neighbours: Record<string, string> = {}): NetworkState {
  return {
    nics: new Map(
      nics.map((name, i) => [
        name,
        { name, ifindex: 10 + i, mac: `02:00:00:00:00:${hex(i)}`, mtu: 1500, up: true, addresses: [] },
      ]),
    ),
    neighbours: new Map(Object.entries(neighbours)),
  };
}

export const NETWORK = network(['i0', 'i1', 'i2', 'i3']);

export function planOf(definitions: Definitions, net: NetworkState = NETWORK, registry = new Registry()): Plan {
  return compile(model(definitions), net, registry);
}

/** Every step as a line, sorted; those about addresses only where `withKnown`. */
export function lines(plan: Plan, withKnown = false): string[] {
  return linesOf(withKnown ? allSteps(plan) : plan.services.steps, plan.registry);
}

export function linesOf(steps: Steps, registry: Registry): string[] {
  return Array.from({ length: steps.count }, (_, place) => stepLine(explainStep(steps, place, registry))).sort();
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
