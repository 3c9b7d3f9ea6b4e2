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
  readonly probes: Readonly<Record<string, { answered: number; refused: number; unsent: number }>>;
  readonly accepted: number;
  readonly halfOpen: string;
  readonly sentLive: number;
}

describe.each([
  { name: 'few probes, as clones', words: [], live: false },
  { name: 'many at a time, as live frames', words: ['many'], live: true },
])('a routing device and a server: $name', ({ words, live }) => {
  const report = inNamespaces<Devices>('prober-devices.ts', ...words);

  test.each(Object.entries(report.probes))('%s comes back', (name, probe) => {
    expect(probe.answered).toBe(report.rounds);
    expect(probe.refused).toBe(name === 'refused' ? report.rounds : 0);
    expect(probe.unsent).toBe(0);
  });

  test('the server was told of no connection, and holds none', () => {
    expect(report.accepted).toBe(0);
    expect(report.halfOpen).toBe('');
  });

  test('they left as they were to', () => {
    // One round more resolves neighbours.
    const sent = (report.rounds + 1) * Object.keys(report.probes).length;
    expect(report.sentLive).toBe(live ? sent : 0);
  });
});

interface Bridges {
  readonly sent: number;
  readonly answered: number;
  readonly unsent: number;
  readonly sentLive: number;
}

test.each([
  { what: 'that take no redirected frames', words: [], live: 0 },
  { what: 'with GRO, by live frames', words: ['gro'], live: 1600 },
])('bridging devices $what, ten to a bridge, are probed both ways', ({ words, live }) => {
  const report = inNamespaces<Bridges>('prober-bridges.ts', '4', '40', '20', '50', ...words);
  expect(report).toMatchObject({ sent: 1600, answered: 1600, unsent: 0, sentLive: live });
});
