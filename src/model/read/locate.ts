import { parseEvents } from 'js-yaml';
import type { Fault, Path } from '../problem.ts';

/** A piece of the source, as offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Kinds of js-yaml's events. */
const SEQUENCE = 2;
const MAPPING = 3;
const SCALAR = 4;
const POP = 6;

/** Paths that are looked for, as a tree: everything else in the file is skipped. */
interface Wanted {
  readonly children: Map<string, Wanted>;
  key?: Span;
  value?: Span;
}

/** Where each fault is. Parses the file once more, for all of them together, which only a file with faults has to pay. */
export function locate(text: string, faults: readonly Fault[]): Span[] {
  const root: Wanted = { children: new Map() };
  for (const { path } of faults) wantedAt(root, path, true);
  walk(text, root);
  return faults.map((fault) => spanOf(root, fault));
}

function wantedAt(root: Wanted, path: Path, make: boolean): Wanted[] {
  const trail = [root];
  for (const part of path) {
    const { children } = trail.at(-1)!;
    const key = String(part);
    let child = children.get(key);
    if (child === undefined) {
      if (!make) break;
      child = { children: new Map() };
      children.set(key, child);
    }
    trail.push(child);
  }
  return trail;
}

/** The deepest part of the path that is in the file: what is missing has no place of its own. */
function spanOf(root: Wanted, { path, key }: Fault): Span {
  const trail = wantedAt(root, path, false);
  for (let i = trail.length - 1; i >= 0; i--) {
    const { key: keySpan, value } = trail[i]!;
    const whole = i === trail.length - 1 && i === path.length;
    const span = whole && !key ? (value ?? keySpan) : (keySpan ?? value);
    if (span !== undefined) return span;
  }
  return { start: 0, end: 0 };
}

type Event = ReturnType<typeof parseEvents>[number];

/** An open collection while the events go by; `wanted` undefined: nobody asks for anything in it. */
class Frame {
  readonly wanted: Wanted | undefined;
  readonly mapping: boolean;
  #index = 0;
  /** The key whose value comes next. */
  #pending: Wanted | undefined;
  #atKey: boolean;

  constructor(wanted: Wanted | undefined, mapping: boolean, atKey = true) {
    this.wanted = wanted;
    this.mapping = mapping;
    this.#atKey = atKey;
    this.#pending = atKey ? undefined : wanted;
  }

  /** Whether the event was a key, which is taken note of here. */
  takeKey(text: string, event: Event): boolean {
    if (!this.mapping || !this.#atKey) return false;
    this.#atKey = false;
    this.#pending = event.type === SCALAR ? this.wanted?.children.get(scalarText(text, event)) : undefined;
    if (this.#pending !== undefined && event.type === SCALAR && isWritten(event))
      this.#pending.key = spanOfScalar(text, event);
    return true;
  }

  /** Who asks for the value that comes now. */
  nextValue(): Wanted | undefined {
    if (!this.mapping) return this.wanted?.children.get(String(this.#index++));
    this.#atKey = true;
    return this.#pending;
  }
}

function walk(text: string, root: Wanted): void {
  const stack: Frame[] = [];
  for (const event of parseEvents(text, {})) {
    if (event.type === POP) {
      stack.pop();
      continue;
    }
    const frame = stack.at(-1);
    // The document itself: its value is the root.
    if (frame === undefined) stack.push(new Frame(root, true, false));
    else if (!frame.takeKey(text, event)) takeValue(text, event, frame.nextValue(), stack);
    else if (isCollection(event)) stack.push(new Frame(undefined, event.type === MAPPING));
  }
}

function takeValue(text: string, event: Event, wanted: Wanted | undefined, stack: Frame[]): void {
  if (isCollection(event)) {
    if (wanted !== undefined) wanted.value = { start: event.start, end: event.start + 1 };
    stack.push(new Frame(wanted, event.type === MAPPING));
  } else if (event.type === SCALAR && wanted !== undefined && isWritten(event))
    wanted.value = spanOfScalar(text, event);
}

function isCollection(event: Event): event is Extract<Event, { readonly start: number }> {
  return event.type === MAPPING || event.type === SEQUENCE;
}

interface ScalarEvent {
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** A value left blank has no place: that of its key is shown. */
function isWritten({ valueStart }: ScalarEvent): boolean {
  return valueStart >= 0;
}

/** Keys and names are written plainly; one with escapes in it is simply not found, and its parent is shown. */
function scalarText(text: string, { valueStart, valueEnd }: ScalarEvent): string {
  return text.slice(valueStart, valueEnd);
}

function spanOfScalar(text: string, { valueStart, valueEnd }: ScalarEvent): Span {
  const quote = text[valueStart - 1];
  const quoted = valueStart > 0 && (quote === '"' || quote === "'") && text[valueEnd] === quote;
  return quoted ? { start: valueStart - 1, end: valueEnd + 1 } : { start: valueStart, end: valueEnd };
}
