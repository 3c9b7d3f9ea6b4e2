/** What the headers say in words: BTF has no comments. */

const oneLine = (text: string): string =>
  text
    .replace(/^[ \t]*\*[ \t]?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

/** The comment right above `enum name {` or `struct name {`, in one line. */
export function commentAbove(text: string, kind: 'enum' | 'struct', name: string): string | undefined {
  const found = new RegExp(`/\\*((?:[^*]|\\*(?!/))*)\\*/\\n${kind} ${name} \\{`).exec(text);
  return found ? oneLine(found[1]!) : undefined;
}

/** `#define NAME 1` */
export function numericDefines(text: string): readonly (readonly [name: string, value: number])[] {
  return [...text.matchAll(/^#define (\w+) (\d+)$/gm)].map(([, name, value]) => [name!, Number(value)] as const);
}

export interface ReasonText {
  readonly reason: number;
  readonly name: string;
  /** "forwarded", "passed to the kernel untouched", "dropped". */
  readonly group: string;
  readonly text: string;
}

/** Every reason with its comment, under the comment that heads its group. */
export function reasonTexts(text: string): readonly ReasonText[] {
  const body = /enum reason \{([^}]*)\}/.exec(text)?.[1] ?? '';
  const token = /(\w+)\s*=\s*(\d+),(?:[ \t]*\/\*((?:[^*]|\*(?!\/))*)\*\/)?|\/\*((?:[^*]|\*(?!\/))*)\*\//g;
  const reasons: ReasonText[] = [];
  let group = '';
  for (const [, name, number, comment, heading] of body.matchAll(token)) {
    if (heading !== undefined) group = oneLine(heading);
    else if (comment !== undefined)
      reasons.push({ reason: Number(number), name: name!, group, text: oneLine(comment) });
  }
  return reasons;
}
