/**
 * A count of packets or bytes, exact: a number up to 2^53, a bigint beyond (100 Gbit/s are there after 8 days). Text of
 * either is the same digits.
 */
export type Count = number | bigint;

/** A 64-bit value as a count. */
export function countOf(value: bigint): Count {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** A 64-bit value as a count, from its halves. */
export function countOfHalves(low: number, high: number): Count {
  return high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low);
}

/** The exact sum. */
export function plus(a: Count, b: Count): Count {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  return countOf(BigInt(a) + BigInt(b));
}

/** How many more `after` is than `before`: differences are small, whatever the counts. */
export function more(before: Count, after: Count): number {
  if (typeof before === 'number' && typeof after === 'number') return after - before;
  return Number(BigInt(after) - BigInt(before));
}
