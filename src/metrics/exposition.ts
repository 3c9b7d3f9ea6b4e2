/** Labels as text, and the value. */
export type Sample = readonly [labels: string, value: number];

/** Characters of one piece of text. */
const PIECE = 64 * 1024;

/**
 * One family of Prometheus' text format, in pieces. Counters end in `_total`, units are base units. A registry of objects
 * per series would cost seconds and hundreds of megabytes with 100,000 services; these are read from the tables anyway.
 */
export function* family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: Iterable<Sample>,
): Generator<string> {
  let piece = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const [labels, value] of samples) {
    piece += labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
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
