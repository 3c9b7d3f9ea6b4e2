import { Failure, Missing } from '../../api-types/failure.ts';
import type { PoolView } from '../../api-types/operations.ts';
import type { Model, Pool } from '../../model/types.ts';
import type { Look } from '../../views/health-snapshot.ts';
import type { State } from '../state/state.ts';
import type { Choices } from '../state/store.ts';
import { keptModes, withModes } from './modes.ts';
import { keptReplacements, withReplacements } from './replacements.ts';

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

/** @throws Failure when the pool or the member does not exist. */
export function checkMember(model: Model, name: string, member: string): void {
  const pool = model.pools.get(name);
  if (pool === undefined) throw new Missing(`use ${name}: there is no pool of this name (hopline pool list)`);
  if (!pool.members.includes(member)) {
    throw new Failure('failed', `use ${name}: ${member} is not a member (members: ${pool.members.join(', ')})`);
  }
}

/** A pool as `hopline pool` shows it. @param written the definitions' own. */
export function viewPool({ name, members, active }: Pool, written: Pool | undefined, look: Look): PoolView {
  const words = look.pools.get(name) ?? [];
  const works = words.map(({ target }) => target).find((target) => members.includes(target)) ?? active;
  return {
    name,
    members,
    active: works,
    ...(written !== undefined && written.active !== works && { instead: written.active }),
    available: words.every((word) => word.works),
    words,
    health: members.map((member) => ({ member, health: look.devices.get(member) ?? [] })),
  };
}

/** New definitions with the choices that still count. */
export function chosenFrom(written: Model, choices: Choices): Pick<State, 'written' | 'model' | 'choices'> {
  const pools = keptChoices(choices.pools, written);
  const replacements = keptReplacements(choices.replacements, written);
  const modes = keptModes(choices.modes, written);
  const model = withReplacements(withChoices(withModes(written, modes), pools), replacements);
  const kept = { pools, replacements, modes };
  const same = (Object.keys(kept) as (keyof typeof kept)[]).every(
    (each) => sizeOf(kept[each]) === sizeOf(choices[each]),
  );
  return { written, model, choices: same ? choices : { ...choices, ...kept } };
}

const sizeOf = (choices: object): number => Object.keys(choices).length;
