import type { Count } from '../terms/count.ts';
import { family, labelText, type Sample } from './exposition.ts';

/** Packets and bytes of one direction of a service, at its client's end. */
export interface ServiceTraffic {
  readonly direction: string;
  readonly packets: Count;
  readonly bytes: Count;
}

export interface ServiceMetrics {
  readonly name: string;
  readonly address: string;
  readonly port: string;
  readonly protocol: string;
  readonly customer?: string | undefined;
  readonly degraded: boolean;
  /** Nobody of one of its pools works. */
  readonly unavailable: boolean;
  readonly traffic: readonly ServiceTraffic[];
}

/** What `/metrics` says of an engine. `services` is gone through once per family, so that nothing has to be kept. */
export interface EngineMetrics {
  readonly build: { readonly version: string; readonly layout: string };
  /** Whether the definition file could not be brought into force; absent where none is followed. */
  readonly definitionsRejected?: boolean;
  /** Addresses of the engine's own that are gone. */
  readonly lostAddresses?: readonly { readonly interface: string; readonly address: string }[];
  services(): Iterable<ServiceMetrics>;
  readonly legs: readonly {
    readonly device: string;
    readonly leg: string;
    readonly packets: Count;
    readonly bytes: Count;
    readonly resolved: boolean;
  }[];
  readonly interfaces: readonly { readonly name: string; readonly attached: boolean }[];
  /** `reason` as in enum reason: FORWARDED, PASSED_…, DROP_… */
  readonly verdicts: readonly { readonly interface: string; readonly reason: string; readonly packets: Count }[];
}

/** The text Prometheus reads, in pieces: 100,000 services are 75 MB, which nobody should hold at once. */
export function* renderEngineMetrics(metrics: EngineMetrics): Generator<string> {
  yield* family('hopline_build_info', 'gauge', 'Version of the controller and of the table layout; always 1.', [
    [labelText(metrics.build), 1],
  ]);
  yield* family(
    'hopline_definitions_rejected',
    'gauge',
    'Whether the definition file, as it is now, could not be brought into force; what was in force stays.',
    metrics.definitionsRejected === undefined ? [] : [['', metrics.definitionsRejected ? 1 : 0]],
  );
  yield* family(
    'hopline_engine_address_lost',
    'gauge',
    "Addresses of the engine's own that were there when definitions were brought into force, and are gone; always 1.",
    (metrics.lostAddresses ?? []).map(({ interface: name, address }) => [labelText({ interface: name, address }), 1]),
  );
  yield* serviceFamilies(metrics);
  yield* legFamilies(metrics.legs);
  yield* family(
    'hopline_interface_attached',
    'gauge',
    'Whether the engine is attached to the NIC of this interface.',
    metrics.interfaces.map(({ name, attached }) => [labelText({ interface: name }), attached ? 1 : 0]),
  );
  yield* verdictFamilies(metrics.verdicts);
}

function* serviceFamilies({ services }: EngineMetrics): Generator<string> {
  function* degraded(): Generator<Sample> {
    for (const service of services()) yield [serviceLabels(service), service.degraded ? 1 : 0];
  }
  function* unavailable(): Generator<Sample> {
    for (const service of services()) if (service.unavailable) yield [serviceLabels(service), 1];
  }
  function* traffic(unit: 'packets' | 'bytes'): Generator<Sample> {
    for (const service of services()) {
      const labels = serviceLabels(service);
      for (const each of service.traffic) yield [`${labels},direction="${each.direction}"`, each[unit]];
    }
  }
  yield* family(
    'hopline_service_degraded',
    'gauge',
    'Whether the service cannot work now; hopline status says why.',
    degraded(),
  );
  yield* family(
    'hopline_service_unavailable',
    'gauge',
    'Services of which a pool has nobody who works; others have no row.',
    unavailable(),
  );
  yield* family(
    'hopline_service_packets_total',
    'counter',
    "Packets of the service at its client's end.",
    traffic('packets'),
  );
  yield* family(
    'hopline_service_bytes_total',
    'counter',
    "Bytes of the service at its client's end, Ethernet header included.",
    traffic('bytes'),
  );
}

function serviceLabels({ name, address, port, protocol, customer }: ServiceMetrics): string {
  return labelText({ service: name, address, port, protocol, customer });
}

function* legFamilies(legs: EngineMetrics['legs']): Generator<string> {
  const samples = (value: (leg: EngineMetrics['legs'][number]) => Count): Sample[] =>
    legs.map((each) => [labelText({ device: each.device, leg: each.leg }), value(each)]);
  yield* family(
    'hopline_device_packets_total',
    'counter',
    'Packets sent to the leg of a device, copies included.',
    samples(({ packets }) => packets),
  );
  yield* family(
    'hopline_device_bytes_total',
    'counter',
    'Bytes sent to the leg of a device, copies included.',
    samples(({ bytes }) => bytes),
  );
  yield* family(
    'hopline_device_resolved',
    'gauge',
    'Whether the MAC of the leg is known.',
    samples(({ resolved }) => (resolved ? 1 : 0)),
  );
}

function* verdictFamilies(verdicts: EngineMetrics['verdicts']): Generator<string> {
  const isDrop = ({ reason }: EngineMetrics['verdicts'][number]) => reason.startsWith('DROP_');
  yield* family(
    'hopline_verdicts_total',
    'counter',
    'Frames received, by what became of them; drops have their own family.',
    verdicts
      .filter((row) => !isDrop(row))
      .map((row) => [labelText({ interface: row.interface, verdict: row.reason.toLowerCase() }), row.packets]),
  );
  yield* family(
    'hopline_drops_total',
    'counter',
    'Frames dropped, by reason.',
    verdicts.filter(isDrop).map((row) => {
      const reason = row.reason.slice('DROP_'.length).toLowerCase();
      return [labelText({ interface: row.interface, reason }), row.packets];
    }),
  );
}
