import type { CountersView, HopCounter, Traffic } from '../api-types/operations.ts';
import type { Counters, StepCounters } from '../dataplane/types.ts';
import type { Model } from '../model/types.ts';
import type { Registry } from '../plan/registry.ts';
import { REASON_TEXTS } from '../terms/constants.ts';
import { type Count, plus } from '../terms/count.ts';
import { inPathOrder, markApart } from './path.ts';

/** Names of enum direction. */
const DIRECTIONS: Readonly<Record<number, string>> = { 1: 'forward', 2: 'return', 3: 'outward', 4: 'inward' };

/** Packets and bytes a service had at its client's end, by direction. */
export class ServiceTally {
  /** By service number: packets and bytes there (forward, outward), then back (return, inward). */
  readonly #sums: Count[];

  constructor(steps: StepCounters) {
    let highest = 0;
    for (let row = 0; row < steps.rows; row++) highest = Math.max(highest, steps.service[row]!);
    this.#sums = new Array<Count>((highest + 1) * 4).fill(0);
    for (let row = 0; row < steps.rows; row++) {
      const direction = steps.direction[row]!;
      if (steps.hop[row] !== 0 || DIRECTIONS[direction] === undefined) continue;
      const at = steps.service[row]! * 4 + (direction % 2 === 1 ? 0 : 2);
      this.#sums[at] = plus(this.#sums[at]!, steps.packets[row]!);
      this.#sums[at + 1] = plus(this.#sums[at + 1]!, steps.bytes[row]!);
    }
  }

  there(service: number): Traffic {
    return this.#read(service * 4);
  }

  back(service: number): Traffic {
    return this.#read(service * 4 + 2);
  }

  #read(at: number): Traffic {
    return { packets: this.#sums[at] ?? 0, bytes: this.#sums[at + 1] ?? 0 };
  }
}

const REASONS = new Map(REASON_TEXTS.map((each) => [each.reason, each]));

/** Counters with names for numbers. */
export function viewCounters(counters: Counters, registry: Registry, model: Model): CountersView {
  const leg = (number: number) => (number === 0 ? 'route' : (registry.name('leg', number) ?? `leg ${number}`));
  const { steps } = counters;
  const services: HopCounter[] = [];
  for (let row = 0; row < steps.rows; row++) {
    const direction = DIRECTIONS[steps.direction[row]!];
    if (direction === undefined) continue;
    const target = steps.target[row]!;
    services.push({
      service: registry.name('service', steps.service[row]!) ?? `service ${steps.service[row]}`,
      hop: steps.hop[row]!,
      direction,
      from: leg(steps.origin[row]!),
      to: steps.isPool[row] === 1 ? (registry.name('pool', target) ?? `pool ${target}`) : leg(target),
      packets: steps.packets[row]!,
      bytes: steps.bytes[row]!,
    });
  }
  return {
    time: performance.timeOrigin + performance.now(),
    services: inPathOrder(markApart(services, model), model),
    devices: counters.legs.map(({ leg: number, packets, bytes }) => ({ leg: leg(number), packets, bytes })),
    verdicts: counters.verdicts.map(({ interfaceNumber, reason, packets }) => ({
      interface: registry.name('interface', interfaceNumber) ?? `interface ${interfaceNumber}`,
      reason: REASONS.get(reason)?.name ?? `REASON_${reason}`,
      text: REASONS.get(reason)?.text ?? 'unknown to this version',
      packets,
    })),
  };
}
