import type { HealthView, WordView } from '../api-types/health-operations.ts';
import { targetWord } from '../health/machine/event.ts';
import type { Memory } from '../health/machine/memory.ts';
import type { FleetView } from '../health/machine/view.ts';
import type { PoolSpec } from '../terms/health/spec.ts';
import type { Working } from './degraded.ts';

/** What the machine thinks, found by the names that definitions use, with times of day. */
export interface Look {
  /** By device: itself first, then for its applications. */
  readonly devices: ReadonlyMap<string, readonly HealthView[]>;
  /** By pool of the definitions. */
  readonly pools: ReadonlyMap<string, readonly WordView[]>;
  /** By name of the word. */
  readonly words: ReadonlyMap<string, WordView>;
}

/** @param now time of day, in ms. */
export function lookAt(view: FleetView, now: number): Look {
  const timeOf = (age: number): string => new Date(now - age).toISOString();
  const devices = Map.groupBy(view.devices, ({ device }) => device);
  const words = view.pools.map(({ name, pool, application, target, works, reason, partly, age, choice, spares }) => {
    const about = {
      ...(application !== undefined && { application }),
      ...(choice !== undefined && { choice }),
      ...(spares && { spares }),
      ...(partly !== undefined && { partly }),
    };
    return { pool, word: { name, ...about, target: targetWord(target), works, reason, since: timeOf(age) } };
  });
  const pools = Map.groupBy(words, ({ pool }) => pool);
  return {
    devices: mapValues(devices, (rows) => rows.map((row) => viewHealth(row, timeOf))),
    pools: mapValues(pools, (rows) => rows.map(({ word }) => word)),
    words: new Map(words.map(({ word }) => [word.name, word])),
  };
}

/** Who works in each pool. */
export function workingIn({ pools }: Look): Working {
  return mapValues(pools, (words) => [...new Set(words.map(({ target }) => target))]);
}

function viewHealth(row: FleetView['devices'][number], timeOf: (age: number) => string): HealthView {
  const { application, state, reason, age, alarm, probes, measures } = row;
  return {
    ...(application !== undefined && { application }),
    state,
    reason,
    since: timeOf(age),
    ...(alarm !== undefined && { alarm }),
    signs: [...probes, ...measures],
  };
}

/** What a controller that is gone remembered, as far as it is known without one. */
export function viewMemory({ devices, pools }: Memory, specs: readonly PoolSpec[]): FleetView {
  const defined = new Map(specs.map((spec) => [spec.name, spec]));
  return {
    devices: devices.map(({ device, application, duty, health, reason, age }) => ({
      device,
      ...(application !== undefined && { application }),
      state: duty === 'serving' ? health : duty,
      reason,
      age,
      answers: false,
      probes: [],
      measures: [],
    })),
    pools: pools.flatMap((word) => {
      const spec = defined.get(word.name);
      if (spec === undefined) return [];
      const { pool, application } = spec;
      return [{ ...word, pool, ...(application !== undefined && { application }) }];
    }),
  };
}

function mapValues<Key, From, To>(map: ReadonlyMap<Key, From>, change: (value: From) => To): ReadonlyMap<Key, To> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
