/** `pools` and `addresses`: tables whose entries are one word, or written before anything uses them. */

import type { PoolPlan, RewritePlan } from '../../plan/types.ts';
import { formatAddress } from '../../terms/address.ts';
import { addressBytes, words64 } from '../codec/bytes.ts';
import { checkRoom } from './capacity.ts';
import { type Tally, tallyStores } from './tally.ts';

/** The `pools` table: one 64-bit word each, which names the legs of the member that works. */
export class PoolTable {
  readonly #words: BigUint64Array;

  constructor(memory: ArrayBuffer, entries: number) {
    this.#words = new BigUint64Array(memory, 0, entries);
  }

  check(pools: readonly PoolPlan[]): void {
    for (const { pool } of pools) checkRoom('pools', pool, this.#words.length - 1);
  }

  get(pool: number): { outside: number; inside: number } {
    const word = Atomics.load(this.#words, pool);
    return { outside: Number(word & 0xffff_ffffn), inside: Number(word >> 32n) };
  }

  /** One store, whatever uses the pool. @throws RangeError where there is no such pool. */
  set(pool: number, outside: number, inside: number): void {
    if (pool < 1 || pool >= this.#words.length) {
      throw new RangeError(`set pool ${pool}: pools have the numbers 1 to ${this.#words.length - 1}`);
    }
    Atomics.store(this.#words, pool, (BigInt(inside) << 32n) | BigInt(outside));
  }

  /** New pools get their member; those that have one keep it. */
  add(pools: readonly PoolPlan[], tally: Tally): void {
    this.turn(
      pools.filter(({ pool }) => this.#words[pool] === 0n),
      tally,
    );
  }

  /** Every pool has the member asked for. */
  turn(pools: readonly PoolPlan[], tally: Tally): void {
    for (const { pool, outside, inside } of pools) {
      const now = this.get(pool);
      if (now.outside === outside && now.inside === inside) continue;
      this.set(pool, outside, inside);
      tallyStores(tally, 1);
    }
  }

  narrow(pools: readonly PoolPlan[], tally: Tally): void {
    const wanted = new Set(pools.map(({ pool }) => pool));
    for (let pool = 1; pool < this.#words.length; pool++) {
      if (this.#words[pool] === 0n || wanted.has(pool)) continue;
      Atomics.store(this.#words, pool, 0n);
      tallyStores(tally, 1);
    }
  }

  /** How many have a member though nobody needs them. */
  unneeded(pools: readonly PoolPlan[]): number {
    const wanted = new Set(pools.map(({ pool }) => pool));
    return this.#words.reduce((found, word, pool) => found + (word === 0n || wanted.has(pool) ? 0 : 1), 0);
  }

  get used(): number {
    return this.#words.reduce((used, word) => used + (word === 0n ? 0 : 1), 0);
  }
}

/** The `addresses` table: what packets are rewritten to. A number has one address as long as steps name it. */
export class AddressTable {
  readonly #words: BigUint64Array;

  constructor(memory: ArrayBuffer, entries: number) {
    this.#words = new BigUint64Array(memory, 0, 2 * entries);
  }

  check(rewrites: readonly RewritePlan[]): void {
    for (const { rewrite } of rewrites) checkRoom('addresses', rewrite, this.#words.length / 2 - 1);
  }

  widen(rewrites: readonly RewritePlan[], tally: Tally): void {
    for (const { rewrite, address } of rewrites) {
      const image = words64(addressBytes(address));
      if (this.#words[2 * rewrite] === image[0] && this.#words[2 * rewrite + 1] === image[1]) continue;
      this.#words.set(image, 2 * rewrite);
      tallyStores(tally, 2);
    }
  }

  narrow(rewrites: readonly RewritePlan[], tally: Tally): void {
    const wanted = new Set(rewrites.map(({ rewrite }) => rewrite));
    for (const { rewrite } of this.read()) {
      if (wanted.has(rewrite)) continue;
      this.#words.fill(0n, 2 * rewrite, 2 * rewrite + 2);
      tallyStores(tally, 2);
    }
  }

  /** How many are there though nobody needs them. */
  unneeded(rewrites: readonly RewritePlan[]): number {
    const wanted = new Set(rewrites.map(({ rewrite }) => rewrite));
    let found = 0;
    for (let at = 1; at < this.#words.length / 2; at++) {
      const isEmpty = this.#words[2 * at] === 0n && this.#words[2 * at + 1] === 0n;
      if (!isEmpty && !wanted.has(at)) found++;
    }
    return found;
  }

  /** Every address in use, with its number. */
  read(): RewritePlan[] {
    const found: RewritePlan[] = [];
    const halves = new Uint32Array(this.#words.buffer, 0, this.#words.length * 2);
    for (let rewrite = 1; rewrite < this.#words.length / 2; rewrite++) {
      if (this.#words[2 * rewrite] === 0n && this.#words[2 * rewrite + 1] === 0n) continue;
      found.push({ rewrite, address: formatAddress(halves, 4 * rewrite) });
    }
    return found;
  }
}
