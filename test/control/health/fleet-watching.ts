import { deriveHealth } from '../../../src/health/derive/derive.ts';
import type { Action } from '../../../src/health/machine/event.ts';
import { Fleet } from '../../../src/health/machine/fleet.ts';
import type { Memory } from '../../../src/health/machine/memory.ts';
import type { Command, Hint } from '../../../src/health/machine/report.ts';
import type { ToldEvent, Watched, WatcherEdges, Watching } from '../../../src/health/types.ts';

/** Watching by the real machine that sends nothing: what is heard is said by the test. */
export class FleetWatching implements Watching {
  readonly #edges: WatcherEdges;
  readonly #memory: Memory | undefined;
  #fleet: Fleet | undefined;
  /** What `define` says cannot be watched. */
  problems: readonly string[] = [];
  stopped = false;

  constructor(edges: WatcherEdges, memory: Memory | undefined) {
    this.#edges = edges;
    this.#memory = memory;
  }

  define({ model }: Watched): readonly string[] {
    const spec = deriveHealth(model);
    const now = performance.now();
    if (this.#fleet === undefined) this.#fleet = new Fleet(spec, now, this.#memory);
    else this.#carryOut(this.#fleet.redefine(spec, now), now);
    return this.problems;
  }

  words() {
    return this.#fleet?.words() ?? [];
  }

  command(command: Command): readonly ToldEvent[] {
    const now = performance.now();
    return this.#carryOut(this.#fleet!.step({ now, commands: [command] }), now);
  }

  /** The link of a device goes or comes. */
  link(device: string, up: boolean): readonly ToldEvent[] {
    const now = performance.now();
    const hints: Hint[] = [{ kind: 'link', device, leg: 'outside', up }];
    return this.#carryOut(this.#fleet!.step({ now, hints }), now);
  }

  packets() {
    return [];
  }

  view() {
    return this.#fleet?.view(performance.now()) ?? { devices: [], pools: [] };
  }

  remember(): Memory {
    return this.#fleet!.remember(performance.now());
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }

  #carryOut(actions: readonly Action[], now: number): readonly ToldEvent[] {
    for (const action of actions) if (action.kind === 'move') this.#edges.move(action.pool, action.to, now);
    this.#edges.changed();
    return actions.flatMap((action) => {
      if (action.kind !== 'tell') return [];
      const { at: _, ...event } = action.event;
      const told = { ...event, time: new Date().toISOString() };
      this.#edges.tell(told);
      return [told];
    });
  }
}
