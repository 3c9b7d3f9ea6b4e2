import type { Fabric, Steps } from '../../plan/types.ts';
import { Limit } from '../../terms/constants.ts';
import type { Sizes } from '../types.ts';
import { CapacityError } from './capacity.ts';
import { powerOfTwo, stepBuckets } from './step-table.ts';

/**
 * What an engine begins with: some megabytes on two CPUs. Steps that lie close together are in the CPU's caches: 1,000
 * services in tables for 65,535 steps are forwarded 4 % more slowly.
 */
export const DEFAULT_SIZES: Sizes = {
  slots: 16_383,
  legs: 4_095,
  pools: 4_095,
  addresses: 16_383,
  origins: 4_096,
  groups: 1_024,
  copies: 4_096,
  ranges: 16_384,
  names: 65_536,
  totals: 65_536,
  probes: 1_023,
};

/** Buckets of two: one in eight is used, so that both choices being full is next to impossible. */
const ORIGIN_SPACE = 8;

/** Entries of each sized map on a machine with so many CPUs; number 0 of most is nobody's. */
export function mapSizes(sizes: Sizes, cpus: number): Record<string, number> {
  return {
    slots: cpus * (sizes.slots + 1),
    steps: stepBuckets(sizes.slots),
    legs: cpus * (sizes.legs + 1),
    pools: sizes.pools + 1,
    addresses: sizes.addresses + 1,
    origins: powerOfTwo(sizes.origins * ORIGIN_SPACE),
    verdicts: cpus * Limit.MAX_INTERFACES * Limit.MAX_REASONS,
    groups: sizes.groups,
    copies: sizes.copies,
    ranges: sizes.ranges,
    names: sizes.names,
    totals: sizes.totals,
    probes: sizes.probes + 1,
  };
}

/** So much more than is needed now: replacing takes room beside what is replaced. */
const HEADROOM = 1.25;

/** The sizes that maps found in the kernel were made for. */
export function sizesOf(entries: (map: string) => number, cpus: number): Sizes {
  return {
    slots: entries('slots') / cpus - 1,
    legs: entries('legs') / cpus - 1,
    pools: entries('pools') - 1,
    addresses: entries('addresses') - 1,
    origins: entries('origins') / ORIGIN_SPACE,
    groups: entries('groups'),
    copies: entries('copies'),
    ranges: entries('ranges'),
    names: entries('names'),
    totals: entries('totals'),
    probes: entries('probes') - 1,
  };
}

/**
 * Sizes in which `error`'s demand has room, at least twice what there was, and everything else that is foreseen.
 * @throws CapacityError where a limit forbids that.
 */
export function grownSizes(
  sizes: Sizes,
  error: CapacityError,
  limits: Partial<Sizes>,
  foreseen: Partial<Sizes> = {},
): Sizes {
  const limit = limits[error.table] ?? Number.POSITIVE_INFINITY;
  if (error.needed > limit || sizes[error.table] >= limit) {
    throw new CapacityError(error.table, error.needed, Math.max(limit, sizes[error.table]));
  }
  const grown: { -readonly [K in keyof Sizes]: number } = { ...sizes };
  for (const name of Object.keys(foreseen) as (keyof Sizes)[]) {
    const needed = foreseen[name]!;
    if (needed > sizes[name]) grown[name] = Math.min(withHeadroom(needed), limits[name] ?? withHeadroom(needed));
  }
  const wanted = Math.max(withHeadroom(error.needed), 2 * (sizes[error.table] + 1) - 1, grown[error.table]);
  return { ...grown, [error.table]: Math.min(wanted, limit) };
}

const withHeadroom = (needed: number): number => Math.ceil(needed * HEADROOM);

/** What tables that hold exactly this would need, as far as it is seen at a glance. */
export function foresee(fabric: Fabric, steps: Steps): Partial<Sizes> {
  return {
    slots: steps.count,
    names: fabric.names.length,
    legs: fabric.legs.length,
    pools: fabric.pools.length,
    addresses: fabric.rewrites.length,
  };
}

/** Sizes to begin with: what was asked for, else the default, never above the limits. */
export function firstSizes(sizes: Partial<Sizes>, limits: Partial<Sizes>): Sizes {
  const chosen = { ...DEFAULT_SIZES, ...sizes };
  const names = Object.keys(chosen) as (keyof Sizes)[];
  return Object.fromEntries(
    names.map((name) => [name, Math.min(chosen[name], limits[name] ?? chosen[name])]),
  ) as unknown as Sizes;
}
