/** Where packets go when nobody works: what pools and steps may say of it. */

import { differenceOf } from '../build/pools.ts';
import { farLegName, openerLegName } from '../end-legs.ts';
import type { AllDown } from '../health-types.ts';
import type { Path, Report } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import type { Device, Model, Pool, Service, Step } from '../types.ts';

type Through = Extract<Step, { kind: 'through' }>;
type Fabric = Pick<Model, 'interfaces' | 'devices' | 'pools'>;

/** The pools that `next` leads to from a device or pool, one after the other; ends where a circle closes. */
export function nextPools(allDown: AllDown | undefined, pools: ReadonlyMap<string, Pool>, from: string): Pool[] {
  const found: Pool[] = [];
  for (let policy = allDown; typeof policy === 'object'; ) {
    const pool = pools.get(policy.next);
    if (pool === undefined || pool.name === from || found.includes(pool)) break;
    found.push(pool);
    policy = pool.allDown;
  }
  return found;
}

/** `next` of pools: to another pool of the same kind, and never back. */
export function checkPoolWays({ devices, pools }: Omit<Fabric, 'interfaces'>, report: Report): void {
  const told = new Set<string>();
  for (const { name, members, allDown } of pools.values()) {
    if (typeof allDown !== 'object' || told.has(name)) continue;
    const fault = wrongNext(name, devices.get(members[0]!), allDown.next, { devices, pools });
    if (fault === undefined) continue;
    const path = ['pools', name, 'all_down', 'next'];
    report({ path, message: `pool ${name} ${fault[0]}`, hint: fault[1] });
    // A circle is told once.
    if (leadsTo(name, pools.get(allDown.next), pools)) {
      for (const each of nextPools(allDown, pools, name)) told.add(each.name);
    }
  }
}

/** Why packets of a device or pool cannot go on to a pool, and what to do. */
export function wrongNext(
  from: string,
  first: Device | undefined,
  next: string,
  { devices, pools }: Omit<Fabric, 'interfaces'>,
): readonly [string, string] | undefined {
  const pool = pools.get(next);
  if (pool === undefined) {
    const names = [...pools.keys()].filter((name) => name !== from);
    return [`leads on to ${next}, which is no pool`, didYouMean(next, names)];
  }
  if (leadsTo(from, pool, pools)) {
    return [`leads on to ${next}, and from there back to itself`, 'end in keep, drop or bypass somewhere'];
  }
  const other = devices.get(pool.members[0]!);
  const difference = first === undefined || other === undefined ? undefined : differenceOf(first, other);
  if (difference === undefined) return undefined;
  return [
    `(${difference[0]}) leads on to ${next} (${difference[1]})`,
    'lead on to a pool of the same kind, mode, way of forwarding and number of legs',
  ];
}

function leadsTo(name: string, pool: Pool | undefined, pools: ReadonlyMap<string, Pool>): boolean {
  if (pool === undefined || pool.name === name) return pool !== undefined;
  const last = [pool, ...nextPools(pool.allDown, pools, name)].at(-1)!;
  return typeof last.allDown === 'object' && last.allDown.next === name;
}

type Refuse = (at: Path, message: string, hint: string) => void;

const BYPASS_CURE = 'write all_down: keep, drop or {next: POOL}';

/** What `bypass` leaves out must not be missed: packets come to the next device as they came to this one. */
export function checkBypass(service: Service, fabric: Fabric, refuse: Refuse): void {
  if (!service.sequence.some((step) => step.kind === 'through' && bypasses(step, fabric))) return;
  const steps = service.sequence.flatMap((step, at) => (step.kind === 'through' ? [{ step, at }] : []));
  for (const [place, { step, at }] of steps.entries()) {
    if (!bypasses(step, fabric)) continue;
    const key = step.target.split('+')[0]!;
    const path = ['sequence', at, ...(step.allDown === undefined ? [] : [key, 'all_down'])];
    const what = ` bypasses ${step.target} when nobody works there, `;
    const next = steps[place + 1]?.step;
    const why = changesPackets(step, fabric);
    const kind = firstOf(step, fabric)?.kind;
    if (kind !== 'inline') refuse(path, `${what}and it ends the sequence`, BYPASS_CURE);
    else if (why !== undefined) refuse(path, `${what}and it ${why}`, BYPASS_CURE);
    else if (next?.port !== undefined) {
      refuse(path, `${what}and packets get port ${next.port} for ${next.target} behind it`, BYPASS_CURE);
    } else checkEnds(service, step, place, steps.length, fabric, (message, hint) => refuse(path, what + message, hint));
  }
}

/** A pool word names legs: where the kernel's routes say, there is none. */
function checkEnds(
  service: Service,
  step: Through,
  place: number,
  count: number,
  fabric: Fabric,
  refuse: (message: string, hint: string) => void,
): void {
  const back = service.return?.filter((each) => each.kind === 'through');
  const isFirst = back === undefined ? place === 0 : back.at(-1)?.target === step.target;
  const isLast = service.outward && place === count - 1;
  for (const address of service.addresses) {
    if (isFirst && openerLegName(service, address, fabric) === undefined) {
      refuse(
        `and packets back to ${address}'s clients go where the kernel's routes say`,
        'give the one interface of from: a gateway of this family, or name exit: an interface with one',
      );
      return;
    }
    if (isLast && farLegName(service, address, fabric) === undefined) {
      refuse(
        "and behind it packets go where the kernel's routes say",
        'end the sequence in a gateway, or in an interface with one',
      );
      return;
    }
  }
}

function bypasses({ target, isPool, allDown }: Through, { pools }: Fabric): boolean {
  const policy = allDown ?? (isPool ? pools.get(target)?.allDown : undefined);
  if (typeof policy !== 'object') return policy === 'bypass';
  return nextPools(policy, pools, target).at(-1)?.allDown === 'bypass';
}

function changesPackets(step: Through, fabric: Fabric): string | undefined {
  if (step.reveals !== undefined) return 'reveals other packets';
  if (step.translatesSource !== undefined) return 'translates their source';
  return firstOf(step, fabric)?.mode === undefined ? undefined : 'ends a tunnel';
}

function firstOf({ target, isPool }: Through, { devices, pools }: Fabric): Device | undefined {
  return devices.get(isPool ? (pools.get(target)?.members[0] ?? '') : target);
}
