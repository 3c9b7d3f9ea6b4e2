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

test('a value that aliases make larger than any memory is shown by its beginning', () => {
  const tables = Array.from(
    { length: 40 },
    (_, i) => `x-${i + 1}: &t${i + 1} [${Array(20).fill(`*t${i}`).join(', ')}]`,
  );
  const text = `x-0: &t0 [a]\n${tables.join('\n')}\ninterfaces: {i0: {nic: *t40}}\n`;
  const result = readDefinitions(text, 'bomb.yaml');
  expect(result).toMatchObject({ ok: false, problems: [{ line: 42, path: 'interfaces.i0.nic' }] });
});

test('a value that holds itself is refused', () => {
  const result = readDefinitions('interfaces: {i0: {nic: &a [*a], vlan: &b {c: *b}}}', 'circle.yaml');
  expect(result.ok ? [] : result.problems.map(({ path }) => path)).toContain('interfaces.i0.nic');
});

test('of 200,000 keys nobody knows a hundred are told', () => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `k${i}: b\n`).join('');
  const result = readDefinitions(`interfaces: {}\n${keys}`, 'keys.yaml');
  expect(result.ok ? 0 : result.problems.length).toBe(100);
});
