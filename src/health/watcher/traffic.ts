import type { LegFrames, Prober } from '../../dataplane/probe/prober-types.ts';
import type { Model } from '../../model/types.ts';
import type { Places } from '../../plan/place-types.ts';
import type { DeviceSpec } from '../../terms/health/spec.ts';
import type { Hint } from '../machine/report.ts';

/** Devices without traffic are looked at in every so many rounds. */
const IDLE_ROUNDS = 10;

interface Passed {
  readonly name: string;
  readonly outside: number;
  readonly inside: number;
  /** Counters as last seen, and when that was, ms. */
  counts: { readonly outside: LegFrames; readonly inside: LegFrames };
  since: number;
  busy: boolean;
}

/** Frames of services that go into inline devices and come out of them. */
export class Traffic {
  readonly #prober: Prober;
  #devices = new Map<string, Passed>();
  #round = 0;

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  define(devices: readonly DeviceSpec[], model: Model, places: Places, now: number): void {
    const before = this.#devices;
    this.#devices = new Map();
    for (const { name } of devices) {
      const place = places.devices.get(name);
      if (place === undefined || model.devices.get(name)?.kind !== 'inline') continue;
      const { outside, inside } = place;
      const known = before.get(name);
      const same = known !== undefined && known.outside === outside && known.inside === inside;
      const fresh = { name, outside, inside, counts: this.#read(outside, inside), since: now, busy: false };
      this.#devices.set(name, same ? known : fresh);
    }
  }

  /** What passed a device since it was last looked at. */
  look(name: string, now: number): readonly Hint[] {
    const device = this.#devices.get(name);
    return device === undefined ? [] : this.#look(device, now);
  }

  /** One round: what passed those that carry traffic, and a part of those that did not. */
  lookRound(now: number): readonly Hint[] {
    this.#round += 1;
    const hints: Hint[] = [];
    let place = 0;
    for (const device of this.#devices.values()) {
      place += 1;
      if (device.busy || (place + this.#round) % IDLE_ROUNDS === 0) hints.push(...this.#look(device, now));
    }
    return hints;
  }

  #look(device: Passed, until: number): readonly Hint[] {
    const { name, counts, since } = device;
    const { outside, inside } = this.#read(device.outside, device.inside);
    device.counts = { outside, inside };
    device.since = until;
    const into = difference(outside.sent, counts.outside.sent);
    const out = difference(inside.received, counts.inside.received);
    const intoInside = difference(inside.sent, counts.inside.sent);
    const outOfOutside = difference(outside.received, counts.outside.received);
    device.busy = into + out + intoInside + outOfOutside > 0;
    if (!device.busy) return [];
    const base = { kind: 'frames', device: name, since, until } as const;
    const forward: Hint = { ...base, direction: 'forward', into, outOf: out };
    // One leg does both: what goes in and what comes out of it cannot be told apart by direction.
    if (device.outside === device.inside) return [forward];
    return [forward, { ...base, direction: 'return', into: intoInside, outOf: outOfOutside }];
  }

  #read(outside: number, inside: number): Passed['counts'] {
    const first = this.#prober.legFrames(outside);
    return { outside: first, inside: inside === outside ? first : this.#prober.legFrames(inside) };
  }
}

/** Counters wrap at 2^32. */
const difference = (now: number, before: number): number => (now - before) >>> 0;
