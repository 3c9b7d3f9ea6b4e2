import type { Count } from '../terms/count.ts';

/** A column: its heading, what stands in it, and whether it is a number (right-aligned). */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | undefined;
  readonly right?: boolean;
}

const GAP = '  ';

/** Rows as aligned text with a heading line, no trailing blanks; `empty` where there are none. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty = 'none'): string {
  if (rows.length === 0) return `${empty}\n`;
  const cells = rows.map((row) => columns.map((column) => String(column.value(row) ?? '-')));
  const lines = [columns.map(({ title }) => title.toUpperCase()), ...cells];
  const widths = columns.map((_, place) => lines.reduce((widest, line) => Math.max(widest, line[place]!.length), 0));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, place) => pad(cell, widths[place]!, columns[place]!.right))
          .join(GAP)
          .trimEnd()}\n`,
    )
    .join('');
}

/** `name: value` lines, aligned, for `show`. Absent values are left out. */
export function renderFields(fields: readonly (readonly [name: string, value: string | number | undefined])[]): string {
  const given = fields.filter(([, value]) => value !== undefined && value !== '');
  const width = given.reduce((widest, [name]) => Math.max(widest, name.length), 0);
  return given.map(([name, value]) => `${`${name}:`.padEnd(width + 1)} ${value}\n`).join('');
}

/** 1234567 as "1,234,567". */
export function grouped(value: Count): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

const SCALES = ['', ' k', ' M', ' G', ' T'];

/** 1234567 as "1.23 M": three digits, for what changes all the time. */
export function scaled(value: number): string {
  if (value < 0) return `-${scaled(-value)}`;
  let [rest, scale] = [value, 0];
  for (; rest >= 999.5 && scale < SCALES.length - 1; scale++) rest /= 1000;
  const digits = scale === 0 ? (rest < 10 ? 1 : 0) : rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0;
  return `${Number(rest.toFixed(digits)) === 0 ? '0' : rest.toFixed(digits)}${SCALES[scale]}`;
}

function pad(cell: string, width: number, right = false): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
