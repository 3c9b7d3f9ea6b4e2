import { pictured } from '../terms/invisible.ts';

/** Something wrong in a definition file: where it is, what it is, and what to try. */
export interface Problem {
  readonly file: string;
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
  /** Keys from the root: "services.shop.port". Empty where the file is no YAML. */
  readonly path: string;
  /** The offending source text. */
  readonly text: string;
  readonly message: string;
  readonly hint: string;
}

/** A problem before anybody has looked where in the file it is. */
export interface Fault {
  readonly path: Path;
  /** The key itself is wrong, not what stands behind it. */
  readonly key?: boolean;
  readonly message: string;
  readonly hint: string;
}

export type Path = readonly (string | number)[];

/** Where faults are collected. */
export type Report = (fault: Fault) => void;

const WIDEST_LINE = 160;

/** "file:line:column: message", the offending line with a caret under it, and what to try. */
export function formatProblem(problem: Problem, sourceText: string): string {
  const { file, line, column, message, hint } = problem;
  const source = pictured(nthLine(sourceText, line) ?? '');
  const from = column > WIDEST_LINE - 20 ? column - 21 : 0;
  const shown = source.slice(from, from + WIDEST_LINE);
  const gutter = `  ${line} | `;
  const caret = `${' '.repeat(gutter.length - 2)}| ${' '.repeat(column - 1 - from)}`;
  return `${file}:${line}:${column}: ${message}\n${gutter}${shown}\n${caret}^\n  try: ${hint}`;
}

function nthLine(text: string, line: number): string | undefined {
  let start = 0;
  for (let n = 1; n < line; n++) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return undefined;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
}
