import { deviceSpec, GUARD, poolSpec, probeSpec } from '../../../src/terms/health/defaults.ts';
import type { DeviceSpec, HealthSpec, PoolSpec } from '../../../src/terms/health/spec.ts';

/** An inline device with the default probe. */
export const inline = (name: string, given: Partial<DeviceSpec> = {}): DeviceSpec =>
  deviceSpec(name, 'inline', { probes: [probeSpec({ kind: 'through' })], ...given });

/** A server with a handshake for each port. */
export const server = (name: string, ports: readonly number[], given: Partial<DeviceSpec> = {}): DeviceSpec => {
  const probes = ports.map((port) =>
    probeSpec({ kind: 'handshake', port }, { name: `handshake ${port}`, application: `tcp/${port}`, interval: 50 }),
  );
  return deviceSpec(name, 'server', { probes, ...given });
};

export const specOf = (devices: readonly DeviceSpec[], pools: readonly PoolSpec[]): HealthSpec => ({
  devices,
  pools,
  guard: GUARD,
});

/** fw1 and fw2 in the pool "firewalls". */
export const firewalls = (device: Partial<DeviceSpec> = {}, pool: Partial<PoolSpec> = {}): HealthSpec =>
  specOf([inline('fw1', device), inline('fw2', device)], [poolSpec('firewalls', ['fw1', 'fw2'], pool)]);
