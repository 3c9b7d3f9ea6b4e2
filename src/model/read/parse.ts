import {
  CORE_SCHEMA,
  defineScalarTag,
  floatCoreTag,
  intCoreTag,
  load,
  mergeTag,
  type ScalarTagDefinition,
  YAMLException,
} from 'js-yaml';
import type { Fault } from '../problem.ts';
import { type Doubt, doubtsOf, hasInvisible, isTwoNumbers, unseenBefore } from './doubtful.ts';
import { tooMuch } from './limits.ts';
import type { Span } from './locate.ts';

/** A hundred thousand services that merge ten keys each; a bomb of them is told before it takes seconds. */
const MERGED_KEYS = 2_000_000;

/** What the text says, or why it is no YAML, and where. JSON is YAML too. */
export function parse(text: string): { value: unknown } | { doubts: readonly Doubt[] } {
  const much = tooMuch(text);
  if (much !== undefined) return { doubts: [much] };
  let doubtful = hasInvisible(text);
  const found = (): void => {
    doubtful = true;
  };
  const schema = CORE_SCHEMA.withTags(mergeTag, watching(intCoreTag, found), watching(floatCoreTag, found));
  try {
    const value = load(text, { schema, maxTotalMergeKeys: MERGED_KEYS });
    const doubts = doubtful ? doubtsOf(text) : [];
    return doubts.length > 0 ? { doubts } : { value };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const start = error.mark?.position ?? 0;
    const unseen = unseenBefore(text, start);
    if (unseen !== undefined) return { doubts: [unseen] };
    const span = backToKey(text, start, error.reason);
    const fault: Fault = { path: [], message: messageOf(error.reason, text, span), hint: cureOf(error.reason) };
    return { doubts: [{ fault, span }] };
  }
}

/** Numbers as ever; calls back at the first one that can be read in two ways. */
function watching(numbers: ScalarTagDefinition<number>, found: () => void): ScalarTagDefinition<number> {
  return defineScalarTag(numbers.tagName, {
    ...numbers,
    resolve: (source, isExplicit, tagName) => {
      if (isTwoNumbers(source)) found();
      return numbers.resolve(source, isExplicit, tagName);
    },
  });
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
  [/\btab/, 'indent with spaces'],
  [/merge/, 'write tables behind <<, as in <<: *common or <<: [*a, *b], and fewer of them'],
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
