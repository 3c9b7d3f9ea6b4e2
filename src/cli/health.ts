import type { HealthView, SignView } from '../api-types/health-operations.ts';
import { duration } from '../health/machine/event.ts';
import { renderTable } from './table.ts';

/** "up", "down", "up (tcp/25 down)"; a dash where nobody watches. */
export function stateOf([own, ...applications]: readonly HealthView[]): string {
  if (own === undefined) return '-';
  const others = applications.filter(({ state }) => state !== own.state && state !== 'unknown');
  const words = others.map(({ application, state }) => `${application} ${state}`);
  return words.length === 0 ? own.state : `${own.state} (${words.join(', ')})`;
}

/** How long ago, as people say it: "4.2 s". */
export function ago(time: string): string {
  return duration(Math.max(0, Date.now() - Date.parse(time)));
}

interface Row {
  readonly view: HealthView;
  readonly sign: SignView | undefined;
  readonly first: boolean;
}

/** What is thought of a device and of its applications: state, why, since when, and what each probe says. */
export function renderHealth(health: readonly HealthView[]): string {
  const rows = health.flatMap((view): Row[] => {
    const signs = view.signs.length === 0 ? [undefined] : view.signs;
    return signs.map((sign, place) => ({ view, sign, first: place === 0 }));
  });
  return renderTable(rows, [
    { title: 'for', value: ({ view, first }) => (first ? (view.application ?? 'all of it') : '') },
    { title: 'state', value: ({ view, first }) => (first ? view.state : '') },
    { title: 'since', value: ({ view, first }) => (first ? ago(view.since) : '') },
    { title: 'why', value: ({ view, first }) => (first ? view.reason : '') },
    { title: 'probe', value: ({ sign }) => sign?.name },
    { title: 'says', value: ({ sign }) => (sign === undefined ? undefined : said(sign)) },
    { title: 'latency', value: ({ sign }) => inMilliseconds(sign?.latency), right: true },
    {
      title: 'loss',
      value: ({ sign }) => (sign?.loss === undefined ? undefined : `${sign.loss.toFixed(1)} %`),
      right: true,
    },
    {
      title: 'every',
      value: ({ sign }) => (sign?.interval === undefined ? undefined : duration(sign.interval)),
      right: true,
    },
  ]);
}

function said({ verdict, words }: SignView): string {
  return words === '' || verdict === 'passing' ? verdict : `${verdict}: ${words}`;
}

function inMilliseconds(value: number | null | undefined): string | undefined {
  return value === undefined || value === null ? undefined : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}
