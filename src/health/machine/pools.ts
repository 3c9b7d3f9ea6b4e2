import type { PoolSpec } from '../../terms/health/spec.ts';
import type { Target } from '../../terms/health/target.ts';
import { type Action, type HealthEvent, type Trigger, targetWord } from './event.ts';
import { decide, type Standing, worse } from './pool.ts';
import { concerns, type Roster } from './roster.ts';
import type { Subject } from './subject.ts';

/** A pool word and where its packets go. */
export interface Word {
  readonly spec: PoolSpec;
  target: Target;
  works: boolean;
  reason: string;
  /** Where packets of one version of IP alone get through: that one. */
  partly?: 4 | 6 | undefined;
  /** Since when its packets go there. */
  since: number;
  /** The member a command chose, until it falls. */
  choice: string | undefined;
  /** Members that would take over at once. */
  spares: readonly string[];
  /** Whether there was one when it was told last, or the pool has no others at all. */
  hasSpare: boolean;
}

/** All pool words, and the decisions of one step. */
export class Pools {
  readonly words: readonly Word[];
  readonly #roster: Roster;
  readonly #byMember = new Map<string, Word[]>();

  /** @param before words of the definitions before, or remembered ones; kept where the member is still one. */
  constructor(specs: readonly PoolSpec[], roster: Roster, now: number, before: readonly Word[] = []) {
    const old = new Map(before.map((word) => [word.spec.name, word]));
    this.#roster = roster;
    this.words = specs.map((spec) => adopt(spec, now, old.get(spec.name)));
    for (const word of this.words) {
      for (const member of word.spec.members) {
        const words = this.#byMember.get(member);
        if (words === undefined) this.#byMember.set(member, [word]);
        else words.push(word);
      }
    }
  }

  /** The words that go by this subject. */
  of(subject: Subject): readonly Word[] {
    return (this.#byMember.get(subject.spec.name) ?? []).filter(({ spec }) => concerns(spec, subject));
  }

  /** Whether packets of one of its words go to this subject. */
  isUsed(subject: Subject): boolean {
    return this.of(subject).some(({ target }) => 'member' in target && target.member === subject.spec.name);
  }

  /** Decides one word again and does it. @returns what follows, the move first. */
  settle(word: Word, now: number, trigger: Trigger): Action[] {
    const { spec, target: from } = word;
    const about = spec.application === undefined ? {} : { application: spec.application };
    const standing = (member: string) => this.#standing(member, spec.application, now);
    if (word.choice !== undefined && hasFallen(standing(word.choice))) word.choice = undefined;
    const { target: to, works, reason, partly, spares } = decide(spec, standing, from, word.choice);
    const actions: Action[] = [];
    const tellSpare = (has: boolean): void => {
      const reason = has ? `${spares.join(', ')} can take over` : noSpare(spec, to, standing);
      actions.push({
        kind: 'tell',
        event: {
          at: now,
          what: has ? 'spare' : 'no-spare',
          pool: spec.name,
          ...about,
          to: targetWord(to),
          reason,
          trigger,
        },
      });
    };
    const tell = (event: Pick<HealthEvent, 'what' | 'from' | 'to'>): void => {
      actions.push({ kind: 'tell', event: { at: now, pool: spec.name, ...about, ...event, reason, trigger } });
    };
    if (!isSameStore(from, to)) {
      actions.push({ kind: 'move', pool: spec.name, from, to, reason });
      tell({ what: 'move', from: targetWord(from), to: targetWord(to) });
      word.since = now;
    }
    if (works !== word.works) tell({ what: works ? 'available' : 'unavailable', to: targetWord(to) });
    // Of one that does not work nobody asks whether it has a spare.
    const hasSpare = works ? spec.members.length < 2 || spares.length > 0 : word.hasSpare;
    if (hasSpare !== word.hasSpare) tellSpare(hasSpare);
    Object.assign(word, { target: to, works, reason, partly, spares, hasSpare });
    return actions;
  }

  #standing(member: string, application: string | undefined, now: number): Standing {
    const device = this.#roster.device(member);
    if (device === undefined) return UNWATCHED;
    const own = this.#roster.application(member, application);
    return own === undefined ? device.standing(now) : worse(device.standing(now), own.standing(now));
  }
}

/** Nobody watches it: it is taken to work. */
const UNWATCHED: Standing = { state: 'unknown', answers: true, steady: true, reason: 'not watched' };

function noSpare({ members }: PoolSpec, to: Target, standing: (member: string) => Standing): string {
  const used = 'member' in to ? to.member : undefined;
  const others = members.filter((member) => member !== used);
  const states = others.map((member) => `${member} is ${standing(member).state}: ${standing(member).reason}`);
  return `nobody could take over: ${states.join('; ')}`;
}

const FALLEN = new Set(['down', 'flapping', 'draining', 'maintenance']);
const hasFallen = ({ state }: Standing): boolean => FALLEN.has(state);

const isSameStore = (from: Target, to: Target): boolean => {
  if ('member' in from && 'member' in to) return from.member === to.member;
  if (from.to === 'next' && to.to === 'next') return from.pool === to.pool;
  return from.to === to.to;
};

function adopt(spec: PoolSpec, now: number, old: Word | undefined): Word {
  const fresh: Word = {
    spec,
    target: { to: 'member', member: spec.active },
    works: true,
    reason: 'as defined',
    since: now,
    choice: undefined,
    spares: spec.members.filter((member) => member !== spec.active),
    hasSpare: true,
  };
  if (old === undefined || ('member' in old.target && !spec.members.includes(old.target.member))) return fresh;
  const choice = old.choice !== undefined && spec.members.includes(old.choice) ? old.choice : undefined;
  return { ...old, spec, choice };
}
