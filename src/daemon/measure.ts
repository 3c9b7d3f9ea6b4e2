import type { Inspector } from '../dataplane/types.ts';
import type { EngineMetrics, ServiceMetrics } from '../metrics/engine.ts';
import { Direction } from '../plan/layout.ts';
import type { Registry } from '../plan/registry.ts';
import { judge } from './degraded.ts';
import { describePorts, describeProtocol } from './describe.ts';
import type { State } from './state.ts';
import { ServiceTally, viewCounters } from './tally.ts';
import { VERSION } from './version.ts';

/** What `/metrics` says now. Without tables there is nothing to say of packets: those families stay empty. */
export function engineMetrics(
  state: State & { readonly registry: Registry },
  attached: ReadonlyMap<number, string>,
  engine: Inspector | undefined,
): EngineMetrics {
  const { model, network, registry } = state;
  const counters = engine?.counters();
  const health = judge(model, network, attached);
  const degraded = new Set(health.services.map(({ service }) => service));
  const tally = counters && new ServiceTally(counters.steps);
  const view = counters && viewCounters({ ...counters, steps: NO_STEPS }, registry);
  const attachedNames = new Set(
    [...network.nics.values()].filter(({ ifindex }) => attached.has(ifindex)).map(({ name }) => name),
  );
  return {
    build: { version: VERSION, layout: String(engine?.status().layoutVersion ?? 'none') },
    services: () => services(state, degraded, tally),
    legs: (view?.devices ?? []).flatMap(({ leg, packets, bytes }) => {
      const [device, side] = splitLeg(leg);
      if (side === undefined || !model.devices.has(device)) return [];
      return [{ device, leg: side, packets, bytes, resolved: !health.devices.has(device) }];
    }),
    pools: [...model.pools.values()],
    interfaces: [...model.interfaces.values()].map(({ name, nic }) => ({ name, attached: attachedNames.has(nic) })),
    verdicts: view?.verdicts ?? [],
  };
}

const NO_STEPS = {
  rows: 0,
  service: new Uint32Array(),
  hop: new Uint8Array(),
  direction: new Uint8Array(),
  origin: new Uint32Array(),
  target: new Uint32Array(),
  isPool: new Uint8Array(),
  packets: new Float64Array(),
  bytes: new Float64Array(),
} as const;

function* services(
  { model, registry }: State & { readonly registry: Registry },
  degraded: ReadonlySet<string>,
  tally: ServiceTally | undefined,
): Generator<ServiceMetrics> {
  for (const { name, addresses, protocol, ports, customer, outward } of model.services.values()) {
    const number = registry.find('service', name);
    const there = outward ? Direction.OUTWARD : Direction.FORWARD;
    const traffic =
      tally === undefined || number === undefined
        ? []
        : [
            { direction: directionName(there), ...tally.there(number) },
            { direction: directionName(there + 1), ...tally.back(number) },
          ];
    yield {
      name,
      address: addresses.join(','),
      port: describePorts(ports),
      protocol: describeProtocol(protocol),
      customer,
      degraded: degraded.has(name),
      traffic,
    };
  }
}

function directionName(direction: number): string {
  return ['', 'forward', 'return', 'outward', 'inward'][direction]!;
}

/** "fw1.outside" as device and side; a segment's leg has no side. */
function splitLeg(leg: string): readonly [device: string, side: string | undefined] {
  const dot = leg.lastIndexOf('.');
  return dot < 0 ? [leg, undefined] : [leg.slice(0, dot), leg.slice(dot + 1)];
}
