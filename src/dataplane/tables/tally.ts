/** Counts what a change did to the tables of the fabric. */
export interface Tally {
  /** Entries written or removed. */
  fabric: number;
  /** Stores into mapped tables. */
  stores: number;
  syscalls: number;
}

export const emptyTally = (): Tally => ({ fabric: 0, stores: 0, syscalls: 0 });

/** One entry, so many stores. */
export function tallyStores(tally: Tally, stores: number): void {
  tally.fabric++;
  tally.stores += stores;
}

/** So many entries, by as many system calls or fewer. */
export function tallyCalls(tally: Tally, entries: number, calls = entries): void {
  tally.fabric += entries;
  tally.syscalls += calls;
}
