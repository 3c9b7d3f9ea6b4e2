/** One fail-over: milliseconds from the failure to the first packet through the alternate, and frames that were lost. */
export interface Trial extends Disturbed {
  readonly milliseconds: number;
  readonly lost: number;
  /** Milliseconds that threads of the controller were ready to run and other programs had the CPUs. */
  readonly waited: number;
}

export interface Disturbed {
  /** Milliseconds of CPU time that the host gave to other machines meanwhile, in steps of ten. */
  readonly stolen: number;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Of values in any order. With 100 of them p99 is the second largest. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('spread: there are no values');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! };
}
