/** Ranks of src/plan/diff.ts, each below this. */
const RANKS = 1024;

/** Places (or slots) by rank, lowest first; those of one rank stay in their order. A counting sort: there may be a million. */
export function byRank(places: ArrayLike<number>, rank: (place: number) => number): Uint32Array {
  const starts = new Uint32Array(RANKS + 1);
  for (let i = 0; i < places.length; i++) starts[rank(places[i]!) + 1]!++;
  for (let r = 0; r < RANKS; r++) starts[r + 1]! += starts[r]!;
  const order = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) order[starts[rank(places[i]!)]!++] = places[i]!;
  return order;
}
