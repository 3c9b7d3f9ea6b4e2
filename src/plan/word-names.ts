import type { AllDown } from '../model/health-types.ts';
import type { Model } from '../model/types.ts';

/** What a sequence says of one word, before it is known what stands around it. */
export interface Place {
  readonly target: string;
  readonly isPool: boolean;
  readonly application: string | undefined;
  readonly allDown: AllDown;
}

type Pools = Model['pools'];

/** What a pool does when nobody says otherwise. */
export function ownPolicy(target: string, pools: Pools): AllDown {
  return pools.get(target)?.allDown ?? 'keep';
}

/** The place and those `next` leads on to, one after the other. A circle (which `check` refuses) ends where it closes. */
export function linksOf(
  place: Place,
  pools: Pools,
  applicationOf: (target: string, application: string | undefined) => string | undefined,
): Place[] {
  const links = [place];
  for (let last = place; typeof last.allDown === 'object'; ) {
    const target = last.allDown.next;
    if (!pools.has(target) || links.some((link) => link.target === target)) break;
    const application = applicationOf(target, place.application);
    last = { target, isPool: true, application, allDown: ownPolicy(target, pools) };
    links.push(last);
  }
  return links;
}

/** Whether what stands around them matters. */
export function bypasses(links: readonly Place[]): boolean {
  return links.at(-1)!.allDown === 'bypass';
}

/** "firewalls tcp/25 drop". @param around names of the neighbours, where one is bypassed. */
export function wordName([place, ...rest]: readonly Place[], pools: Pools, around?: string): string {
  const { target, allDown } = place!;
  const base = baseName(place!);
  const own = ownPolicy(target, pools);
  if (allDown === 'bypass') return around === undefined ? base : `${base} bypass(${around})`;
  if (typeof allDown !== 'object') {
    const isOwn = allDown === own || (allDown === 'keep' && own === 'bypass');
    return isOwn ? base : `${base} ${allDown}`;
  }
  if (rest.length === 0) return base;
  const next = wordName(rest, pools, around);
  const isOwn = typeof own === 'object' && own.next === allDown.next && next === baseName(rest[0]!);
  return isOwn ? base : `${base} next(${next})`;
}

function baseName({ target, application }: Place): string {
  return application === undefined ? target : `${target} ${application}`;
}
