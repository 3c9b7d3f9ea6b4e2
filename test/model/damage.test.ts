import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readDefinitions } from '../../src/model/read/read.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const texts = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, EXAMPLES), 'utf8'));
const BITS = [
  ': ',
  '{',
  '}',
  '[',
  ']',
  '- ',
  'null',
  '5',
  '""',
  '*x',
  '&y ',
  '\t',
  'copy',
  '~',
  'a: {a: ',
  '__proto__: {}',
  '?',
  '|',
  '"',
];

test('3,000 damaged examples are read or refused with a place and words, never with an exception', () => {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const damage = (text: string): string => {
    const at = next(text.length);
    if (next(2) === 0) return text.slice(0, at) + text.slice(at + 1 + next(8));
    return text.slice(0, at) + BITS[next(BITS.length)] + text.slice(at);
  };
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const text = damage(damage(texts[next(texts.length)]!));
    const result = readDefinitions(text, 'damaged.yaml');
    if (result.ok) continue;
    refused++;
    const lines = text.split('\n');
    for (const { line, column, message, hint } of result.problems) {
      expect(
        line >= 1 && column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1,
        `${line}:${column}\n${text}`,
      ).toBe(true);
      expect(`${message}${hint}`).not.toMatch(/undefined|\[object|NaN/);
      expect(message.length * hint.length).toBeGreaterThan(0);
    }
  }
  expect(refused).toBeGreaterThan(1500);
});
