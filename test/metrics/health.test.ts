import { expect, test } from 'vitest';
import { type HealthMetrics, renderHealthMetrics } from '../../src/metrics/health.ts';
import { Histogram } from '../../src/metrics/histogram.ts';

const NOTHING: HealthMetrics = {
  devices: [],
  words: [],
  failovers: [],
  failoverSeconds: new Histogram([]),
  told: [],
  ticksLate: 0,
};

function series(metrics: Partial<HealthMetrics>, name: string): readonly string[] {
  const text = [...renderHealthMetrics({ ...NOTHING, ...metrics })].join('');
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

const device = (state: string): HealthMetrics['devices'][number] => ({
  device: 'fw1',
  kind: 'inline',
  state,
  changed: 1767323045.678,
  probes: [{ name: 'through', latency: 0.00012, loss: 0.25 }],
});

test.each([
  ['up', 1],
  ['suspect', 1],
  ['unknown', 1],
  ['down', 0],
  ['held-up', 0],
  ['flapping', 0],
  ['draining', 0],
  ['maintenance', 0],
])('a device that is %s counts as up: %d, and has one state', (state, up) => {
  const devices = [device(state)];
  expect(series({ devices }, 'hopline_device_up')).toEqual([`hopline_device_up{device="fw1",kind="inline"} ${up}`]);
  const states = series({ devices }, 'hopline_device_state');
  expect(states).toHaveLength(8);
  expect(states.filter((line) => line.endsWith(' 1'))).toEqual([
    `hopline_device_state{device="fw1",state="${state}"} 1`,
  ]);
});

test('probes show how long they take and how many are lost, in base units', () => {
  const devices = [{ ...device('up'), application: 'tcp/25' }];
  const labels = 'device="fw1",application="tcp/25",probe="through"';
  expect(series({ devices }, 'hopline_device_check_duration_seconds')).toEqual([
    `hopline_device_check_duration_seconds{${labels}} 0.00012`,
  ]);
  expect(series({ devices }, 'hopline_device_check_loss_ratio')).toEqual([
    `hopline_device_check_loss_ratio{${labels}} 0.25`,
  ]);
  expect(series({ devices }, 'hopline_device_state_changed_timestamp_seconds')).toEqual([
    'hopline_device_state_changed_timestamp_seconds{device="fw1",kind="inline",application="tcp/25"} 1767323045.678',
  ]);
});

test('a pool shows which member works, and whether anybody does', () => {
  const members = ['fw1', 'fw2'];
  const words = [
    { name: 'firewalls', members, target: 'fw2', works: true },
    { name: 'spares', members, target: 'drop', works: false },
  ];
  expect(series({ words }, 'hopline_pool_active')).toEqual([
    'hopline_pool_active{pool="firewalls",member="fw1"} 0',
    'hopline_pool_active{pool="firewalls",member="fw2"} 1',
    'hopline_pool_active{pool="spares",member="fw1"} 0',
    'hopline_pool_active{pool="spares",member="fw2"} 0',
  ]);
  expect(series({ words }, 'hopline_pool_available')).toEqual([
    'hopline_pool_available{pool="firewalls"} 1',
    'hopline_pool_available{pool="spares"} 0',
  ]);
});

test('moves are counted by cause, and how long they took by upper bounds', () => {
  const failoverSeconds = new Histogram([0.001, 0.01]);
  for (const value of [0.0005, 0.001, 0.002, 7]) failoverSeconds.add(value);
  const failovers = [{ pool: 'firewalls', trigger: 'probe', count: 4 }];
  expect(series({ failovers }, 'hopline_failovers_total')).toEqual([
    'hopline_failovers_total{pool="firewalls",trigger="probe"} 4',
  ]);
  const text = [...renderHealthMetrics({ ...NOTHING, failoverSeconds })].join('');
  expect(text.split('\n').filter((line) => line.startsWith('hopline_failover_duration'))).toEqual([
    'hopline_failover_duration_seconds_bucket{le="0.001"} 2',
    'hopline_failover_duration_seconds_bucket{le="0.01"} 3',
    'hopline_failover_duration_seconds_bucket{le="+Inf"} 4',
    'hopline_failover_duration_seconds_sum 7.0035',
    'hopline_failover_duration_seconds_count 4',
  ]);
});
