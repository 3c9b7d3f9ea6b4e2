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
}

/** `for` names an application that some service has. Services are looked through only where it is used at all. */
export function checkApplications({ devices, pools }: Fabric, services: Iterable<Service>, report: Report): void {
  const named = [
    ...[...devices.values()].flatMap(({ name, health }) =>
      namedBy(`device ${name}`, health, ['devices', name, 'health']),
    ),
    ...[...pools.values()].flatMap(({ name, health }) => namedBy(`pool ${name}`, health, ['pools', name, 'health'])),
  ];
  if (named.length === 0) return;
  const applications = new Set<string>();
  for (const service of services) {
    for (const passage of passagesOf(service)) {
      const application = applicationOf(passage);
      if (application !== undefined) applications.add(application);
    }
  }
  for (const { who, application, path } of named) {
    if ([...applications].some((each) => hasPort(each, application))) continue;
    const message = `${who} is watched for ${application}, and no service has this application`;
    report({ path, message, hint: didYouMean(application, [...applications, 'device']) });
  }
}

function namedBy(who: string, health: DeviceHealth | undefined, path: Path): Named[] {
  if (health === undefined || health === 'off') return [];
  return (['probes', 'limits'] as const).flatMap((list) =>
    (health[list] ?? []).flatMap(({ for: application }, i) =>
      application === undefined || application === 'device'
        ? []
        : [{ who, application, path: [...path, list, i, 'for'] }],
    ),
  );
}
