import type { Inspector } from '../../dataplane/types.ts';
import type { WatcherEdges } from '../../health/types.ts';
import { SlotFlag } from '../../terms/constants.ts';

type Readings = Required<Pick<WatcherEdges, 'applicationOf' | 'legLoad'>>;

/** Names of the protocols that have ports. */
const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };

/** What the watcher wants to know of the tables. */
export function tableReadings(engine: Pick<Inspector, 'get'>): Readings {
  return {
    legLoad(leg) {
      const value = engine.get('legs', leg)?.value;
      return value && { packets: Number(value.packets), bytes: Number(value.bytes) };
    },
    /** The port is the device's, where it is translated on the way to it. */
    applicationOf(slot) {
      const value = engine.get('slots', slot)?.value;
      const protocol = PROTOCOLS[Number(value?.protocol)];
      if (value === undefined || protocol === undefined) return undefined;
      const port = Number(value.flags) & SlotFlag.SLOT_PORT ? value.newPort : value.port;
      return Number(port) === 0 ? undefined : `${protocol}/${port}`;
    },
  };
}
