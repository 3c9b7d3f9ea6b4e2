import { deriveHealth } from '../../health/derive/derive.ts';
import type { WordTarget } from '../../health/machine/event.ts';
import type { Model } from '../../model/types.ts';
import type { PoolTargets } from '../../plan/targets.ts';
import type { Target } from '../../terms/health/target.ts';
import type { State } from '../state/state.ts';
import type { Kept } from './memory-file.ts';

/** Where words are, but for those whose member is none any more in these definitions. */
export function validTargets(words: readonly WordTarget[], { pools }: Model): PoolTargets {
  const targets = new Map<string, Target>();
  for (const { name, pool, target } of words) {
    const members = pools.get(pool)?.members ?? [pool];
    if (!('member' in target) || members.includes(target.member)) targets.set(name, target);
  }
  return targets;
}

/** Where words were when they were remembered; not of pools for which the definitions name another active member since. */
export function targetsIn(
  { memory, actives }: Kept,
  { written, model }: Pick<State, 'written' | 'model'>,
): PoolTargets {
  if (memory.pools.length === 0) return new Map();
  const pools = new Map(deriveHealth(model).pools.map(({ name, pool }) => [name, pool]));
  const words = memory.pools.flatMap(({ name, target }) => {
    const pool = pools.get(name);
    if (pool === undefined) return [];
    const active = written.pools.get(pool)?.active;
    return actives[pool] === undefined || actives[pool] === active ? [{ name, pool, target }] : [];
  });
  return validTargets(words, model);
}
