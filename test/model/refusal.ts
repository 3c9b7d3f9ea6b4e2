import { expect, test } from 'vitest';
import { type Context, readDefinitions } from '../../src/model/read/read.ts';

/** Stands in a row's text right before the place that the error must name. */
export const HERE = '▸';

export interface Refusal {
  readonly name: string;
  readonly text: string;
  readonly message: string;
  readonly hint: string;
  readonly context?: Context;
}

const GOOD = {
  interfaces: `  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {}
  i2: {}
  i3: {}`,
  devices: `  fw1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  fw2: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:02:01"}, inside: {interface: i2, mac: "02:00:00:00:02:02"}}}
  ids1: {kind: tap, legs: {only: {interface: i1, mac: "02:00:00:00:03:01"}}}
  web1: {kind: server, mode: nat, address: 10.0.3.11, legs: {only: {interface: i3}}}
  web2: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:04:02"}}}`,
  pools: '  firewalls: {members: [fw1, fw2]}',
  services: '  shop: {address: 198.51.100.10, port: 443, sequence: [firewalls, web2]}',
};

/** A good file with some sections replaced, or (with "+") more lines in them. */
export function file(sections: Partial<typeof GOOD>): string {
  const all = Object.entries(GOOD).map(([section, lines]) => {
    const given = sections[section as keyof typeof GOOD];
    const body = given === undefined ? lines : given.startsWith('+') ? `${lines}\n  ${given.slice(1)}` : `  ${given}`;
    return `${section}:\n${body}`;
  });
  return `${all.join('\n')}\n`;
}

/** Each row is a broken file with one fault: its place, what is said of it, and what to try. */
export function refuses(rows: readonly Refusal[]): void {
  test.each(rows)('$name', ({ text, message, hint, context }) => {
    const offset = text.indexOf(HERE);
    const before = text.slice(0, offset).split('\n');
    const result = readDefinitions(text.replace(HERE, ''), 'hopline.yaml', context);
    const problems = result.ok
      ? []
      : result.problems.map(({ line, column, message, hint }) => ({ line, column, message, hint }));
    expect(problems).toEqual([{ line: before.length, column: before.at(-1)!.length + 1, message, hint }]);
  });
}
