import type { Degraded } from '../api-types/change-report.ts';
import { VERSION } from '../api-types/version.ts';
import type { Counters, Inspector } from '../dataplane/types.ts';
import type { EngineMetrics, ServiceMetrics } from '../metrics/engine.ts';
import type { HealthCounts, HealthMetrics } from '../metrics/health.ts';
import { Histogram } from '../metrics/histogram.ts';
import type { Model } from '../model/types.ts';
import type { NetworkSnapshot } from '../net/snapshot.ts';
import type { Registry } from '../plan/registry.ts';
import { Direction } from '../terms/constants.ts';
import type { Health } from './degraded.ts';
import { describePorts, describeProtocol } from './describe.ts';
import type { Look } from './health-snapshot.ts';
import { ServiceTally, viewCounters } from './service-totals.ts';

/** What `/metrics` says now. Without tables there is nothing to say of packets: those families stay empty. */
export function engineMetrics(
  state: Measured & Judged,
  attached: ReadonlyMap<number, string>,
  engine: Inspector | undefined,
): EngineMetrics {
  const { model, network, registry } = state;
  const counters = engine?.counters();
  const states = new Map(state.services.map((each) => [each.service, each.state]));
  const tally = counters && new ServiceTally(counters.steps);
  const view = counters && viewCounters({ ...counters, steps: NO_STEPS }, registry, model);
  const attachedNames = new Set(
    [...network.nics.values()].filter(({ ifindex }) => attached.has(ifindex)).map(({ name }) => name),
  );
  return {
    build: { version: VERSION, layout: String(engine?.status().layoutVersion ?? 'none') },
    services: () => services(state, states, tally),
    legs: (view?.devices ?? []).flatMap(({ leg, packets, bytes }) => {
      const [device, side] = splitLeg(leg);
      if (side === undefined || !model.devices.has(device)) return [];
      return [{ device, leg: side, packets, bytes, resolved: !state.devices.has(device) }];
    }),
    interfaces: [...model.interfaces.values()].map(({ name, nic }) => ({ name, attached: attachedNames.has(nic) })),
    verdicts: view?.verdicts ?? [],
  };
}

/** What is in force. */
interface Measured {
  readonly model: Model;
  readonly network: NetworkSnapshot;
  readonly registry: Registry;
}

/** What is wrong with devices and services. */
type Judged = Pick<Health, 'devices' | 'services'>;

/** What `/metrics` says of devices' health now. */
export function healthMetrics(model: Model, { devices, pools }: Look, counts = NO_COUNTS): HealthMetrics {
  const rows = [...devices].flatMap(([device, views]) =>
    views.map(({ application, state, since, signs }) => ({
      device,
      kind: model.devices.get(device)?.kind ?? '',
      application,
      state,
      changed: Date.parse(since) / 1000,
      probes: signs.flatMap(({ name, latency, loss }) =>
        latency === undefined || loss === undefined
          ? []
          : [{ name, ...(latency !== null && { latency: latency / 1000 }), loss: loss / 100 }],
      ),
    })),
  );
  const words = [...pools].flatMap(([pool, views]) =>
    views.map(({ name, target, works, spares }) => ({
      name,
      members: model.pools.get(pool)?.members ?? [pool],
      target,
      works,
      spares: spares?.length,
    })),
  );
  return { devices: rows, words, ...counts };
}

const NO_COUNTS: HealthCounts = { failovers: [], failoverSeconds: new Histogram([]), told: [], ticksLate: 0 };

const NO_STEPS = {
  rows: 0,
  service: new Uint32Array(),
  hop: new Uint8Array(),
  direction: new Uint8Array(),
  origin: new Uint32Array(),
  target: new Uint32Array(),
  isPool: new Uint8Array(),
  packets: [],
  bytes: [],
} as const;

/** Of an engine that is not loaded. */
export const NO_COUNTERS: Counters = { steps: NO_STEPS, legs: [], verdicts: [] };

function* services(
  { model, registry }: Measured,
  states: ReadonlyMap<string, Degraded['state']>,
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
      degraded: states.has(name),
      unavailable: states.get(name) === 'unavailable',
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
