import type { HealthRules } from '../../model/health-types.ts';
import type { Device, Model } from '../../model/types.ts';
import { type RulesOf, rulesOf, type WatchRules } from '../../model/watch.ts';
import type { Word, WordBook } from '../../plan/words.ts';
import { deviceSpec, GUARD, measureSpec, poolSpec, slownessOf } from '../../terms/health/defaults.ts';
import type { DeviceSpec, HealthSpec, MeasureSpec, PoolSpec, ProbeSpec } from '../../terms/health/spec.ts';
import { usageOf } from './added-up.ts';
import { modeProbes } from './modes.ts';
import { type Asked, applicationsOf, probesOf } from './probes.ts';
import { applicationIn, type Usage, type Uses } from './usage.ts';

/**
 * What is watched, and how, according to the definitions: everything left out is filled in (docs/definitions.md,
 * "health"). `health: off` for the whole file: no devices are watched, so no pool ever moves.
 */
export function deriveHealth(model: Model): HealthSpec {
  const { book, usage } = usageOf(model);
  const rules = rulesOf(model);
  const devices = model.health?.off === true ? [] : watchedDevices(model, usage, rules);
  const pools = [...wordSpecs(model, usage, book), ...directSpecs(model, usage, devices)];
  return { devices, pools, guard: GUARD };
}

function watchedDevices(model: Model, usage: Usage, rules: RulesOf): DeviceSpec[] {
  return [...model.devices.values()].flatMap((device) => {
    const said = rules(device);
    if (said === 'off') return [];
    const uses = said.groups.map(({ targets }) => targets.map((target) => usage.usesOf(target)));
    const targets = said.groups.flatMap((group) => group.targets);
    const families = ([4, 6] as const).filter((family) =>
      targets.some((target) => usage.familiesOf(target).includes(family)),
    );
    return [watchedDevice(model, device, said, { uses, families })];
  });
}

/** What services ask of a device. */
interface Used {
  /** Of each group of rules. */
  readonly uses: readonly (readonly Uses[])[];
  /** The versions of IP. */
  readonly families: readonly (4 | 6)[];
}

interface Derived extends Pick<Model, 'interfaces' | 'health'>, Used {
  readonly rules: WatchRules;
  readonly spec: DeviceSpec;
}

/** Most devices are the same after a change of a service. */
const derived = new WeakMap<Device, Derived>();

function watchedDevice(model: Model, device: Device, rules: WatchRules, { uses, families }: Used): DeviceSpec {
  const { interfaces, health } = model;
  const known = derived.get(device);
  const isSame =
    known?.rules === rules &&
    known.interfaces === interfaces &&
    known.health === health &&
    known.families.length === families.length &&
    known.families[0] === families[0] &&
    isSameUses(known.uses, uses);
  if (isSame) return known.spec;
  const groups = rules.groups.map(({ targets, rules: own }, i): Group => {
    const asked = probesOf({ device, rules: own, file: health, applications: applicationsOf(uses[i]!), families });
    return { pool: targets.at(-1)!, rules: own, asked };
  });
  const trials = modeProbes(device, applicationsOf(uses.flat()), rules.groups[0]!.rules, health);
  const spec = specOf(model, device, rules, unlike(groups), trials);
  derived.set(device, { interfaces, ...(health === undefined ? {} : { health }), rules, uses, families, spec });
  return spec;
}

/** What some rules come to. */
interface Group {
  /** The last of the names where they count. */
  readonly pool: string;
  readonly rules: HealthRules;
  readonly asked: readonly Asked[];
}

/** What several pools ask alike is asked once; what they ask under one name and not alike has the pool's name, too. */
function unlike(groups: readonly Group[]): readonly Group[] {
  const names = new Map<string, Asked>();
  return groups.map((group) => ({
    ...group,
    asked: group.asked.flatMap((each) => {
      const other = names.get(each.spec.name);
      if (other === undefined) {
        names.set(each.spec.name, each);
        return [each];
      }
      if (isDeepEqual(other.spec.question, each.spec.question) && other.spec.application === each.spec.application)
        return [];
      const name = `${each.spec.name} (${group.pool})`;
      return [{ ...each, spec: { ...each.spec, name } }];
    }),
  }));
}

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function isSameUses(some: readonly (readonly Uses[])[], others: readonly (readonly Uses[])[]): boolean {
  return (
    some.length === others.length &&
    some.every((each, i) => each.length === others[i]!.length && each.every((uses, k) => uses === others[i]![k]))
  );
}

/** @param trials probes that are nothing but looked at. */
function specOf(
  model: Model,
  device: Device,
  rules: WatchRules,
  groups: readonly Group[],
  trials: readonly ProbeSpec[],
): DeviceSpec {
  const { need, comesBack, flaps, alarm, drain } = rules;
  const probes = groups.flatMap(({ asked }) => asked.map(({ spec }) => spec));
  const defaults = deviceSpec(device.name, device.kind);
  return {
    ...defaults,
    shares: nicsOf(model, device),
    probes: [...probes, ...trials],
    measures: [...probes.map(slownessOf), ...groups.flatMap((group) => limitsOf(group.rules, group.asked))],
    need: need ?? defaults.need,
    comesBack: comesBack ?? defaults.comesBack,
    flaps: { ...defaults.flaps, ...flaps },
    alarm: { ...defaults.alarm, ...alarm },
    drain: drain ?? defaults.drain,
  };
}

/** Thresholds of latency and loss belong to the probe they are measured by, and to its application. */
function limitsOf({ limits }: HealthRules, asked: readonly Asked[]): MeasureSpec[] {
  return limits.flatMap(({ of, for: application, ...given }) => {
    if (given.measure !== 'latency' && given.measure !== 'loss') {
      return [measureSpec(application === undefined || application === 'device' ? given : { ...given, application })];
    }
    const probes = asked.filter(({ rule, spec }) => of === undefined || of === rule || of === spec.name);
    return probes.map(({ spec: { name, application: own } }) =>
      measureSpec({ ...given, of: name, ...(own === undefined ? {} : { application: own }) }),
    );
  });
}

/** Devices with the same NICs can fail together by a fault that is no device's. */
function nicsOf({ interfaces }: Model, { outside, inside }: Device): string {
  const nics = new Set([outside, inside].map((leg) => interfaces.get(leg.interface)?.nic ?? leg.interface));
  return [...nics].sort().join(' ');
}

/** Words that services use; a pool that none uses has its plain one. */
function wordSpecs({ pools }: Model, usage: Usage, book: WordBook): PoolSpec[] {
  const words = usage.words();
  const used = new Set(words.map(({ definition }) => definition));
  const idle = [...pools.keys()].filter((name) => !used.has(name)).map((name) => book.plain(name));
  const specs = new Map([...words, ...idle.flatMap(withNext)].map((word) => [word.name, word]));
  return [...specs.values()].map(({ name, definition, application, members, allDown }) => {
    const pool = pools.get(definition);
    return poolSpec(name, members, {
      pool: definition,
      ...(application === undefined ? {} : { application }),
      ...(pool === undefined ? {} : { active: pool.active, failBack: pool.failBack ?? false }),
      allDown,
    });
  });
}

function withNext(word: Word): Word[] {
  return word.next === undefined ? [word] : [word, ...withNext(word.next)];
}

/** Devices that steps name by their legs: pools of one that never move, so that it is told when nothing gets through. */
function directSpecs({ pools }: Model, usage: Usage, devices: readonly DeviceSpec[]): PoolSpec[] {
  const watched = new Map(devices.map((device) => [device.name, device]));
  return [...usage.targets()].flatMap((target) => {
    const device = pools.has(target) ? undefined : watched.get(target);
    if (device === undefined) return [];
    const judged = new Set([...device.probes, ...device.measures].map(({ application }) => application));
    const used = [...usage.usesOf(target).keys()].map(applicationIn).map((each) => (judged.has(each) ? each : ''));
    return [...new Set(used)].map((application) =>
      application === ''
        ? poolSpec(target, [target])
        : poolSpec(`${target} ${application}`, [target], { pool: target, application }),
    );
  });
}
