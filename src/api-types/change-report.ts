import type { Difference } from '../terms/difference.ts';

/** A report tells what is different about so many things; of those behind, their names. */
export const DIFFERENCES_TOLD = 200;

/** What a change does or would do. Counts are of table entries. */
export interface ChangeReport {
  readonly dryRun: boolean;
  readonly services: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  };
  readonly other: readonly string[];
  /** What is different about each, the first {@link DIFFERENCES_TOLD} of them. */
  readonly differences: readonly Difference[];
  /** So many more are different. */
  readonly moreDifferences: number;
  readonly steps: { readonly created: number; readonly replaced: number; readonly removed: number };
  /** What it wrote: entries of the fabric, stores that packets can see, system calls on maps. Absent in a dry run. */
  readonly writes?: { readonly fabric: number; readonly stores: number; readonly syscalls: number };
  /** Services that cannot work yet, and why; of a change of some services, those among them. */
  readonly degraded: readonly Degraded[];
  readonly warnings: readonly string[];
  readonly milliseconds: number;
}

export interface Degraded {
  readonly service: string;
  /** `unavailable`: a pool of its sequence has nobody who works. */
  readonly state: 'degraded' | 'unavailable';
  readonly reasons: readonly string[];
}
