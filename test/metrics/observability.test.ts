/** What people put into Grafana and Prometheus goes by names that `/metrics` really has. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { renderEngineMetrics } from '../../src/metrics/engine.ts';
import { renderHealthMetrics } from '../../src/metrics/health.ts';
import { Histogram } from '../../src/metrics/histogram.ts';
import { processMetrics } from '../../src/metrics/process.ts';

const RULES = 'docs/prometheus/hopline.rules.yml';

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

const dashboard = JSON.parse(readFileSync('docs/grafana/hopline.json', 'utf8')) as Dashboard;
const rules = (load(readFileSync(RULES, 'utf8')) as Rules).groups.flatMap((group) => group.rules);

async function exposed(): Promise<ReadonlySet<string>> {
  const build = { version: '1', layout: '1' };
  const engine = renderEngineMetrics({ build, services: () => [], legs: [], interfaces: [], verdicts: [] });
  const failoverSeconds = new Histogram([]);
  const health = renderHealthMetrics({
    devices: [],
    words: [],
    failovers: [],
    failoverSeconds,
    told: [],
    ticksLate: 0,
  });
  const text = [...engine, ...health].join('') + (await processMetrics());
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    families.flatMap(([, name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name!],
    ),
  );
}

const namesIn = (expr: string): readonly string[] => expr.match(/\b(hopline|process|nodejs)_\w+/g) ?? [];

test('the dashboard has a data source to choose, and every panel uses it', () => {
  expect(dashboard.templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }));
  for (const { datasource } of dashboard.panels) expect(datasource.uid).toMatch(/^\$\{datasource\}$/);
});

test.each([
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`panel ${title}`, expr] as const)),
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
])('%s asks for metrics that there are', async (_, expr) => {
  const known = await exposed();
  const names = namesIn(expr);
  expect([...names, ...(expr.startsWith('up') ? ['up'] : [])]).not.toEqual([]);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

test('what panels ask is PromQL', () => {
  const plain = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');
  const groups = dashboard.panels.map(({ title, targets }) => ({
    name: title,
    rules: targets.map(({ expr }, place) => ({ record: `panel:${place}`, expr: plain(expr) })),
  }));
  const folder = mkdtempSync(join(tmpdir(), 'hopline-panels-'));
  try {
    writeFileSync(join(folder, 'panels.yml'), JSON.stringify({ groups }));
    execFileSync('promtool', ['check', 'rules', '--lint=none', join(folder, 'panels.yml')], { stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the alert rules', () => {
  test('are rules', () => {
    expect(execFileSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  test('fire when they should, and not before', () => {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    expect(execFileSync('promtool', ['test', 'rules', 'docs/prometheus/hopline.rules.test.yml'], options)).toContain(
      'SUCCESS',
    );
  });

  test('are all tested', () => {
    const tested = readFileSync('docs/prometheus/hopline.rules.test.yml', 'utf8');
    expect(rules.filter(({ alert }) => !tested.includes(`alertname: ${alert}`))).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s says how bad it is, and what to do', (_, rule) => {
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe('');
    expect(rule.annotations.description).toMatch(/[.:]/);
  });
});
