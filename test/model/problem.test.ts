import { expect, test } from 'vitest';
import { formatProblem } from '../../src/model/problem.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { didYouMean } from '../../src/model/suggest.ts';
import { file } from './refusal.ts';

function problems(text: string) {
  const result = readDefinitions(text, 'shop.yaml');
  return result.ok ? [] : result.problems;
}

test('a problem is shown with its line, a caret and what to try', () => {
  const text = file({ services: 'shop: {address: 198.51.100.10, port: 70000, sequence: [web2]}' });
  const [problem] = problems(text);
  expect(problem).toMatchObject({ file: 'shop.yaml', path: 'services.shop.port', text: '70000' });
  expect(formatProblem(problem!, text)).toBe(
    `shop.yaml:15:40: services.shop.port: 70000 is not a port
  15 |   shop: {address: 198.51.100.10, port: 70000, sequence: [web2]}
     |                                        ^
  try: write a port from 1 to 65535, a range as in "1025-1125", a list of these, or any`,
  );
});

test('a problem far to the right is shown with the part of the line around it', () => {
  const text = `interfaces: {${Array.from({ length: 40 }, (_, i) => `a${i}: {}`).join(', ')}, i0: {vlan: 0}}`;
  const shown = formatProblem(problems(text)[0]!, text).split('\n');
  expect(shown[1]!.length).toBeLessThan(180);
  expect(shown[1]![shown[2]!.indexOf('^')]).toBe('0');
});

test('problems come in the order of the file', () => {
  const text = file({
    pools: '+p: {members: [fw9]}',
    devices: '+x: {kind: tap, legs: {only: {interface: i9}}}',
    services: 'a: {port: 0}',
  });
  const places = problems(text).map(({ line }) => line);
  expect(places).toEqual([12, 15, 17, 17, 17]);
});

test('the hundredth problem says how much was not looked at', () => {
  const services = Array.from({ length: 500 }, (_, i) => `s${i}: {address: 10.0.0.1, port: 80, sequence: [web3]}`).join(
    '\n  ',
  );
  const found = problems(file({ services }));
  expect(found).toHaveLength(100);
  expect(found.at(-1)!.message).toBe('401 of 500 services were not looked at: there are too many problems already');
});

test.each([
  ['two letters swapped', 'firewlals', ['web', 'firewalls'], 'did you mean "firewalls"?'],
  ['another case', 'FW1', ['fw1'], 'did you mean "fw1"?'],
  ['nothing alike', 'proxy', ['fw1', 'fw2'], 'use one of fw1, fw2'],
  ['nothing at all', 'proxy', [], 'define it first; there are none yet'],
  [
    'very many',
    'proxy',
    Array.from({ length: 20 }, (_, i) => `fw${i}`),
    'use one of fw0, fw1, fw2, fw3, fw4, fw5, fw6, fw7, ... (20 in all)',
  ],
])('a suggestion for %s', (_name, word, candidates, expected) => {
  expect(didYouMean(word, candidates)).toBe(expected);
});
