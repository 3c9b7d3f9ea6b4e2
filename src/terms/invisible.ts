/** Characters that a reader does not see, or that turn round what a reader sees. */

/** No sign on the screen: controls, formats (bidi, zero width), separators, other blanks than the space, half a surrogate pair. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u;
const INVISIBLES = new RegExp(INVISIBLE, 'gu');
/** The same but line ends and tabs, which a file is made of. */
const IN_FILES =
  /[^\P{Cc}\n\r\t]|[\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u;
/** What a terminal, a log or a page must never get as it is; line ends and tabs are left. */
const UNSAFE =
  /[^\P{Cc}\n\t]|[\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** They turn round the order in which the rest of a line is shown. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/;

const NAMES: Readonly<Record<number, string>> = {
  0: 'NUL',
  9: 'tab',
  10: 'line feed',
  13: 'carriage return',
  27: 'escape',
  133: 'next line',
  160: 'no-break space',
  173: 'soft hyphen',
  8203: 'zero width space',
  8204: 'zero width non-joiner',
  8205: 'zero width joiner',
  8206: 'left-to-right mark',
  8207: 'right-to-left mark',
  8232: 'line separator',
  8233: 'paragraph separator',
  8237: 'left-to-right override',
  8238: 'right-to-left override',
  8239: 'narrow no-break space',
  8288: 'word joiner',
  12288: 'ideographic space',
  65279: 'byte order mark',
};

/** Where the first one stands that is neither a line end nor a tab; -1: nowhere. */
export function findInvisible(text: string): number {
  return text.search(IN_FILES);
}

/** Where the first one stands that turns round what a reader sees; -1: nowhere. */
export function findTurning(text: string): number {
  return text.search(TURNING);
}

/** "U+00A0 (no-break space)" */
export function characterName(text: string, at: number): string {
  const code = text.codePointAt(at)!;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES[code] ?? kindOf(String.fromCodePoint(code));
  return name === undefined ? number : `${number} (${name})`;
}

/** For terminals and logs: what could command them, or turn their lines round, as \u escapes, which mean the same in JSON. */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** As `visible`, and every other character nobody sees, line ends among them: for a word inside a sentence. */
export function fullyVisible(text: string): string {
  return text.replace(INVISIBLES, escaped);
}

/** One sign for each character nobody sees, so that columns stay where they are: a dot; a space for a tab. */
export function pictured(line: string): string {
  return line.replace(INVISIBLES, (character) => (character === '\t' ? ' ' : '\u00b7'.repeat(character.length)));
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function kindOf(character: string): string | undefined {
  if (/\p{Cc}/u.test(character)) return 'a control character';
  if (/\p{Cs}/u.test(character)) return 'half a surrogate pair';
  if (/\p{Z}/u.test(character)) return 'another blank than the space';
  if (/\p{Noncharacter_Code_Point}/u.test(character)) return 'no character';
  return /\p{Cf}/u.test(character) ? 'an invisible character' : undefined;
}
