import type { Prober, SynAlarm } from '../../dataplane/probe/prober-types.ts';
import type { Model } from '../../model/types.ts';
import type { HealthSpec } from '../../terms/health/spec.ts';
import { describeFrame } from '../frames/describe.ts';
import type { ComposedProbe } from '../frames/types.ts';
import type { Action, HealthEvent, WordTarget } from '../machine/event.ts';
import { Fleet } from '../machine/fleet.ts';
import type { Memory } from '../machine/memory.ts';
import type { Command, Hint, Input } from '../machine/report.ts';
import type { FleetView } from '../machine/view.ts';
import type { ProbePacket, ToldEvent, Watched, WatcherEdges, Watching } from '../types.ts';
import { AddressProbes } from './address-probes.ts';
import { changedDevices } from './changed-devices.ts';
import { Composer } from './composer.ts';
import { FrameProbes } from './frame-probes.ts';
import { linkHints } from './links.ts';
import { Load } from './load.ts';
import { Sender } from './sender.ts';
import { synHints } from './syns.ts';
import { Ticks } from './ticks.ts';
import { Traffic } from './traffic.ts';

/** Frames in and out are looked at, and loads measured, every so many ms. */
const LOOK_EVERY = 100;
const LOAD_EVERY = 1000;
/** What keeps probes from being sent is told this often, ms. */
const TELL_AGAIN = 10_000;

export interface WatcherParts {
  readonly prober: Prober;
  readonly edges: WatcherEdges;
  /** What definitions say about health, after defaults. */
  readonly derive: (model: Model) => HealthSpec;
  /** What `remember` gave before the controller ended. */
  readonly memory?: Memory;
}

/** Drives the health machine: sends what it asks for, reads what came back, does what it decides. */
export class Watcher implements Watching {
  readonly #edges: WatcherEdges;
  readonly #derive: WatcherParts['derive'];
  readonly #memory: Memory | undefined;
  readonly #frames: FrameProbes;
  readonly #addresses: AddressProbes;
  readonly #composer: Composer;
  readonly #sender: Sender;
  readonly #traffic: Traffic;
  readonly #load: Load;
  readonly #ticks: Ticks;
  #fleet: Fleet | undefined;
  #watched: Watched | undefined;
  #sent: readonly ComposedProbe[] = [];
  #spec: HealthSpec | undefined;
  /** When the next looks are, ms of performance.now(). */
  #lookAt = 0;
  #loadAt = 0;
  #toldFailureAt = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor({ prober, edges, derive, memory }: WatcherParts) {
    this.#edges = edges;
    this.#derive = derive;
    this.#memory = memory;
    const failed = (words: string): void => this.#fail(words);
    this.#frames = new FrameProbes(prober);
    this.#addresses = new AddressProbes({ result: (result) => this.#step({ results: [result] }), failed });
    this.#composer = new Composer(prober);
    this.#sender = new Sender(this.#frames, { left: () => this.#ticks.callAt(this.#frames.nextJudgement), failed });
    this.#traffic = new Traffic(prober);
    this.#load = new Load((leg) => edges.legLoad?.(leg));
    this.#ticks = new Ticks({ tick: (due, grid) => this.#tick(due, grid), called: () => this.#judge() });
    prober.onAlarm((alarm) => this.#alarm(alarm));
  }

  define(watched: Watched): readonly string[] {
    const now = performance.now();
    const spec =
      watched.model === this.#watched?.model && this.#spec !== undefined ? this.#spec : this.#derive(watched.model);
    const changed = changedDevices(this.#spec, spec);
    const isNew = spec !== this.#spec;
    this.#watched = watched;
    this.#spec = spec;
    const { probes, problems } = this.#composer.compose(spec, watched, isNew, now);
    this.#sent = probes;
    this.#frames.define(spec.devices, probes, changed, now);
    const unasked = this.#addresses.define(spec.devices, watched.model, changed, now);
    this.#traffic.define(spec.devices, watched.model, watched.places, now);
    const unmeasured = this.#load.define(spec.devices, watched.places, now);
    if (this.#fleet === undefined) this.#fleet = new Fleet(spec, now, this.#memory);
    else if (isNew) this.#carryOut(this.#fleet.redefine(spec, now), now);
    this.#step({ hints: linkHints(spec.devices, watched) });
    if (!this.#stopped) this.#ticks.start(this.#frames.tick);
    const unsendable = unasked.map(({ device, probe, why }) => `${probe} of ${device}: ${why}`);
    return [...problems, ...unsendable, ...unmeasured];
  }

  words(): readonly WordTarget[] {
    return this.#fleet?.words() ?? [];
  }

  command(command: Command): readonly ToldEvent[] {
    if (this.#fleet === undefined) throw new RangeError('nothing is watched yet: wait until the controller is ready');
    return this.#step({ commands: [command] });
  }

  view(): FleetView {
    return this.#fleet?.view(performance.now()) ?? { devices: [], pools: [] };
  }

  packets(device: string): readonly ProbePacket[] {
    const { kind, mode } = this.#watched?.model.devices.get(device) ?? {};
    const isEnd = kind !== 'inline' || mode !== undefined;
    return this.#sent
      .filter((each) => each.device === device)
      .map(({ probe, direction, frame }) => ({
        probe,
        ...(direction !== undefined && { direction }),
        ...describeFrame(frame.bytes, isEnd),
      }));
  }

  remember(): Memory {
    return this.#fleet?.remember(performance.now()) ?? this.#memory ?? { devices: [], pools: [] };
  }

  /** Leaves no timer, socket or process. Nothing is moved or told any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ticks.stop();
    await Promise.all([this.#sender.stop(), this.#addresses.stop()]);
  }

  #tick(due: number, grid: number): void {
    const now = performance.now();
    this.#judge();
    this.#step({ due, hints: this.#looks(now) });
    this.#frames.takeDue(grid);
    this.#addresses.takeDue(grid, this.#frames.tick / 2);
    this.#sender.pump();
  }

  #looks(now: number): readonly Hint[] {
    const hints: Hint[] = [];
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_EVERY - this.#frames.tick / 2;
      hints.push(...this.#traffic.lookRound(now));
    }
    if (now >= this.#loadAt) {
      this.#loadAt = now + LOAD_EVERY;
      hints.push(...this.#load.look(now));
    }
    return hints;
  }

  /** Judges the rounds whose limit is over; what passed the devices that seem lost goes first. */
  #judge(): void {
    const now = performance.now();
    const lost = new Set<string>();
    const results = this.#frames.judge(now, (device) => lost.add(device));
    if (results.length > 0) {
      const hints = [...lost].flatMap((device) => this.#traffic.look(device, now));
      this.#step({ hints, results });
    }
    this.#ticks.callAt(this.#frames.nextJudgement);
  }

  #alarm(alarm: SynAlarm): void {
    if (this.#watched === undefined || this.#spec === undefined) return;
    const application = this.#edges.applicationOf?.(alarm.slot);
    this.#step({ hints: synHints(alarm, application, this.#spec, this.#watched.places) });
  }

  #step(input: Omit<Input, 'now'>): readonly ToldEvent[] {
    if (this.#fleet === undefined || this.#stopped) return [];
    const now = performance.now();
    return this.#carryOut(this.#fleet.step({ now, ...input }), now);
  }

  /** Does what the machine decided, in its order. */
  #carryOut(actions: readonly Action[], now: number): readonly ToldEvent[] {
    if (actions.length === 0) return NOTHING;
    const told: ToldEvent[] = [];
    let changed = false;
    for (const action of actions) {
      if (action.kind === 'move') this.#edges.move(action.pool, action.to, now);
      else if (action.kind === 'tell') told.push(this.#tell(action.event));
      else if (action.kind === 'pace') this.#pace(action.device, action.probe, action.interval, now);
      else if (!this.#frames.hurry(action.device, action.probe)) this.#addresses.hurry(action.device, action.probe);
      changed ||= action.kind === 'move' || action.kind === 'tell';
    }
    if (changed) this.#edges.changed();
    this.#sender.pump();
    return told;
  }

  #pace(device: string, probe: string, interval: number, now: number): void {
    this.#frames.pace(device, probe, interval, now);
    this.#addresses.pace(device, probe, interval, now);
  }

  #tell({ at, ...event }: HealthEvent): ToldEvent {
    const told = { ...event, time: new Date(Date.now() - (performance.now() - at)).toISOString() };
    this.#edges.tell(told);
    return told;
  }

  /** The controller itself cannot do something: told once in a while. */
  #fail(reason: string): void {
    const now = performance.now();
    if (this.#stopped || now < this.#toldFailureAt + TELL_AGAIN) return;
    this.#toldFailureAt = now;
    this.#tell({ at: now, what: 'controller', reason, trigger: 'controller' });
  }
}

const NOTHING: readonly ToldEvent[] = [];
