import type { Path, Report } from '../problem.ts';
import type { RawPool } from '../schema/schema.ts';
import { didYouMean } from '../suggest.ts';
import type { Device, Pool } from '../types.ts';
import { readRules } from './health.ts';

type Devices = ReadonlyMap<string, Device>;

/** Pools with their defaults; those with unknown members are left out. */
export function readPools(raw: Readonly<Record<string, RawPool>>, devices: Devices, report: Report): Map<string, Pool> {
  const pools = new Map<string, Pool>();
  for (const [name, each] of Object.entries(raw)) {
    const path = ['pools', name];
    if (each.use === 'spread') {
      const message = `pool ${name}: use spread is not supported yet`;
      report({
        path: [...path, 'use'],
        message,
        hint: 'write use: primary, or give the devices services of their own',
      });
    }
    if (each.active !== undefined && !each.members.includes(each.active)) {
      const message = `pool ${name} has the active member ${each.active}, which is none of its members`;
      report({ path: [...path, 'active'], message, hint: didYouMean(each.active, each.members) });
    }
    const known = checkMembers(`pool ${name}`, each.members, (i) => [...path, 'members', i], devices, report);
    if (known) pools.set(name, { ...poolOf(name, each.members, each.active), ...readHealth(each) });
  }
  return pools;
}

function readHealth({ fail_back, all_down, health }: RawPool): Pick<Pool, 'failBack' | 'allDown' | 'health'> {
  return {
    ...(fail_back === undefined ? {} : { failBack: fail_back }),
    ...(all_down === undefined ? {} : { allDown: all_down }),
    ...(health === undefined ? {} : { health: readRules(health) }),
  };
}

/** A pool in which the first member works until somebody says otherwise. */
export function poolOf(name: string, members: readonly string[], active = members[0]!): Pool {
  return { name, members, use: 'primary', active };
}

/** Whether all members are devices; reports those that are none, that come twice, or that are not like the first. */
export function checkMembers(
  who: string,
  members: readonly string[],
  pathOf: (index: number) => Path,
  devices: Devices,
  report: Report,
): boolean {
  const seen = new Set<string>();
  let known = true;
  // One whose mode is not known yet says nothing of what the others must be.
  const like = members.find((member) => devices.get(member)?.auto !== 'sought') ?? members[0]!;
  for (const [i, member] of members.entries()) {
    const path = pathOf(i);
    const device = devices.get(member);
    if (device === undefined) {
      known = false;
      report({
        path,
        message: `${who} has the member ${member}, which is no device`,
        hint: didYouMean(member, [...devices.keys()]),
      });
      continue;
    }
    if (seen.has(member)) report({ path, message: `${who} has the member ${member} twice`, hint: 'name it once' });
    seen.add(member);
    const first = devices.get(like);
    const difference = first === undefined ? undefined : differenceOf(first, device);
    if (difference === undefined) continue;
    const message = `${who} mixes ${like} (${difference[0]}) and ${member} (${difference[1]})`;
    report({
      path,
      message,
      hint: 'put only devices of one kind, mode, way of forwarding and number of legs into a pool',
    });
  }
  return known;
}

/** What keeps two devices out of one pool: the word for each. */
export function differenceOf(a: Device, b: Device): readonly [string, string] | undefined {
  if (a.kind !== b.kind) return [a.kind, b.kind];
  const isOpen = a.auto === 'sought' || b.auto === 'sought';
  if (a.mode !== b.mode && !isOpen) return [a.mode ?? 'no mode', b.mode ?? 'no mode'];
  if (a.forwards !== b.forwards) return [`forwards: ${a.forwards}`, `forwards: ${b.forwards}`];
  if (a.oneLegged !== b.oneLegged) return a.oneLegged ? ['one leg', 'two legs'] : ['two legs', 'one leg'];
  return undefined;
}
