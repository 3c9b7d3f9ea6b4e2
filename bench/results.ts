/** What a benchmark run writes; see docs/benchmarks.md, which is made from it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import type { Spread } from '../test/timed/failover/figures.ts';

interface Circumstances {
  /** Percent of all CPU time that the host gave to other machines meanwhile. */
  readonly stolen?: number;
}

/** Something that was measured a few times. */
export interface Measured extends Circumstances {
  readonly name: string;
  readonly unit: 'Mpps' | 's' | '%';
  readonly runs: readonly number[];
  readonly median: number;
  /** The longest run, where each of them has to keep what was promised. */
  readonly worst?: number;
  /** Median of the bare redirect, measured in turn with the case. */
  readonly ceiling?: number;
  /** Median of the pairwise ratios. */
  readonly ratio?: number;
  /** The least (ratio) or most (unit) that was promised. */
  readonly promised?: number;
}

/** Something that was tried often, since its worst counts. */
export interface Tried extends Spread, Circumstances {
  readonly name: string;
  readonly unit: 'ms';
  readonly trials: number;
  /** Trials beside those in which the host took CPU time, and what p99 is with them. */
  readonly disturbed?: { readonly trials: number; readonly p99: number };
  /** Frames lost in a trial; `each`: in the order of the trials. */
  readonly lost?: { readonly p50: number; readonly max: number; readonly each: readonly number[] };
  /** The most that p99 may be. */
  readonly promised?: number;
}

export type Case = Measured | Tried;

/** What one run finds out: the cases it is known by, and how. */
export interface Measure {
  readonly names: readonly string[];
  readonly run: () => Promise<readonly Case[]>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits));

function machine(): object {
  return {
    cpus: os.cpus().length,
    model: os.cpus()[0]?.model.trim(),
    kernel: os.release(),
    node: process.version,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    date: new Date().toISOString().slice(0, 10),
  };
}

export function writeResults(path: string, cases: readonly Case[]): void {
  mkdirSync('bench', { recursive: true });
  writeFileSync(path, `${JSON.stringify({ machine: machine(), cases }, null, 1)}\n`);
}

export function readResults(path: string): { machine: Record<string, unknown>; cases: Case[] } {
  return JSON.parse(readFileSync(path, 'utf8')) as { machine: Record<string, unknown>; cases: Case[] };
}

/** One line of the table that a run prints. */
export function row(result: Case): string {
  return 'trials' in result ? triedRow(result) : measuredRow(result);
}

const taken = ({ stolen }: Circumstances): string => (stolen === undefined ? '' : `; ${stolen} %`);

function triedRow(result: Tried): string {
  const { name, unit, trials, p50, p99, max, lost, disturbed, promised } = result;
  const others = disturbed?.trials ? `; with ${disturbed.trials} disturbed p99 ${disturbed.p99}` : '';
  const frames = lost === undefined ? '' : `; lost p50 ${lost.p50}, max ${lost.max}`;
  const target = promised === undefined ? '' : `  p99 <= ${promised}`;
  return `${name.padEnd(38)} p50 ${p50}, p99 ${p99}, max ${max} ${unit} of ${trials}${frames}${others}${target}${taken(result)}`;
}

function measuredRow(result: Measured): string {
  const { name, unit, median: middle, worst, ceiling, ratio, promised } = result;
  const cells = [
    name.padEnd(32),
    `${middle.toFixed(2)} ${unit}`.padStart(12),
    (ceiling === undefined ? '' : ceiling.toFixed(2)).padStart(9),
    (ratio === undefined ? '' : ratio.toFixed(2)).padStart(7),
    worst === undefined ? '' : `  worst ${worst}`,
    promised === undefined ? '' : `  ${ratio === undefined ? '<=' : '>='} ${promised}`,
    taken(result),
  ];
  return cells.join('');
}
