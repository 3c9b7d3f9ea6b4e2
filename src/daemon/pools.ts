import type { Model, Pool } from '../model/types.ts';
import { Failure, Missing } from './failure.ts';
import type { PoolView } from './operations.ts';
import type { State } from './state.ts';
import type { Choices } from './store.ts';

type PoolChoices = Choices['pools'];

/**
 * Choices that still count under these definitions. A command's choice ends when its pool or member is gone, or when the
 * definitions name another active member than they did when it was made: then the file has the last word.
 */
export function keptChoices(choices: PoolChoices, model: Model): PoolChoices {
  const kept = Object.entries(choices).filter(([name, { member, instead }]) => {
    const pool = model.pools.get(name);
    return pool !== undefined && pool.active === instead && pool.members.includes(member);
  });
  return Object.fromEntries(kept);
}

/** The definitions with the chosen members as the active ones: what is compiled. */
export function withChoices(model: Model, choices: PoolChoices): Model {
  const names = Object.keys(choices);
  if (names.length === 0) return model;
  const pools = new Map(model.pools);
  for (const name of names) {
    const pool = pools.get(name);
    if (pool !== undefined) pools.set(name, { ...pool, active: choices[name]!.member });
  }
  return { ...model, pools };
}

/** The choices after `hopline pool use`. @throws Failure when the pool or the member does not exist. */
export function choose(choices: PoolChoices, model: Model, name: string, member: string): PoolChoices {
  const pool = model.pools.get(name);
  if (pool === undefined) throw new Missing(`use ${name}: there is no pool of this name (hopline pool list)`);
  if (!pool.members.includes(member)) {
    throw new Failure('failed', `use ${name}: ${member} is not a member (members: ${pool.members.join(', ')})`);
  }
  const { [name]: _, ...others } = choices;
  return member === pool.active ? others : { ...others, [name]: { member, instead: pool.active } };
}

/** A pool as `hopline pool` shows it. */
export function viewPool({ name, members, active }: Pool, choices: PoolChoices): PoolView {
  const choice = choices[name];
  return choice === undefined ? { name, members, active } : { name, members, active: choice.member, instead: active };
}

/** New definitions with the choices that still count. */
export function chosenFrom(written: Model, choices: Choices): Pick<State, 'written' | 'model' | 'choices'> {
  const pools = keptChoices(choices.pools, written);
  const same = Object.keys(pools).length === Object.keys(choices.pools).length;
  return { written, model: withChoices(written, pools), choices: same ? choices : { ...choices, pools } };
}
