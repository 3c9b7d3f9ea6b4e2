import { applicationOf, hasPort, passagesOf } from '../applications.ts';
import type { DeviceHealth } from '../health-types.ts';
import type { Path, Report } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import type { Device, Pool, Service } from '../types.ts';

interface Fabric {
  readonly devices: ReadonlyMap<string, Device>;
  readonly pools: ReadonlyMap<string, Pool>;
}

interface Named {
  readonly who: string;
  readonly application: string;
  readonly path: Path;
  /** The devices that are judged by it. */
  readonly devices: readonly string[];
}

/**
 * `for` names an application that some service has at that device: any port of its list or range does. Services are
 * looked through only where it is used at all.
 */
export function checkApplications({ devices, pools }: Fabric, services: Iterable<Service>, report: Report): void {
  const named = [
    ...[...devices.values()].flatMap(({ name, health }) =>
      namedBy(`device ${name}`, health, ['devices', name, 'health'], [name]),
    ),
    ...[...pools.values()].flatMap(({ name, health, members }) =>
      namedBy(`pool ${name}`, health, ['pools', name, 'health'], members),
    ),
  ];
  if (named.length === 0) return;
  const { all, at } = applicationsAt(services);
  for (const { who, application, path, devices: judged } of named) {
    const isIt = (each: string): boolean => hasPort(each, application);
    if (![...all].some(isIt)) {
      const message = `${who} is watched for ${application}, and no service has this application`;
      report({ path, message, hint: didYouMean(application, [...all, 'device']) });
      continue;
    }
    const targets = [...judged, ...[...pools.values()].flatMap((pool) => (isShared(pool, judged) ? pool.name : []))];
    const there = targets.flatMap((target) => [...(at.get(target) ?? [])]);
    if (there.some(isIt)) continue;
    const message = `${who} is watched for ${application}, and no service comes to it with this application`;
    report({ path, message, hint: didYouMean(application, [...there, 'device']) });
  }
}

const isShared = ({ members }: Pool, devices: readonly string[]): boolean =>
  members.some((member) => devices.includes(member));

/** The applications of all services, and those of each device and pool that sequences name. */
function applicationsAt(services: Iterable<Service>): {
  readonly all: ReadonlySet<string>;
  readonly at: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const all = new Set<string>();
  const at = new Map<string, Set<string>>();
  for (const service of services) {
    for (const passage of passagesOf(service)) {
      const application = applicationOf(passage);
      if (application === undefined) continue;
      all.add(application);
      const there = at.get(passage.step.target);
      if (there === undefined) at.set(passage.step.target, new Set([application]));
      else there.add(application);
    }
  }
  return { all, at };
}

function namedBy(who: string, health: DeviceHealth | undefined, path: Path, devices: readonly string[]): Named[] {
  if (health === undefined || health === 'off') return [];
  return (['probes', 'limits'] as const).flatMap((list) =>
    (health[list] ?? []).flatMap(({ for: application }, i) =>
      application === undefined || application === 'device'
        ? []
        : [{ who, application, path: [...path, list, i, 'for'], devices }],
    ),
  );
}
