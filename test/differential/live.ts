/** Frames that should be on the cables beside those that are: in any order, copies and originals alike. */
import type { OnWire } from './cables.ts';

/** What is missing and what is there too much, as lines; byte for byte. */
export function liveDifferences(expected: readonly OnWire[], received: readonly OnWire[]): string[] {
  const surplus = received.map(text);
  const missing = expected.map(text).filter((line) => {
    const place = surplus.indexOf(line);
    surplus.splice(place, place < 0 ? 0 : 1);
    return place < 0;
  });
  return [...missing.map((line) => `missing on ${line}`), ...surplus.map((line) => `not expected on ${line}`)];
}

function text({ ifindex, bytes }: OnWire): string {
  return `interface ${ifindex}: ${Buffer.from(bytes).toString('hex')}`;
}
