import type { Fault, Problem } from '../problem.ts';
import { placeOf } from './explain-problem.ts';
import type { Span } from './locate.ts';

const LONGEST_TEXT = 80;

/** A definition file's text, and what is where in it. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lines: number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  problem({ path, message, hint }: Fault, { start, end }: Span): Problem {
    const { line, column } = this.#positionOf(start);
    const text = this.text.slice(start, end);
    return {
      file: this.file,
      line,
      column,
      path: path.length === 0 ? '' : placeOf(path),
      text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 3)}...` : text,
      message,
      hint,
    };
  }

  #positionOf(offset: number): { line: number; column: number } {
    this.#lines ??= lineStarts(this.text);
    const lines = this.#lines;
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - lines[low]! + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
