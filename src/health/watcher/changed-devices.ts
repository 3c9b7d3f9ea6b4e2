import type { HealthSpec } from '../../terms/health/spec.ts';

/** Devices that are watched otherwise than before, or were not watched: their probes begin anew. */
export function changedDevices(before: HealthSpec | undefined, spec: HealthSpec): ReadonlySet<string> {
  if (before === spec) return new Set();
  const known = new Map(before?.devices.map((device) => [device.name, device]));
  const changed = spec.devices.filter((device) => {
    const old = known.get(device.name);
    return old !== device && JSON.stringify(old) !== JSON.stringify(device);
  });
  return new Set(changed.map(({ name }) => name));
}
