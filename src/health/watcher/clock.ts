/** Nanoseconds of CLOCK_MONOTONIC, which the kernel stamps probes with, at the zero of performance.now(), in ms. */
const ZERO = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** A time of the prober (ns of CLOCK_MONOTONIC) as milliseconds of performance.now(). */
export const fromKernel = (nanoseconds: number): number => nanoseconds / 1e6 - ZERO;
