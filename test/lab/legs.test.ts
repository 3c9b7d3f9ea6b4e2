import { describe, expect, test } from 'vitest';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { type CapturedFrame, captured } from './capture.ts';
import { legProblems } from './legs.ts';

const W1 = '198.51.100.10';
const S1 = '10.0.3.11';
const U1 = '203.0.113.7';
const names = {
  W1,
  S1,
  U1,
  P1: 443,
  T1: 8443,
  R_M: '02:00:00:00:02:01',
  S1_M: '02:00:00:00:03:01',
  E0_M: '02:00:00:00:ee:00',
  E1_M: '02:00:00:00:ee:01',
};

const TABLE = `
| # | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|---|---|---|---|---|---|---|
| 1 | i0 | –  | U1 | W1 | d P1 | R_M | E0_M |
| 2 | –  | i1 | =  | S1 | d T1 | –   | S1_M |`;

interface Shape {
  from?: string;
  to?: string;
  destination?: string;
  port?: number;
  ttl?: number;
  payload?: number;
  broken?: boolean;
}

function frame(leg: 'i0' | 'i1', way: 'in' | 'out', shape: Shape = {}): CapturedFrame {
  const arrives = leg === 'i0';
  const bytes = ethernet(
    { from: shape.from ?? (arrives ? names.R_M : names.E1_M), to: shape.to ?? (arrives ? names.E0_M : names.S1_M) },
    ipv4(
      { source: U1, destination: shape.destination ?? (arrives ? W1 : S1), ttl: shape.ttl ?? 64 },
      tcp({ source: 40_000, destination: shape.port ?? (arrives ? 443 : 8443) }, new Uint8Array(shape.payload ?? 4)),
    ),
  );
  if (shape.broken) {
    bytes.fill(0xee, -1);
  }
  return captured({ tap: arrives ? 0 : 1, left: way === 'in', unfinished: false, time: 0n, bytes }, ['i0', 'i1']);
}

const came = frame('i0', 'in');
const went = frame('i1', 'out');

describe('legs are held against a table', () => {
  test.for<[string, CapturedFrame[], RegExp[]]>([
    ['what the table says fits', [came, went, came, went], []],
    ['padding behind a packet is no difference', [{ ...came, bytes: Uint8Array.of(...came.bytes, 0, 0) }, went], []],
    ['a frame that did not go out is missed', [came, went, came], [/2 frames came in by row 1, 1 went out by row 2/]],
    ['a frame sent twice is noticed', [came, went, went], [/1 frames came in by row 1, 2 went out/]],
    [
      'an address that was not rewritten has no row',
      [came, frame('i1', 'out', { destination: W1 })],
      [/no row for i1 out/, /no frame for row .* 2/, /1 frames came in/],
    ],
    [
      'a port that was not rewritten has no row',
      [came, frame('i1', 'out', { port: 443 })],
      [/no row for i1 out/, /no frame/, /came in/],
    ],
    [
      "the source MAC must be the engine's own",
      [came, frame('i1', 'out', { from: names.R_M })],
      [/no row for i1 out/, /no frame/, /came in/],
    ],
    [
      "the destination MAC must be the device's",
      [came, frame('i1', 'out', { to: names.R_M })],
      [/no row for i1 out/, /no frame/, /came in/],
    ],
    [
      'a TTL that was lowered is a difference',
      [came, frame('i1', 'out', { ttl: 63 })],
      [/row 2 differs from row 1 at byte 8 /],
    ],
    [
      'a byte of the payload that changed is a difference',
      [came, frame('i1', 'out', { broken: true })],
      [/checksum of/, /differs from row 1 at byte 43 /],
    ],
    ['a packet cut off is a difference', [came, frame('i1', 'out', { payload: 2 })], [/differs from row 1/]],
    ['a frame the other way has no row', [came, went, frame('i1', 'in')], [/no row for i1 in/]],
    ['nothing at all is missed', [], [/no frame for row .* 1/, /no frame for row .* 2/]],
  ])('%s', ([, frames, expected]) => {
    const problems = legProblems(frames, TABLE, names);
    expect(problems).toHaveLength(expected.length);
    for (const [place, pattern] of expected.entries()) {
      expect(problems[place]).toMatch(pattern);
    }
  });

  test.for([
    ['a name nobody defined', TABLE.replace('| U1', '| U9'), /"U9" in column "src IP"/],
    ['a port without its side', TABLE.replace('d P1', 'P1'), /"P1" in column "port"/],
    ['a row that goes out for nothing', TABLE.replace('| 1 | i0 | –  ', '| 1 | – | i0 '), /nothing came in before/],
  ] as const)('a table with %s is refused', ([, table, message]) => {
    expect(() => legProblems([], table, names)).toThrow(message);
  });
});
