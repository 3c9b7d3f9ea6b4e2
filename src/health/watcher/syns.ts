import type { SynAlarm } from '../../dataplane/probe/prober-types.ts';
import { hasPort } from '../../model/applications.ts';
import type { Places } from '../../plan/place-types.ts';
import type { HealthSpec } from '../../terms/health/spec.ts';
import type { Hint } from '../machine/report.ts';

/**
 * Whose SYNs nobody answers. Without the application every one of the device's is meant: asking once too often is
 * cheap.
 */
export function synHints(
  { leg, repeated }: SynAlarm,
  application: string | undefined,
  { devices }: HealthSpec,
  places: Places,
): readonly Hint[] {
  return devices.flatMap(({ name: device, probes }): Hint[] => {
    const place = places.devices.get(device);
    if (place === undefined || (place.outside !== leg && place.inside !== leg)) return [];
    const base = { kind: 'syns', device, repeated } as const;
    const applications = new Set(probes.map((probe) => probe.application));
    const named = [...applications].filter(
      (each) => each !== undefined && application !== undefined && hasPort(each, application),
    );
    const meant = named.length > 0 ? named : [...applications];
    return meant.map((each) => (each === undefined ? base : { ...base, application: each }));
  });
}
