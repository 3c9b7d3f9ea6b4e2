import type { Places } from '../../plan/place-types.ts';
import type { DeviceSpec } from '../../terms/health/spec.ts';
import type { Hint } from '../machine/report.ts';

/** Frames and bytes handed to a leg since the tables were made. */
export interface LegLoad {
  readonly packets: number;
  readonly bytes: number;
}

interface Loaded {
  readonly device: string;
  readonly legs: readonly number[];
  last: LegLoad | undefined;
}

/** Bandwidth and packets of the devices that have a limit on them. */
export class Load {
  readonly #read: (leg: number) => LegLoad | undefined;
  #devices: readonly Loaded[] = [];
  #since = 0;

  constructor(read: (leg: number) => LegLoad | undefined) {
    this.#read = read;
  }

  /** @returns limits that nobody measures, as sentences. */
  define(devices: readonly DeviceSpec[], places: Places, now: number): string[] {
    const problems: string[] = [];
    const before = new Map(this.#devices.map((each) => [each.device, each]));
    this.#since = now;
    this.#devices = devices.flatMap(({ name: device, measures }) => {
      let measured = false;
      for (const { measure, name, application } of measures) {
        if (measure === 'latency' || measure === 'loss') continue;
        const isLoad = measure === 'bandwidth' || measure === 'packets';
        if (isLoad && application === undefined) measured = true;
        else if (isLoad)
          problems.push(`limit ${name} of ${device}: it is measured for all of it only (leave out \`for\`)`);
        else problems.push(`limit ${name} of ${device}: nobody counts them yet (limit packets or bandwidth)`);
      }
      const place = places.devices.get(device);
      if (!measured || place === undefined) return [];
      const legs = [...new Set([place.outside, place.inside])];
      const known = before.get(device);
      const same = known !== undefined && known.legs.join() === legs.join();
      return [{ device, legs, last: same ? known.last : undefined }];
    });
    return problems;
  }

  /** Rates since the last look. */
  look(now: number): readonly Hint[] {
    const seconds = (now - this.#since) / 1000;
    this.#since = now;
    return this.#devices.flatMap((each) => {
      const { device, last } = each;
      each.last = this.#sum(each.legs);
      if (last === undefined || each.last === undefined || seconds <= 0) return [];
      const packets = (each.last.packets - last.packets) / seconds;
      const bits = (8 * (each.last.bytes - last.bytes)) / seconds;
      return [
        { kind: 'measure', device, measure: 'packets', value: packets },
        { kind: 'measure', device, measure: 'bandwidth', value: bits },
      ] as const;
    });
  }

  #sum(legs: readonly number[]): LegLoad | undefined {
    const loads = legs.map((leg) => this.#read(leg));
    if (loads.includes(undefined)) return undefined;
    return (loads as LegLoad[]).reduce((one, other) => ({
      packets: one.packets + other.packets,
      bytes: one.bytes + other.bytes,
    }));
  }
}
