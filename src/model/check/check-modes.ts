/** `mode: auto` needs a port to try it at. */
import { applicationOf, passagesOf, singlePortsOf } from '../applications.ts';
import type { Report } from '../problem.ts';
import type { Device, Pool, Service } from '../types.ts';
import { rulesOf } from '../watch.ts';

interface Fabric {
  readonly devices: ReadonlyMap<string, Device>;
  readonly pools: ReadonlyMap<string, Pool>;
}

const NAME_IT = 'name the mode: loopback, alias or nat';

/** Refuses `auto` where it cannot be tried. Services are looked through only where it is used at all. */
export function checkModes(fabric: Fabric, services: Iterable<Service>, isUnwatched: boolean, report: Report): void {
  const open = [...fabric.devices.values()].filter(({ auto }) => auto !== undefined);
  if (open.length === 0) return;
  const rules = rulesOf(fabric);
  const tried = triedAt(fabric, services);
  for (const device of open) {
    const { name } = device;
    const path = ['devices', name, 'mode'];
    if (isUnwatched || rules(device) === 'off') {
      const message = `device ${name} has mode auto, which is found by asking it, and it is not watched`;
      report({ path, message, hint: `${NAME_IT}, or let it be watched (no health: off)` });
    } else if (!tried.has(name)) {
      const message = `device ${name} has mode auto, and no service of TCP with a single port ends there to try it by`;
      report({ path, message, hint: NAME_IT });
    }
  }
}

/** Devices at which a service ends that a handshake can be tried for. */
function triedAt({ pools }: Fabric, services: Iterable<Service>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const service of services) {
    const end = service.outward ? undefined : passagesOf(service).at(-1);
    const application = end === undefined || end.protocol !== 'tcp' ? undefined : applicationOf(end);
    if (end === undefined || application === undefined || singlePortsOf(application).length === 0) continue;
    const { target } = end.step;
    for (const name of pools.get(target)?.members ?? [target]) names.add(name);
  }
  return names;
}
