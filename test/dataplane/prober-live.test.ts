import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

/** A program in namespaces of its own; what it printed. */
function inNamespaces<T>(program: string, ...words: readonly string[]): T {
  const path = new URL(program, import.meta.url).pathname;
  const mounts = 'mount -t sysfs sysfs /sys && mount -t bpf bpf /sys/fs/bpf && ip link set lo up && exec "$@"';
  const argument = ['--net', '--mount', 'sh', '-c', mounts, 'sh', process.execPath, path, ...words];
  return JSON.parse(execFileSync('unshare', argument, { encoding: 'utf8', timeout: 110_000 })) as T;
}

interface Devices {
  readonly rounds: number;
  readonly probes: Readonly<
    Record<string, { answered: number; refused: number; unsent: number; medianMs: number | null }>
  >;
  readonly accepted: number;
  readonly halfOpen: string;
}

describe('a routing device and a server', () => {
  const report = inNamespaces<Devices>('prober-devices.ts');

  test.each(Object.entries(report.probes))('%s comes back in less than 5 ms', (name, probe) => {
    expect(probe.answered).toBe(report.rounds);
    expect(probe.refused).toBe(name === 'refused' ? report.rounds : 0);
    expect(probe.unsent).toBe(0);
    expect(probe.medianMs).toBeLessThan(5);
  });

  test('the server was told of no connection, and holds none', () => {
    expect(report.accepted).toBe(0);
    expect(report.halfOpen).toBe('');
  });
});

interface Bridges {
  readonly sent: number;
  readonly answered: number;
  readonly unsent: number;
  readonly tookMs: { readonly p50: number };
}

test('bridging devices, ten to a bridge, are probed both ways', () => {
  const report = inNamespaces<Bridges>('prober-bridges.ts', '4', '40', '20', '50');
  expect(report).toMatchObject({ sent: 1600, answered: 1600, unsent: 0 });
  expect(report.tookMs.p50).toBeLessThan(5);
});
