import { family, labelText, type Sample } from './exposition.ts';
import type { Histogram } from './histogram.ts';

/** What `/metrics` says of devices and pools. Times are seconds. */
export interface HealthMetrics {
  readonly devices: readonly {
    readonly device: string;
    readonly kind: string;
    readonly application?: string | undefined;
    readonly state: string;
    /** Unix time of the last change. */
    readonly changed: number;
    /** `latency` of those that answered at least once. */
    readonly probes: readonly { readonly name: string; readonly latency?: number; readonly loss: number }[];
  }[];
  readonly words: readonly {
    readonly name: string;
    readonly members: readonly string[];
    /** A member, or a way round all of them. */
    readonly target: string;
    readonly works: boolean;
    /** How many members would take over at once; undefined where the pool has no others. */
    readonly spares?: number | undefined;
  }[];
  readonly failovers: readonly { readonly pool: string; readonly trigger: string; readonly count: number }[];
  readonly failoverSeconds: Histogram;
  readonly told: readonly { readonly way: string; readonly result: string; readonly count: number }[];
  readonly ticksLate: number;
}

/** Every state a device can be in. */
const STATES = ['unknown', 'up', 'suspect', 'down', 'held-up', 'flapping', 'draining', 'maintenance'] as const;
/** States in which a pool would use it. */
const SERVES = new Set<string>(['unknown', 'up', 'suspect']);

/** Families of health, as text in pieces. */
export function* renderHealthMetrics(metrics: HealthMetrics): Generator<string> {
  yield* deviceFamilies(metrics.devices);
  yield* poolFamilies(metrics);
  yield* family(
    'hopline_failover_duration_seconds',
    'histogram',
    'From the verdict to the last store, of every move of a pool.',
    metrics.failoverSeconds.samples(),
  );
  yield* family(
    'hopline_notifications_total',
    'counter',
    'Events told to webhooks and commands, by how that ended.',
    metrics.told.map(({ way, result, count }) => [labelText({ way, result }), count]),
  );
  yield* family(
    'hopline_health_ticks_late_total',
    'counter',
    'Times the controller was so late that probes lost meanwhile counted for nothing.',
    [['', metrics.ticksLate]],
  );
}

function* deviceFamilies(devices: HealthMetrics['devices']): Generator<string> {
  const rows = devices.map((device) => {
    const { device: name, kind, application } = device;
    return { ...device, labels: labelText({ device: name, kind, application }) };
  });
  const probes = (value: (probe: HealthMetrics['devices'][number]['probes'][number]) => number | undefined): Sample[] =>
    rows.flatMap((row) =>
      row.probes.flatMap((probe): Sample[] => {
        const measured = value(probe);
        if (measured === undefined) return [];
        return [[labelText({ device: row.device, application: row.application, probe: probe.name }), measured]];
      }),
    );
  yield* family(
    'hopline_device_up',
    'gauge',
    'Whether the device serves: up, in doubt, or not heard of yet.',
    rows.map(({ labels, state }) => [labels, SERVES.has(state) ? 1 : 0]),
  );
  yield* family(
    'hopline_device_state',
    'gauge',
    'Whether the device is in this state.',
    rows.flatMap((row) =>
      STATES.map((state): Sample => {
        const labels = labelText({ device: row.device, application: row.application, state });
        return [labels, row.state === state ? 1 : 0];
      }),
    ),
  );
  yield* family(
    'hopline_device_state_changed_timestamp_seconds',
    'gauge',
    'When the device came into its state.',
    rows.map(({ labels, changed }) => [labels, changed]),
  );
  yield* family(
    'hopline_device_check_duration_seconds',
    'gauge',
    'How long a probe takes to be answered, on average over the last ones.',
    probes(({ latency }) => latency),
  );
  yield* family(
    'hopline_device_check_loss_ratio',
    'gauge',
    'Share of probes that were lost, over the last ones.',
    probes(({ loss }) => loss),
  );
}

function* poolFamilies({ words, failovers }: HealthMetrics): Generator<string> {
  yield* family(
    'hopline_pool_active',
    'gauge',
    'Whether this member of the pool is the one that works.',
    words.flatMap(({ name, members, target }) =>
      members.map((member): Sample => [labelText({ pool: name, member }), member === target ? 1 : 0]),
    ),
  );
  yield* family(
    'hopline_pool_available',
    'gauge',
    'Whether packets of the pool are believed to get through.',
    words.map(({ name, works }) => [labelText({ pool: name }), works ? 1 : 0]),
  );
  yield* family(
    'hopline_pool_spares',
    'gauge',
    'Members that would take over at once, of pools that have more than one.',
    words.flatMap(({ name, spares }): Sample[] => (spares === undefined ? [] : [[labelText({ pool: name }), spares]])),
  );
  yield* family(
    'hopline_failovers_total',
    'counter',
    'Moves of a pool to another member or way, by what caused them.',
    failovers.map(({ pool, trigger, count }) => [labelText({ pool, trigger }), count]),
  );
}

/** Counts that only a running controller has. */
export type HealthCounts = Pick<HealthMetrics, 'failovers' | 'failoverSeconds' | 'told' | 'ticksLate'>;
