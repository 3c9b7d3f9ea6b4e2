import type { DeviceSpec } from '../../terms/health/spec.ts';
import type { Health, HealthEvent, State, Trigger } from './event.ts';
import { assess, type Fitness, partlyFit } from './fitness.ts';
import { Gauge } from './gauge.ts';
import type { Standing } from './pool.ts';
import type { Sign } from './run.ts';
import { Silence } from './silence.ts';
import { nextTime, nextTurn, type Situation, type Turn } from './transition.ts';
import { Watch } from './watch.ts';

/** A member that answered for so long may serve where nobody is fit. It bounds how often that can change. */
export const LAST_RESORT_AFTER = 5000;

/** Milliseconds within which a fall is taken to come from what was found out after it. */
const JUST_NOW = 2000;
/** Milliseconds a device has to answer again after a NIC of the engine came up: neighbours and switches learn first. */
const EXCUSED_FOR = 60_000;

/** What a command made of it, whatever its health is. */
export type Duty = 'serving' | 'draining' | 'maintenance';

/** A device, or a device for one application, with everything the machine remembers of it. */
export class Subject {
  readonly spec: DeviceSpec;
  readonly application: string | undefined;
  readonly watches: readonly Watch[];
  readonly gauges: readonly Gauge[];
  duty: Duty = 'serving';
  health: Health = 'unknown';
  reason = 'nothing heard yet';
  since: number;
  fitSince: number | undefined;
  told = false;
  left = false;
  /** Until when its fall counts as the engine's own: a NIC of the engine was down. */
  excusedUntil = Number.NEGATIVE_INFINITY;
  /** When it fell, oldest first, no longer than the flap window. */
  falls: number[] = [];
  /** When time alone changes something: its state, or whether it may be the last resort. */
  deadline = Number.POSITIVE_INFINITY;
  /** Since when no pool uses it, while it drains. */
  vacantSince: number | undefined;
  alarm: { readonly at: number; readonly words: string } | undefined;
  /** The latest one, also after probes were answered. */
  lastAlarm: { readonly at: number; readonly words: string } | undefined;
  /** Many fell with it at once: it has to fall once more to be believed. */
  confirming: { readonly at: number; readonly words: string } | undefined;
  readonly downLegs = new Set<string>();
  readonly silence = new Silence();
  alarmedAt = Number.NEGATIVE_INFINITY;
  toldAlarmAt = Number.NEGATIVE_INFINITY;
  /** What was told of it last. */
  shown: State = 'unknown';
  toldKeptAt = Number.NEGATIVE_INFINITY;
  toldStuck = false;
  #fitness: Fitness = { fit: 'unknown', words: '' };
  #partly: 4 | 6 | undefined;
  readonly #signs: readonly Sign[];

  constructor(spec: DeviceSpec, application: string | undefined, now: number) {
    this.spec = spec;
    this.application = application;
    this.since = now;
    this.watches = spec.probes.filter((probe) => probe.application === application).map((probe) => new Watch(probe));
    this.gauges = spec.measures
      .filter((measure) => measure.application === application)
      .map((measure) => new Gauge(measure));
    this.#signs = [...this.watches, ...this.gauges];
    if (this.#signs.length > 0) return;
    this.health = this.shown = 'up';
    this.reason = 'nothing is asked of it';
  }

  get state(): State {
    return this.duty === 'serving' ? this.health : this.duty;
  }

  /** Whether its health lets it serve. */
  get isServing(): boolean {
    return this.health === 'up' || this.health === 'suspect' || this.health === 'unknown';
  }

  /** Why it is in this state. */
  get words(): string {
    if (this.duty === 'serving') return this.reason;
    return this.duty === 'draining' ? 'told to drain' : 'out for maintenance';
  }

  /** Looks at all signs again. @returns the turn its health should take; {@link take} takes it. */
  reassess(now: number): Turn | undefined {
    this.#fitness = this.#judge();
    const isCut = this.downLegs.size > 0;
    this.#partly = this.#fitness.fit === 'unfit' && !isCut ? partlyFit(this.#signs, this.spec.need) : undefined;
    if (this.#fitness.fit !== 'fit') this.fitSince = undefined;
    else this.fitSince ??= now;
    this.#settleDoubts();
    while (this.falls.length > 0 && this.falls[0]! <= now - this.spec.flaps.within) this.falls.shift();
    const situation = this.#situation(now);
    this.deadline = Math.min(nextTime(situation, this.spec), this.#resortTime(now));
    return nextTurn(situation, this.spec, now);
  }

  take(turn: Turn, now: number): void {
    const isFall = turn.to === 'down' || turn.to === 'flapping';
    if (isFall && now >= this.excusedUntil) this.falls.push(now);
    // What its traffic raised the alarm for is explained.
    if (isFall) this.lastAlarm = undefined;
    if (turn.to === 'up') {
      this.told = this.left = false;
      this.excusedUntil = Number.NEGATIVE_INFINITY;
    }
    this.health = turn.to;
    this.reason = turn.reason;
    this.since = now;
    this.deadline = Math.min(nextTime(this.#situation(now), this.spec), this.#resortTime(now));
  }

  /** What it loses from now on, or lost just now, is the engine's own fault: a NIC of the engine is down. */
  excuse(now: number): void {
    if (!this.isServing && (this.health === 'flapping' || now - this.since > JUST_NOW) && now >= this.excusedUntil)
      return;
    if (!this.isServing && this.falls.at(-1) === this.since) this.falls.pop();
    this.excusedUntil = Number.POSITIVE_INFINITY;
  }

  /** The NIC is up again: it has some time to answer. */
  unexcuse(now: number): void {
    if (this.excusedUntil === Number.POSITIVE_INFINITY) this.excusedUntil = now + EXCUSED_FOR;
  }

  /** Its failures of now are not believed yet. */
  hold(now: number, words: string): void {
    for (const watch of this.watches) watch.doubt();
    this.confirming = { at: now, words };
  }

  /** What pools go by. */
  standing(now: number): Standing {
    const { fitSince, isServing: serving } = this;
    return {
      state: this.state,
      answers: serving || fitSince !== undefined,
      steady: fitSince !== undefined && now >= fitSince + LAST_RESORT_AFTER,
      reason: this.words,
      ...(this.#partly !== undefined && this.duty === 'serving' && { partly: this.#partly }),
    };
  }

  /** What its present fall, if it is one, came from. */
  get fallTrigger(): Trigger {
    if (this.downLegs.size > 0) return 'link';
    return this.watches.some(({ verdict, weight }) => weight > 0 && verdict === 'failing') ? 'probe' : 'measure';
  }

  #judge(): Fitness {
    if (this.downLegs.size === 0) return assess(this.#signs, this.spec.need);
    return { fit: 'unfit', words: `no link at ${[...this.downLegs].sort().join(', ')}` };
  }

  #settleDoubts(): void {
    const counted = this.watches.filter(({ weight }) => weight > 0);
    const answered = (at: number) => counted.every((watch) => watch.answeredSince(at));
    if (this.alarm !== undefined && answered(this.alarm.at)) this.alarm = undefined;
    if (this.confirming !== undefined && answered(this.confirming.at)) this.confirming = undefined;
  }

  #situation(now: number): Situation {
    const troubled = this.watches.find(({ troubled: doubtful, weight }) => doubtful && weight > 0);
    return {
      health: this.health,
      fit: this.#fitness.fit,
      why: this.#fitness.words,
      doubt: this.confirming?.words ?? troubled?.words() ?? this.alarm?.words,
      fitSince: this.fitSince,
      told: this.told,
      left: this.left,
      excused: now < this.excusedUntil,
      falls: this.falls.length,
    };
  }

  #resortTime(now: number): number {
    const out = this.health === 'held-up' || this.health === 'flapping';
    const at = out && this.fitSince !== undefined ? this.fitSince + LAST_RESORT_AFTER : Number.POSITIVE_INFINITY;
    return at > now ? at : Number.POSITIVE_INFINITY;
  }
}

/** As events and views name it. */
export const nameOf = ({ spec, application }: Subject): { device: string } & Pick<HealthEvent, 'application'> => ({
  device: spec.name,
  ...(application !== undefined && { application }),
});
