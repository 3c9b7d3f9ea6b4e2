import type { HealthSpec } from '../../terms/health/spec.ts';
import { Agenda } from './agenda.ts';
import { carryOut } from './commands.ts';
import { Draining } from './draining.ts';
import { type Action, duration, type Trigger, type WordTarget } from './event.ts';
import { Guard } from './guard.ts';
import { Hearing } from './hearing.ts';
import { type Memory, recall, recallWords, remember } from './memory.ts';
import { Pools, type Word } from './pools.ts';
import type { Input } from './report.ts';
import { concerns, Roster } from './roster.ts';
import { nameOf, type Subject } from './subject.ts';
import type { Turn } from './transition.ts';
import { type FleetView, viewFleet } from './view.ts';

/** A controller that starts has other things to do at first: nobody need hear within so many ms that it is so many ms late. */
const STARTING = 3000;
const STARTING_LATE = 1000;

/** Messages that a device is kept alive by its frames are at least so far apart. */
const KEPT_AGAIN = 60_000;

interface Look {
  readonly subject: Subject;
  readonly trigger: Trigger;
  readonly turn: Turn | undefined;
}

/**
 * The health machine: every device, every pool, and what follows from what is heard of them. It sends nothing and
 * reads no clock: {@link step} takes what happened and says what to do. The same inputs give the same actions.
 */
export class Fleet {
  #roster: Roster;
  #pools: Pools;
  #hearing: Hearing;
  readonly #guard: Guard;
  readonly #born: number;
  readonly #agenda = new Agenda();
  readonly #draining = new Draining();

  /** @param memory what another fleet remembered before the controller ended. */
  constructor(spec: HealthSpec, now: number, memory?: Memory) {
    this.#guard = new Guard(spec.guard);
    this.#born = now;
    this.#roster = new Roster(spec, now);
    if (memory !== undefined) recall(memory, this.#roster.subjects, now);
    const before = memory === undefined ? [] : recallWords(memory, spec.pools, now);
    this.#pools = new Pools(spec.pools, this.#roster, now, before);
    this.#hearing = new Hearing(this.#roster, this.#guard, this.#agenda);
    this.#draining.note(this.#roster.subjects);
  }

  /**
   * Takes other definitions; what did not change in them goes on as it was, what did begins from what is remembered.
   * @returns what follows at once: moves of pools whose member is none any more, or was added out of work.
   */
  redefine(spec: HealthSpec, now: number): readonly Action[] {
    const before = this.#roster;
    const same = new Set(before.subjects);
    this.#roster = new Roster(spec, now, before);
    const fresh = this.#roster.subjects.filter((subject) => !same.has(subject));
    if (fresh.length > 0) recall(remember(before, this.#pools, now), fresh, now);
    this.#pools = new Pools(spec.pools, this.#roster, now, this.#pools.words);
    this.#hearing = new Hearing(this.#roster, this.#guard, this.#agenda);
    this.#draining.clear();
    this.#draining.note(this.#roster.subjects);
    for (const subject of this.#roster.subjects) this.#agenda.look(subject, 'command');
    return this.#finish(now);
  }

  /**
   * One step: at every tick (with `due`), and whenever something is known before the next one.
   * @returns what to do, moves first; do them in this order, before anything is told.
   * @throws RangeError for a command that cannot be; nothing has changed then. Give each command a step of its own.
   */
  step({ now, due, results, hints, commands }: Input): readonly Action[] {
    for (const command of commands ?? []) {
      const subjects = carryOut(command, this.#roster, this.#pools);
      for (const subject of subjects) this.#agenda.look(subject, 'command');
      this.#draining.note(subjects);
    }
    if (due !== undefined) this.#tick(due, now);
    for (const hint of hints ?? []) this.#hearing.hint(hint, now);
    for (const result of results ?? []) this.#hearing.result(result, now);
    return this.#finish(now);
  }

  /** What has to survive a restart. */
  remember(now: number): Memory {
    return remember(this.#roster, this.#pools, now);
  }

  /** Whom each pool word uses now: what of {@link view} costs nothing. */
  words(): readonly WordTarget[] {
    return this.#pools.words.map(({ spec, target }) => ({ name: spec.name, pool: spec.pool, target }));
  }

  /** What it thinks of everything and why, for `device show`, `pool show`, metrics. */
  view(now: number): FleetView {
    return viewFleet(this.#roster, this.#pools, now);
  }

  #tick(due: number, now: number): void {
    const late = this.#guard.tick(due, now);
    if (late !== undefined && (late > STARTING_LATE || now >= this.#born + STARTING)) {
      const reason = `the controller was ${duration(late)} late: probes lost meanwhile count for nothing`;
      this.#agenda.tell({ at: now, what: 'controller', reason, trigger: 'controller' });
    }
    for (const subject of this.#roster.subjects) if (now >= subject.deadline) this.#agenda.look(subject, 'time');
  }

  #finish(now: number): readonly Action[] {
    const looks = this.#agenda.takeLooks();
    if (looks.length > 0) this.#decide(looks, now);
    for (const subject of this.#draining.settle(this.#pools, this.#agenda, now)) this.#tellState(subject, now, 'time');
    return this.#agenda.takeActions();
  }

  #decide(looks: readonly (readonly [Subject, Trigger])[], now: number): void {
    const seen = looks.map(([subject, trigger]): Look => {
      const turn = subject.reassess(now);
      return { subject, turn, trigger: isFall(turn) ? subject.fallTrigger : trigger };
    });
    const held = this.#held(seen, now);
    const words = new Map<Word, Trigger>();
    for (const { subject, turn, trigger } of seen) {
      if (turn !== undefined && !held.has(subject)) this.#take(subject, turn, now);
      this.#tellState(subject, now, trigger);
      for (const word of this.#pools.of(subject)) if (!words.has(word)) words.set(word, trigger);
      this.#follow(subject, now);
    }
    for (const [word, trigger] of words) this.#settle(word, now, trigger);
    for (const { subject, turn } of seen) {
      const unused = this.#pools.of(subject).length > 0 && !this.#pools.isUsed(subject);
      if (isFall(turn) && !held.has(subject) && unused) subject.left = true;
    }
  }

  #take(subject: Subject, turn: Turn, now: number): void {
    if (isFall(turn)) this.#guard.believed(subject.spec.shares, now);
    subject.take(turn, now);
  }

  /** Those whose fall is to be confirmed first, because too many fall at once. */
  #held(looks: readonly Look[], now: number): ReadonlySet<Subject> {
    const falling = looks.filter(({ turn, trigger, subject }) => {
      return isFall(turn) && trigger === 'probe' && subject.confirming === undefined;
    });
    if (falling.length === 0) return NOBODY;
    const subjects = falling.map(({ subject }) => subject);
    const watched = ({ isServing, watches }: Subject) => isServing && watches.length > 0;
    const serving = () => this.#roster.subjects.filter(watched).map(({ spec }) => spec.shares);
    if (
      !this.#guard.isMass(
        subjects.map(({ spec }) => spec.shares),
        serving,
        now,
      )
    )
      return NOBODY;
    const reason = `${subjects.length} devices with nothing in common failed at once: confirming before leaving them`;
    this.#agenda.tell({ at: now, what: 'controller', reason, trigger: 'controller' });
    for (const subject of subjects) subject.hold(now, reason);
    return new Set(subjects);
  }

  #settle(word: Word, now: number, trigger: Trigger): void {
    const before = memberOf(word);
    for (const action of this.#pools.settle(word, now, trigger)) this.#agenda.act(action);
    if (before === undefined || memberOf(word) === before) return;
    for (const subject of this.#roster.of(before)) {
      if (!subject.isServing && concerns(word.spec, subject)) subject.left = true;
    }
  }

  /** Paces of its probes, and why it is still called alive. */
  #follow(subject: Subject, now: number): void {
    const { alarm, confirming, spec, watches } = subject;
    for (const watch of watches) {
      const interval = watch.wantedPace(alarm !== undefined || confirming !== undefined);
      if (interval !== watch.pace) {
        watch.pace = interval;
        this.#agenda.act({ kind: 'pace', device: spec.name, probe: watch.spec.name, interval });
      }
      if (!watch.kept || watch.verdict === 'failing' || now < subject.toldKeptAt + KEPT_AGAIN) continue;
      subject.toldKeptAt = now;
      const reason = `${watch.words()}; but frames still come out, so it is not called dead`;
      this.#agenda.tell({ at: now, what: 'kept', ...nameOf(subject), reason, trigger: 'probe' });
    }
  }

  /** Doubts come and go with single losses, and first answers are no news: neither is told. */
  #tellState(subject: Subject, now: number, trigger: Trigger): void {
    const { shown: from, state: to, words: reason } = subject;
    if (from === to || (to === 'suspect' && QUIET.has(from))) return;
    subject.shown = to;
    if (QUIET.has(from) && QUIET.has(to)) return;
    this.#agenda.tell({ at: now, what: 'state', ...nameOf(subject), from, to, reason, trigger });
  }
}

const NOBODY: ReadonlySet<Subject> = new Set();
const QUIET: ReadonlySet<string> = new Set(['unknown', 'up']);

const isFall = (turn: Turn | undefined): boolean => turn?.to === 'down' || turn?.to === 'flapping';
const memberOf = ({ target }: Word): string | undefined => ('member' in target ? target.member : undefined);
