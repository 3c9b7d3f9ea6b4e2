import type { ChangeReport } from '../../api-types/change-report.ts';
import { Failure } from '../../api-types/failure.ts';
import type { DeviceReport } from '../../api-types/health-operations.ts';
import type { FleetView } from '../../health/machine/view.ts';
import type { ToldEvent } from '../../health/types.ts';
import type { Model } from '../../model/types.ts';
import { targetsOf } from '../../views/describe.ts';

/** What became of a device by a command. */
export function reportDevice(
  view: FleetView,
  device: string,
  events: readonly ToldEvent[],
  change: ChangeReport | undefined,
): DeviceReport {
  const { state, reason } = view.devices.find((each) => each.device === device) ?? NOT_WATCHED;
  return { device, state, reason, events, ...(change && { change }) };
}

const NOT_WATCHED = { state: 'unknown', reason: 'it is not watched' } as const;

/** States in which a device can take over. */
const FIT = new Set(['up', 'suspect', 'unknown']);

/** @throws Failure where `by` cannot take over now. */
export function checkFit({ devices }: FleetView, device: string, by: string): void {
  const found = devices.find((each) => each.device === by && each.application === undefined);
  if (found === undefined || FIT.has(found.state)) return;
  throw new Failure(
    'failed',
    `replace ${device}: ${by} is ${found.state}: ${found.reason} (hopline device restore ${by})`,
  );
}

/** Whether some pool has both. */
export function sharePool({ pools }: Model, device: string, by: string): boolean {
  return [...pools.values()].some(({ members }) => members.includes(device) && members.includes(by));
}

/** Names of services that go another way by other replacements: by themselves, or as a pool of theirs has other members. */
export function rewritten(before: Model, after: Model): readonly string[] {
  const pools = new Set<string>();
  for (const [name, { members }] of after.pools) {
    if (before.pools.get(name)?.members.join(' ') !== members.join(' ')) pools.add(name);
  }
  const names: string[] = [];
  for (const [name, service] of after.services) {
    const isOther = before.services.get(name) !== service;
    if (isOther || (pools.size > 0 && [...targetsOf(service)].some((target) => pools.has(target)))) names.push(name);
  }
  return names;
}

/** Names of services that were compiled again. */
export function changed(names: readonly string[]): ChangeReport['services'] {
  return { added: [], changed: names, removed: [] };
}

/** The report of a change that was stores into pool words alone. */
export function nothingWritten(started: number): ChangeReport {
  return {
    dryRun: false,
    services: changed([]),
    other: [],
    differences: [],
    moreDifferences: 0,
    steps: { created: 0, replaced: 0, removed: 0 },
    degraded: [],
    warnings: [],
    milliseconds: performance.now() - started,
  };
}
