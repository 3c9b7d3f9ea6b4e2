import type { Sizes } from '../types.ts';

/** A table is too small for what is asked. The engine grows it, where that is allowed. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
  readonly table: keyof Sizes;
  /** Entries there would have to be. */
  readonly needed: number;
  readonly available: number;

  constructor(table: keyof Sizes, needed: number, available: number, operation = 'publish') {
    super(
      `${operation} ${table}: ${needed} entries are needed, the limit is ${available} (raise the limit of ${table}, or define less)`,
    );
    this.table = table;
    this.needed = needed;
    this.available = available;
  }
}

/** @throws CapacityError where `needed` is more than there is. */
export function checkRoom(table: keyof Sizes, needed: number, available: number): void {
  if (needed > available) throw new CapacityError(table, needed, available);
}
