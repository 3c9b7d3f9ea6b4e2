/** The numbers of maps/*.h, read from the headers themselves: the model shares the door with the program, and nothing else. */
import { readFileSync } from 'node:fs';

function readEnums(header: string): Map<string, number> {
  const text = readFileSync(new URL(`../../maps/${header}`, import.meta.url), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found = [...text.matchAll(/^\s*([A-Z][A-Z0-9_]+) = ([^,\n]+),/gm)];
  return new Map(found.map(([, name, value]) => [name ?? '', evaluate(value ?? '')]));
}

function evaluate(text: string): number {
  const [left = '', right] = text.split('<<');
  return right === undefined ? Number(left) : Number(left) << Number(right);
}

const LAYOUT = readEnums('layout.h');
const REASONS = readEnums('reasons.h');

/** A constant of maps/layout.h; throws a RangeError for a name that is not there. */
export function layout(name: string): number {
  return named(LAYOUT, name);
}

/** A constant of maps/reasons.h; throws a RangeError for a name that is not there. */
export function reason(name: string): number {
  return named(REASONS, name);
}

/** Every reason but the two markers, by number. */
export const REASON_NAMES: ReadonlyMap<number, string> = new Map(
  [...REASONS].filter(([name]) => name !== 'REASONS').map(([name, number]) => [number, name]),
);

function named(numbers: ReadonlyMap<string, number>, name: string): number {
  const number = numbers.get(name);
  if (number === undefined || Number.isNaN(number)) {
    throw new RangeError(`read maps/*.h: no constant ${name}`);
  }
  return number;
}
