import type { ChangeReport } from '../api-types/change-report.ts';
import { grouped } from './table.ts';

/** Names are listed up to this many a line; the rest is counted. */
const LISTED = 10;

/** What a change did or would do, in sentences. */
export function renderChange(report: ChangeReport): string {
  const { services, other, steps, degraded, warnings, dryRun } = report;
  const lines = [
    ...nameLine('+', services.added),
    ...nameLine('~', services.changed),
    ...nameLine('-', services.removed),
    ...other.map((change) => `  ${change}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
    ...degraded.slice(0, LISTED).map(({ service, state, reasons }) => `  ${state}: ${service}: ${reasons.join('; ')}`),
    ...(degraded.length > LISTED ? [`  and ${grouped(degraded.length - LISTED)} more degraded`] : []),
  ];
  const counts = `${grouped(steps.created)} created, ${grouped(steps.replaced)} replaced, ${grouped(steps.removed)} removed`;
  const entries = steps.created + steps.replaced + steps.removed;
  const named = services.added.length + services.changed.length + services.removed.length;
  const nothing = entries + other.length + named === 0;
  const last = dryRun
    ? nothing
      ? 'Nothing would change.'
      : `Would change table entries: ${counts}.`
    : nothing
      ? `Nothing changed (${report.milliseconds.toFixed(0)} ms).`
      : entries === 0
        ? `Done in ${report.milliseconds.toFixed(0)} ms: no table entry of a service had to change.`
        : `Done in ${report.milliseconds.toFixed(0)} ms: table entries ${counts}.`;
  return `${[...lines, last].join('\n')}\n`;
}

function nameLine(sign: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, LISTED).join(', ');
  const more = names.length > LISTED ? ` and ${grouped(names.length - LISTED)} more` : '';
  return [`  ${sign} ${names.length === 1 ? 'service' : 'services'} ${shown}${more}`];
}
