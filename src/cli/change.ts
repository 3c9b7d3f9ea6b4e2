import type { ChangeReport } from '../api-types/change-report.ts';
import type { Difference } from '../terms/difference.ts';
import { grouped } from './table.ts';

/** Names are listed up to this many a line; the rest is counted. */
const LISTED = 10;
/** Fields that stay the same, shown beside those that do not. */
const CONTEXT = 6;

/** What a change did or would do, in sentences. */
export function renderChange(report: ChangeReport): string {
  const { services, other, steps, degraded, warnings, dryRun } = report;
  const changed = report.differences
    .filter(({ change, fields }) => change === 'changed' && fields.length > 0)
    .slice(0, LISTED);
  const blocks = changed.flatMap(blockOf);
  const shown = new Set(changed.map(headOf));
  const lines = [
    ...nameLine('+', services.added),
    ...blocks,
    ...nameLine(
      '~',
      services.changed.filter((name) => !shown.has(`~ service ${name}`)),
    ),
    ...nameLine('-', services.removed),
    ...other.filter((change) => !shown.has(change)).map((change) => `  ${change}`),
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

const headOf = ({ kind, name }: Difference): string => (kind === 'health' ? '~ health' : `~ ${kind} ${name}`);

/** What is different, among what stays as it is. */
function blockOf(difference: Difference): string[] {
  const { fields, same } = difference;
  const width = Math.max(...fields.map(({ field }) => field.length), ...same.map(({ field }) => field.length));
  const line = (sign: string, field: string, value: string) => `    ${sign} ${field.padEnd(width)}  ${value}`;
  return [
    `  ${headOf(difference)}`,
    ...same.slice(0, CONTEXT).map(({ field, value }) => line(' ', field, value)),
    ...fields.flatMap(({ field, before, after }) => [
      ...(before === undefined ? [] : [line('-', field, before)]),
      ...(after === undefined ? [] : [line('+', field, after)]),
    ]),
  ];
}

function nameLine(sign: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, LISTED).join(', ');
  const more = names.length > LISTED ? ` and ${grouped(names.length - LISTED)} more` : '';
  return [`  ${sign} ${names.length === 1 ? 'service' : 'services'} ${shown}${more}`];
}
