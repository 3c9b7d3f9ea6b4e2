import type { Model, Service } from '../../model/types.ts';
import type { LegPlan } from '../../plan/types.ts';
import type { DeviceSpec } from '../../terms/health/spec.ts';
import type { Watched } from '../types.ts';
import type { ComposedProbe, Materials, Unsendable } from './types.ts';

/** The frames of one device, and what of the definitions only they depend on. */
export interface ComposedDevice {
  readonly spec: DeviceSpec;
  /** What frames are numbered by, in their order. */
  readonly keys: readonly string[];
  readonly probes: readonly ComposedProbe[];
  readonly unsendable: readonly Unsendable[];
  /** Whose addresses its handshakes ask for. */
  readonly services: readonly Service[];
}

/** What every frame may depend on, but for the legs; compared by identity, as all of it is immutable. */
type Footing = readonly unknown[];

/**
 * What was composed last. A device's frames are taken again, the same objects, while nothing they are made of is
 * another: after a change of one service nearly all are, and whoever stores them need not look into them.
 */
export class LastComposed {
  #footing: Footing = [];
  #legs: readonly LegPlan[] = [];
  #devices: ReadonlyMap<string, ComposedDevice> = new Map();
  #services: Model['services'] = new Map();

  /** Another composition begins. */
  begin({ model, places, network, fabric: { legs } }: Watched, { cookie, sources }: Materials): void {
    const { interfaces, devices, pools } = model;
    const footing = [interfaces, devices, pools, places, network, cookie, sources.v4, sources.v6];
    const isSame = footing.every((each, i) => each === this.#footing[i]) && areAlike(legs, this.#legs);
    if (!isSame) this.#devices = new Map();
    this.#footing = footing;
    this.#legs = legs;
    this.#services = model.services;
  }

  /** Undefined where it has to be composed: what could not be sent may be now, and a file may have other frames. */
  of(spec: DeviceSpec): ComposedDevice | undefined {
    const last = this.#devices.get(spec.name);
    if (last?.spec !== spec || last.unsendable.length > 0) return undefined;
    if (spec.probes.some(({ question }) => 'frames' in question && question.frames !== undefined)) return undefined;
    return last.services.every((service) => this.#services.get(service.name) === service) ? last : undefined;
  }

  /** The composition is complete. */
  end(devices: readonly ComposedDevice[]): void {
    this.#devices = new Map(devices.map((device) => [device.spec.name, device]));
  }
}

/** Whether frames to and from them are the same. They are planned anew with every change: other objects. */
const areAlike = (some: readonly LegPlan[], others: readonly LegPlan[]): boolean =>
  some.length === others.length &&
  some.every(({ leg, mac, sourceMac, ifindex, vlans }, i) => {
    const other = others[i]!;
    return (
      leg === other.leg &&
      mac === other.mac &&
      sourceMac === other.sourceMac &&
      ifindex === other.ifindex &&
      vlans[0] === other.vlans[0] &&
      vlans[1] === other.vlans[1]
    );
  });
