import { parseEvents } from 'js-yaml';
import { characterName, findInvisible, findTurning } from '../../terms/invisible.ts';
import type { Fault } from '../problem.ts';
import type { Span } from './locate.ts';

/** What people read otherwise than the machine does, and where it stands. */
export interface Doubt {
  readonly fault: Fault;
  readonly span: Span;
}

/** Kind and style of js-yaml's events. */
const SCALAR = 4;
const PLAIN = 1;

/** With a 0 in front, a number is decimal to some readers of YAML and octal to others. */
const LEADING_ZERO = /^[-+]?0[0-9]/;
const NUMBER = /^[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$/;

/** A plain number that people may read in two ways: 0443. */
export function isTwoNumbers(source: string): boolean {
  return LEADING_ZERO.test(source) && NUMBER.test(source);
}

/** Whether a text has characters that need a look at where they stand: most have none. */
export function hasInvisible(text: string): boolean {
  return findInvisible(text[0] === '\ufeff' ? text.slice(1) : text) >= 0;
}

/**
 * Everything doubtful in a text that is YAML: characters nobody sees in what is written without quotes (keys, names,
 * indentation), characters that turn lines round anywhere, comments too, and numbers that can be read in two ways.
 */
export function doubtsOf(text: string): Doubt[] {
  const doubts: Doubt[] = [];
  const turning = findTurning(text);
  if (turning >= 0) doubts.push(unseen(text, turning));
  for (const event of parseEvents(text, {})) {
    if (event.type !== SCALAR || event.style !== PLAIN || event.valueStart < 0) continue;
    const source = text.slice(event.valueStart, event.valueEnd);
    const at = findInvisible(source);
    if (at >= 0 && event.valueStart + at !== turning) doubts.push(unseen(text, event.valueStart + at));
    if (event.tagStart < 0 && isTwoNumbers(source))
      doubts.push({ fault: twoNumbers(source), span: { start: event.valueStart, end: event.valueEnd } });
  }
  return doubts;
}

/** The character nobody sees that may be why a text is no YAML: on the line where reading stopped, or the one before. */
export function unseenBefore(text: string, stopped: number): Doubt | undefined {
  const line = text.lastIndexOf('\n', stopped - 1);
  const start = line < 0 ? 0 : text.lastIndexOf('\n', line - 1) + 1;
  const end = text.indexOf('\n', stopped);
  const at = findInvisible(text.slice(start, end < 0 ? undefined : end));
  return at < 0 || (at === 0 && start === 0 && text[0] === '\ufeff') ? undefined : unseen(text, start + at);
}

function unseen(text: string, at: number): Doubt {
  const name = characterName(text, at);
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  const place = before.trim() === '' ? 'the indentation' : 'what is written without quotes';
  const turns = findTurning(text.slice(at, at + 1)) === 0;
  const message = turns ? `${name} turns round what is read here` : `${name} stands in ${place}, and nobody sees it`;
  const blank = /[\p{Z}\t]/u.test(text[at]!);
  const hint = blank ? 'write an ordinary space instead, or none' : 'take it out';
  return { fault: { path: [], message, hint }, span: { start: at, end: at + 1 } };
}

function twoNumbers(source: string): Fault {
  const plain = source.replace(/^([-+]?)0+(?=[0-9])/, '$1');
  const message = `${source} begins with 0: some read it as ${plain}, others as an octal number`;
  return { path: [], message, hint: `write ${plain}, or "${source}" in quotes where a text is meant` };
}
