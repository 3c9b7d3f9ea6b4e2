import type { Count } from '../terms/count.ts';

/** Labels as text, and the value. */
export type Sample = readonly [labels: string, value: Count];

/** With what follows the family's name: "_bucket", "_sum", "_count" of a histogram. */
export type SuffixedSample = readonly [suffix: string, ...sample: Sample];

/** Characters of one piece of text. */
const PIECE = 64 * 1024;

/**
 * One family of Prometheus' text format, in pieces. Counters end in `_total`, units are base units. A registry of objects
 * per series would cost seconds and hundreds of megabytes with 100,000 services; these are read from the tables anyway.
 */
export function* family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: Iterable<Sample | SuffixedSample>,
): Generator<string> {
  let piece = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const sample of samples) {
    piece += sample.length === 2 ? line(name, sample[0], sample[1]) : line(name + sample[0], sample[1], sample[2]);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function line(name: string, labels: string, value: Count): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** `name="value",…` with what must be escaped escaped. Absent and empty labels are left out, as Prometheus reads them. */
export function labelText(labels: Readonly<Record<string, string | number | undefined>>): string {
  let text = '';
  for (const name in labels) {
    const value = labels[name];
    if (value === undefined || value === '') continue;
    text += `${text === '' ? '' : ','}${name}="${escapeLabel(String(value))}"`;
  }
  return text;
}

function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}
