import type { Doubt } from './doubtful.ts';

/** Definitions of 100,000 services are some 22 MB and a million lines: three times that is somebody's mistake, or an attack. */
export const CHARACTERS_MOST = 64 * 1024 * 1024;
const LINES_MOST = 4_000_000;

/** Why a text is too much to be read at all; it is not parsed to find out. */
export function tooMuch(text: string): Doubt | undefined {
  if (text.length > CHARACTERS_MOST)
    return refused(0, `the file has ${text.length} characters, and ${CHARACTERS_MOST} are read at most`);
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
    if (++lines > LINES_MOST) return refused(0, `the file has more than ${LINES_MOST} lines, and no more are read`);
  return undefined;
}

function refused(start: number, message: string): Doubt {
  const hint = 'give each engine the services it serves, in a file of its own';
  return { fault: { path: [], message, hint }, span: { start, end: start } };
}
