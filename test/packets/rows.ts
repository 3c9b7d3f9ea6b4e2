/** Rows of packet tests: a frame in, the verdict and every byte out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Trace } from '../../src/dataplane/codec/layout.ts';
import { dissect } from './dissect.ts';
import { type Outcome, type ReasonName, TestProgram } from './program.ts';
import type { TableRows } from './tables.ts';

export interface PacketRow {
  readonly name: string;
  readonly in: Uint8Array;
  /** Sent before, in the same tables. */
  readonly before?: readonly Uint8Array[];
  readonly reason: ReasonName;
  /** The frame afterwards; left out: as it came. */
  readonly out?: Uint8Array;
  readonly trace?: Partial<Trace>;
  /** Whatever else is to be seen afterwards. */
  readonly check?: (program: TestProgram, outcome: Outcome) => void;
  /** Where the checksums of the frame were wrong before. */
  readonly wrongChecksums?: boolean;
}

function actionOf(reason: ReasonName): Outcome['action'] {
  if (reason === 'FORWARDED' || reason === 'COPIED' || reason.startsWith('ANSWERED')) {
    return 'redirect';
  }
  return reason.startsWith('PASSED') ? 'pass' : 'drop';
}

/** Registers one test a row, all with the same tables, filled anew for each. */
export function testPackets(tables: TableRows, rows: readonly PacketRow[]): void {
  let program: TestProgram;
  beforeAll(() => {
    program = new TestProgram();
  });
  afterAll(() => program.close());
  test.each(rows)('$name', (row) => {
    program.fill(tables);
    for (const frame of row.before ?? []) {
      program.run(frame);
    }
    const outcome = program.run(row.in);
    expect({ action: outcome.action, reason: outcome.reason }).toEqual({
      action: actionOf(row.reason),
      reason: row.reason,
    });
    expect(outcome.trace).toMatchObject(row.trace ?? {});
    const wanted = row.out ?? row.in;
    expect(dissect(outcome.frame)).toEqual(dissect(wanted));
    expect(Buffer.from(outcome.frame).toString('hex')).toBe(Buffer.from(wanted).toString('hex'));
    if (outcome.action === 'redirect') {
      expect(dissect(outcome.frame).checksumsValid).toBe(!row.wrongChecksums);
    }
    expect(program.verdicts(row.reason)).toBeGreaterThan(0n);
    row.check?.(program, outcome);
  });
}
