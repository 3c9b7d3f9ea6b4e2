import { load, YAMLException } from 'js-yaml';
import type { Fault } from '../problem.ts';
import type { Span } from './locate.ts';

/** What the text says, or why it is no YAML, and where. JSON is YAML too. */
export function parse(text: string): { value: unknown } | { fault: Fault; span: Span } {
  try {
    return { value: load(text) };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const start = error.mark?.position ?? 0;
    const at = backToKey(text, start, error.reason);
    return { fault: { path: [], message: messageOf(error.reason, text, at), hint: cureOf(error.reason) }, span: at };
  }
}

/** For a duplicate the whole key, for everything else the place where reading stopped. */
function backToKey(text: string, start: number, reason: string): Span {
  if (reason.startsWith('duplicated')) {
    const key = /^[^\s:,{}[\]]+/.exec(text.slice(start, start + 80));
    return { start, end: start + (key?.[0].length ?? 1) };
  }
  if (reason.startsWith('tab')) {
    const tab = text.lastIndexOf('\t', start);
    if (tab >= 0) return { start: tab, end: tab + 1 };
  }
  return { start, end: Math.min(text.length, start + 1) };
}

function messageOf(reason: string, text: string, { start, end }: Span): string {
  if (reason.startsWith('duplicated')) return `"${text.slice(start, end)}" is there twice`;
  if (reason.includes('input is empty')) return 'the file is empty';
  return `not YAML: ${reason}`;
}

const CURES: readonly (readonly [RegExp, string])[] = [
  [/^duplicated/, 'rename one of the two, or make them one'],
  [/tab/, 'indent with spaces'],
  [/empty/, 'begin with interfaces: (see examples/minimal.yaml)'],
  [/indent/, 'give keys of one table the same indentation, and close what was opened: quotes, brackets, braces'],
  [/flow|comma|bracket|brace/, 'close every [ and {, and put commas between the elements'],
  [/alias|anchor/, 'put a value that begins with * or & in quotes'],
  [/document/, 'keep one document in a file: no --- between parts'],
];

function cureOf(reason: string): string {
  return (
    CURES.find(([pattern]) => pattern.test(reason))?.[1] ??
    'look for a missing colon, quote, bracket or space here or on the line before'
  );
}
