import type { z } from 'zod';
import { characterName, fullyVisible } from '../../terms/invisible.ts';
import type { Fault, Path } from '../problem.ts';
import { didYouMean, nearest } from '../suggest.ts';

type Issue = z.core.$ZodIssue;

/** Of one table: more are not shown, and to explain a million takes a minute. */
const MOST = 100;

/** What the schema found, as faults: "services.shop.port: 70000 is not a port". `at`: where `input` stands in the file. */
export function explain(issues: readonly Issue[], input: unknown, at: Path): Fault[] {
  const faults = issues.slice(0, MOST).flatMap((issue) => explainOne(issue, input, at));
  // A key that is misspelt is missing as well: say it once.
  const meant = new Set(
    faults.flatMap((fault) => (fault.meant === undefined ? [] : placeOf([...fault.path.slice(0, -1), fault.meant]))),
  );
  return faults.filter(({ path, meant: suggestion }) => suggestion !== undefined || !meant.has(placeOf(path)));
}

interface SchemaFault extends Fault {
  /** The key that a misspelt one was meant to be. */
  readonly meant?: string;
}

function explainOne(issue: Issue, input: unknown, at: Path): SchemaFault[] {
  if (issue.code === 'invalid_union') {
    const closest = closestBranch(issue);
    if (closest !== undefined)
      return closest.flatMap((each) => explainOne(each, valueAt(input, issue.path), [...at, ...keysOf(issue)]));
  }
  const path = [...at, ...keysOf(issue)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, MOST)
      .map((key) => unknownKey(key, path, valueAt(input, issue.path), issue.message.split(' ')));
  if (issue.code === 'invalid_key') return [fromWords(issue.issues[0]!.message, path, show(path.at(-1)), true)];
  const value = valueAt(input, issue.path);
  return [fromWords(issue.message, path, value === undefined ? '' : show(value), false)];
}

/** Of the forms a value may have, the one it was meant to be: where the fault lies deepest inside. */
function closestBranch(issue: Extract<Issue, { code: 'invalid_union' }>): Issue[] | undefined {
  let best: Issue[] | undefined;
  let deepest = 0;
  for (const branch of issue.errors) {
    const depth = Math.max(0, ...branch.map(depthOf));
    if (depth > deepest) [best, deepest] = [branch, depth];
  }
  return best;
}

function depthOf(issue: Issue): number {
  const inner = issue.code === 'invalid_union' ? Math.max(0, ...issue.errors.flat().map(depthOf)) : 0;
  return issue.path.length + inner + (issue.code === 'unrecognized_keys' ? 0.5 : 0);
}

function unknownKey(key: string, path: Path, owner: unknown, keys: readonly string[]): SchemaFault {
  const free = keys.filter((each) => !Object.hasOwn(owner as object, each));
  const meant = nearest(key, free);
  const fault = {
    path: [...path, key],
    key: true,
    message: `${placeOf(path)}: there is no key "${fullyVisible(key)}"`,
    hint: foreignHint(key) ?? didYouMean(key, free),
  };
  return meant === undefined ? fault : { ...fault, meant };
}

/** The schema's own words: what is wrong, and on the next line what to write. */
function fromWords(words: string, path: Path, value: string, key: boolean): Fault {
  const [what = '', hint = ''] = words.split('\n');
  const said = what.startsWith('is missing') ? ` ${what}` : `: ${value} ${what}`;
  return {
    path,
    key,
    message: `${placeOf(path)}${said}`,
    hint: (key ? foreignHint(String(path.at(-1))) : undefined) ?? hint,
  };
}

/** For a key with a character that only looks like one of ours, or like nothing: which one it is. */
export function foreignHint(key: string): string | undefined {
  const at = key.search(/[^ -~]/);
  return at < 0 ? undefined : `write it without ${characterName(key, at)}: keys and names are plain ASCII`;
}

/** "services.shop.sequence[2].app1" */
export function placeOf(path: Path): string {
  if (path.length === 0) return 'the file';
  const place = path.reduce<string>(
    (place, part) => (typeof part === 'number' ? `${place}[${part}]` : place === '' ? part : `${place}.${part}`),
    '',
  );
  return fullyVisible(place);
}

function keysOf(issue: Issue): (string | number)[] {
  return issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part],
    input,
  );
}

const SHOWN = 60;

/** A value as it stands in a sentence. */
function show(value: unknown): string {
  const text = fullyVisible(typeof value === 'string' ? `"${value.slice(0, SHOWN + 1)}"` : startOf(value, SHOWN + 1));
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}...` : text;
}

/** The beginning of a value as JSON: aliases in aliases would make the whole of it as large as they like. */
function startOf(value: unknown, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  for (const [key, each] of Object.entries(value)) {
    if (text.length >= room) return text;
    if (text.length > 1) text += ',';
    if (!isList) text += `${JSON.stringify(key)}:`;
    text += startOf(each, room - text.length);
  }
  return `${text}${isList ? ']' : '}'}`;
}
