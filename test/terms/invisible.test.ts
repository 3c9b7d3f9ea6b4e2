import { expect, test } from 'vitest';
import { characterName, fullyVisible, pictured, visible } from '../../src/terms/invisible.ts';

test('what a terminal is given commands none of it, and means the same in JSON', () => {
  const value = { a: '\u001b[31m', b: '\u009b2J', c: 'a\u202eb', d: '\ud800', e: 'Müller 株式会社 👩‍💻', f: '\u2028' };
  const shown = visible(`${JSON.stringify(value, null, 2)}\n`);
  expect(shown).not.toMatch(/[^\n\P{Cc}]|[\u202e\u2028\p{Cs}]/u);
  expect(shown).toContain('Müller 株式会社 👩‍💻');
  expect(JSON.parse(shown)).toEqual(value);
  expect(visible('a\tb\r\n\u0007')).toBe('a\tb\\u000d\n\\u0007');
});

test('in a sentence every character that nobody sees is written out', () => {
  expect(fullyVisible('i\u00a00\n\u200b\u{e0041}')).toBe('i\\u00a00\\u000a\\u200b\\udb40\\udc41');
});

test('a line of a file keeps its columns', () => {
  expect(pictured('a\t\u00a0\u001b\u{e0041}b')).toBe('a ····b');
});

test.each([
  ['\u00a0', 'U+00A0 (no-break space)'],
  ['\0', 'U+0000 (NUL)'],
  ['\u0007', 'U+0007 (a control character)'],
  ['\udc00', 'U+DC00 (half a surrogate pair)'],
  ['\u{e0041}', 'U+E0041 (an invisible character)'],
  ['\u2003', 'U+2003 (another blank than the space)'],
  ['\ufffe', 'U+FFFE (no character)'],
  ['\u0430', 'U+0430'],
])('%j is %s', (character, name) => expect(characterName(character, 0)).toBe(name));
