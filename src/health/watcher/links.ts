import { legsOf } from '../../model/leg-names.ts';
import type { DeviceSpec } from '../../terms/health/spec.ts';
import type { Hint } from '../machine/report.ts';
import type { Watched } from '../types.ts';

/** Whether the NICs of every leg are there and up. */
export function linkHints(devices: readonly DeviceSpec[], { model, network }: Watched): readonly Hint[] {
  return devices.flatMap(({ name }) => {
    const device = model.devices.get(name);
    if (device === undefined) return [];
    return legsOf(device).map(({ side, leg }): Hint => {
      const nic = network.nics.get(model.interfaces.get(leg.interface)?.nic ?? '');
      const isOwn = nic?.up !== true;
      const up = !isOwn && nic.carrier !== false;
      return { kind: 'link', device: name, leg: device.oneLegged ? 'only' : side, up, ...(isOwn && { own: true }) };
    });
  });
}
