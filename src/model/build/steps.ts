import { wrongNext } from '../check/check-ways.ts';
import type { Path, Report } from '../problem.ts';
import type { RawCopy, RawReveals, RawStep, RawStepKeys } from '../schema/schema.ts';
import { didYouMean } from '../suggest.ts';
import type { Reveals, Step } from '../types.ts';
import { a, addressText } from '../words.ts';
import type { Fabric } from './fabric.ts';
import { checkMembers, poolOf } from './pools.ts';
import { portsOf, protocolOf } from './ports.ts';

interface Where {
  readonly service: string;
  readonly fabric: Fabric;
  readonly report: Report;
}

type Through = Extract<Step, { kind: 'through' }>;
type Copy = Extract<Step, { kind: 'copy' }>;

/** Elements of a sequence with their short forms written out. */
export function readSteps(raw: readonly RawStep[], path: Path, where: Where): Step[] {
  const steps: Step[] = [];
  for (const [i, each] of raw.entries()) {
    const known = typeof each === 'string' ? where.fabric.plainSteps.get(each) : undefined;
    const step = known ?? readStep(each, [...path, i], where);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

function readStep(raw: RawStep, path: Path, where: Where): Step | undefined {
  if (typeof raw === 'string') return plainStep(raw, path, where);
  const [name, keys] = Object.entries(raw)[0]! as ['copy', RawCopy] | [string, RawStepKeys | null];
  if (name === 'copy') return readCopy(keys as RawCopy, [...path, 'copy'], where);
  const { port, reveals, translates, alternate, all_down: allDown } = (keys ?? {}) as RawStepKeys;
  const at = [...path, name];
  const step = alternate === undefined ? plainStep(name, at, where) : alternatives(name, [alternate].flat(), at, where);
  if (step === undefined || !checkNext(step, allDown, at, where)) return undefined;
  return {
    ...step,
    ...(port === undefined ? {} : { port }),
    ...(reveals === undefined ? {} : { reveals: readReveals(reveals) }),
    ...(translates === undefined ? {} : { translatesSource: addressText(translates.source) }),
    ...(allDown === undefined ? {} : { allDown }),
  };
}

/** Whether packets can go where the step says. */
function checkNext({ target, isPool }: Through, allDown: RawStepKeys['all_down'], at: Path, where: Where): boolean {
  const { devices, pools } = where.fabric;
  if (typeof allDown !== 'object') return true;
  const first = devices.get(isPool ? pools.get(target)!.members[0]! : target);
  const fault = wrongNext(target, first, allDown.next, { devices, pools });
  if (fault === undefined) return true;
  const message = `service ${where.service}: ${target} ${fault[0]}`;
  where.report({ path: [...at, 'all_down', 'next'], message, hint: fault[1] });
  return false;
}

/** Many services have the same steps: those without anything special are made once. */
function plainStep(name: string, path: Path, { service, fabric, report }: Where): Through | undefined {
  const known = fabric.plainSteps.get(name);
  if (known !== undefined) return known;
  const isPool = fabric.pools.has(name);
  if (!isPool && !fabric.devices.has(name)) {
    const where = fabric.interfaces.has(name) ? 'an interface' : 'neither a device nor a pool';
    const message = `service ${service} leads to ${name}, which is ${where}`;
    const key = path.at(-1) === name;
    report({ path, key, message, hint: didYouMean(name, [...fabric.pools.keys(), ...fabric.devices.keys()]) });
    return undefined;
  }
  const step: Through = { kind: 'through', target: name, isPool };
  fabric.plainSteps.set(name, step);
  return step;
}

/** `fw1: {alternate: fw3}` is the pool "fw1+fw3", which no name in the file can clash with. */
function alternatives(name: string, alternates: readonly string[], path: Path, where: Where): Through | undefined {
  const { service, fabric, report } = where;
  if (fabric.pools.has(name)) {
    const message = `service ${service}: ${name} is a pool and has an alternate in a step`;
    report({
      path: [...path, 'alternate'],
      key: true,
      message,
      hint: `add the alternate to the members of pool ${name}`,
    });
    return undefined;
  }
  const members = [name, ...alternates];
  const pool = members.join('+');
  if (!fabric.pools.has(pool)) {
    const pathOf = (i: number) => (i === 0 ? path : [...path, 'alternate', ...(alternates.length > 1 ? [i - 1] : [])]);
    if (!checkMembers(`service ${service}: ${name} with its alternates`, members, pathOf, fabric.devices, report))
      return undefined;
    fabric.pools.set(pool, poolOf(pool, members));
  }
  return { kind: 'through', target: pool, isPool: true };
}

function readReveals({ address, protocol, port }: RawReveals): Reveals {
  return {
    ...(address === undefined ? {} : { address: addressText(address) }),
    ...(protocol === undefined ? {} : { protocol: protocolOf(protocol) }),
    ...(port === undefined ? {} : { ports: portsOf(port) }),
  };
}

function readCopy(raw: RawCopy, path: Path, { service, fabric, report }: Where): Copy | undefined {
  const long = typeof raw === 'object' && !Array.isArray(raw);
  const to = long ? [raw.to].flat() : [raw].flat();
  let faults = 0;
  for (const [i, name] of to.entries()) {
    const device = fabric.devices.get(name);
    if (device?.kind === 'tap') continue;
    const taps = [...fabric.devices.values()].filter(({ kind }) => kind === 'tap').map((tap) => tap.name);
    const what = device === undefined ? 'which is no device' : `which is ${a(device.kind)}, not a tap`;
    const list = long ? raw.to : raw;
    const at = [...path, ...(long ? ['to'] : []), ...(Array.isArray(list) ? [i] : [])];
    const hint =
      device === undefined ? didYouMean(name, taps) : `copy to a tap, or make ${name} kind: tap, or a step of its own`;
    report({ path: at, message: `service ${service} copies to ${name}, ${what}`, hint });
    faults++;
  }
  if (to.length === 0) {
    report({ path, message: `service ${service} copies to nobody`, hint: 'name a tap: copy: [ids1]' });
    faults++;
  }
  return faults > 0 ? undefined : { kind: 'copy', to, answers: (long ? raw.answers : undefined) ?? 'server' };
}
