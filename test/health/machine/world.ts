import { type Action, type HealthEvent, targetWord } from '../../../src/health/machine/event.ts';
import { Fleet } from '../../../src/health/machine/fleet.ts';
import type { Command, Hint, ProbeResult } from '../../../src/health/machine/report.ts';
import type { Direction, HealthSpec, ProbeSpec } from '../../../src/terms/health/spec.ts';

/** What really becomes of a probe: milliseconds until its answer, or what else comes. */
export type Truth = (device: string, at: number, direction: Direction | undefined, probe: ProbeSpec) => Fate;
export type Fate = number | 'silent' | 'refused' | 'wrong';

interface Running {
  readonly device: string;
  readonly spec: ProbeSpec;
  interval: number;
  nextAt: number;
  sequence: number;
}

/** Sends the probes a fleet asks for into made-up devices, on a made-up clock. */
export class World {
  readonly fleet: Fleet;
  readonly actions: { readonly at: number; readonly action: Action }[] = [];
  now: number;
  readonly #truth: Truth;
  readonly #tick: number;
  readonly #probes: Running[];
  #waiting: { readonly at: number; readonly result: ProbeResult }[] = [];

  constructor(spec: HealthSpec, truth: Truth, { start = 1000, tick = 10, fleet = new Fleet(spec, start) } = {}) {
    this.fleet = fleet;
    this.now = start;
    this.#truth = truth;
    this.#tick = tick;
    this.#probes = spec.devices.flatMap(({ name, probes }) =>
      probes.map((probe) => ({ device: name, spec: probe, interval: probe.interval, nextAt: start, sequence: 0 })),
    );
  }

  /** Lets time pass, tick by tick. */
  pass(ms: number): this {
    const end = this.now + ms;
    while (this.now < end) {
      this.now += this.#tick;
      this.#step(this.now);
    }
    return this;
  }

  /** The controller sleeps: devices go on, answers are caught, nothing is sent or judged. */
  stall(ms: number): this {
    const due = this.now + this.#tick;
    this.now += ms;
    this.#step(due);
    return this;
  }

  command(command: Command): this {
    this.#carryOut(this.fleet.step({ now: this.now, commands: [command] }));
    return this;
  }

  hint(hint: Hint): this {
    this.#carryOut(this.fleet.step({ now: this.now, hints: [hint] }));
    return this;
  }

  state(device: string, application?: string): string {
    const found = this.fleet
      .view(this.now)
      .devices.find((each) => each.device === device && each.application === application);
    return found!.state;
  }

  /** Where a pool's packets go: "fw1", "bypass"; "keep fw1" where it is believed not to get them through. */
  target(pool: string): string {
    const { target, works } = this.fleet.view(this.now).pools.find(({ name }) => name === pool)!;
    return works || target.to !== 'member' ? targetWord(target) : `keep ${target.member}`;
  }

  get events(): readonly HealthEvent[] {
    return this.actions.flatMap(({ action }) => (action.kind === 'tell' ? [action.event] : []));
  }

  get moves(): readonly HealthEvent[] {
    return this.events.filter(({ what }) => what === 'move');
  }

  /** Events in short: "fw1 up>down", "firewalls fw1>fw2"; whether there is a spare is told in {@link spares}. */
  get story(): readonly string[] {
    return this.events
      .filter(({ what }) => !isAboutSpares(what))
      .map(({ what, device, pool, application, from, to }) => {
        const who = pool ?? [device, application].filter((word) => word !== undefined).join(' ');
        return what === 'state' || what === 'move' ? `${who} ${from}>${to}` : `${what} ${who}`.trim();
      });
  }

  get spares(): readonly string[] {
    return this.events
      .filter(({ what }) => isAboutSpares(what))
      .map(({ what, pool, reason }) => `${what} ${pool}: ${reason}`);
  }

  #step(due: number): void {
    const { now } = this;
    const ready = this.#waiting.filter(({ at }) => at <= now);
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
    this.#carryOut(this.fleet.step({ now, due, results: ready.map(({ result }) => result) }));
    for (const probe of this.#probes) if (probe.nextAt <= now) this.#send(probe);
  }

  #send(probe: Running): void {
    const { device, spec } = probe;
    probe.sequence += 1;
    probe.nextAt = this.now + probe.interval;
    const directions: (Direction | undefined)[] =
      spec.question.kind === 'through' ? ['forward', 'return'] : [undefined];
    for (const direction of directions) {
      const fate = this.#truth(device, this.now, direction, spec);
      const late = typeof fate === 'number' && fate > spec.limit;
      const base = { device, probe: spec.name, sequence: probe.sequence, sentAt: this.now, took: 0 };
      const about = direction === undefined ? base : { ...base, direction };
      if (fate === 'silent' || late) this.#await(this.now + spec.limit, { ...about, outcome: 'lost' });
      else if (typeof fate === 'string') this.#await(this.now, { ...about, outcome: fate });
      else this.#await(this.now + fate, { ...about, outcome: 'answered', took: fate });
      if (late) this.#await(this.now + fate, { ...about, outcome: 'late', took: fate });
    }
  }

  #await(at: number, result: ProbeResult): void {
    this.#waiting.push({ at, result });
  }

  #carryOut(actions: readonly Action[]): void {
    for (const action of actions) {
      this.actions.push({ at: this.now, action });
      if (action.kind !== 'pace' && action.kind !== 'probe') continue;
      const probe = this.#probes.find(({ device, spec }) => device === action.device && spec.name === action.probe)!;
      if (action.kind === 'pace') probe.interval = action.interval;
      const nextAt = action.kind === 'pace' ? this.now + action.interval : this.now;
      probe.nextAt = Math.min(probe.nextAt, nextAt);
    }
  }
}

const isAboutSpares = (what: string): boolean => what === 'spare' || what === 'no-spare';
