import type { Target } from '../../terms/health/target.ts';
import type { Health } from './event.ts';
import type { Pools, Word } from './pools.ts';
import type { Roster } from './roster.ts';
import type { Duty, Subject } from './subject.ts';

/** What survives a restart of the controller: plain JSON. Times are ages, for clocks begin anew. */
export interface Memory {
  readonly devices: readonly {
    readonly device: string;
    readonly application?: string;
    readonly duty: Duty;
    readonly health: Health;
    readonly reason: string;
    readonly age: number;
    readonly left: boolean;
    readonly told: boolean;
    readonly falls: readonly number[];
  }[];
  readonly pools: readonly (Pick<Word, 'works' | 'reason'> & {
    readonly name: string;
    readonly target: Target;
    readonly choice?: string;
    readonly age: number;
  })[];
}

export function remember(roster: Roster, { words }: Pools, now: number): Memory {
  return {
    devices: roster.subjects.map(({ spec, application, duty, health, reason, since, left, told, falls }) => ({
      device: spec.name,
      ...(application !== undefined && { application }),
      duty,
      health,
      reason,
      age: now - since,
      left,
      told,
      falls: falls.map((at) => now - at),
    })),
    pools: words.map(({ spec, target, works, reason, choice, since }) => ({
      name: spec.name,
      target,
      works,
      reason,
      ...(choice !== undefined && { choice }),
      age: now - since,
    })),
  };
}

/** Puts remembered devices back. What was up has to answer again before it is called so; what was down stays down. */
export function recall(memory: Memory, subjects: readonly Subject[], now: number): void {
  const known = new Map(subjects.map((subject) => [keyOf(subject.spec.name, subject.application), subject]));
  for (const { device, application, duty, health, reason, age, left, told, falls } of memory.devices) {
    const subject = known.get(keyOf(device, application));
    if (subject === undefined) continue;
    subject.duty = duty;
    if (isOut(health)) putOut(subject, health);
    Object.assign(subject, { left, told, falls: falls.map((each) => now - each), since: now - age });
    if (isOut(health)) subject.reason = reason;
    subject.shown = subject.state;
  }
}

/** Remembered pool words, as the pools take them over. */
export function recallWords(memory: Memory, specs: readonly Word['spec'][], now: number): Word[] {
  return memory.pools.flatMap(({ name, target, works, reason, choice, age }) => {
    const spec = specs.find((each) => each.name === name);
    if (spec === undefined) return [];
    // Whether there was a spare is found out again before anybody is told.
    const spares = spec.members.filter((member) => !('member' in target) || member !== target.member);
    return [{ spec, target, works, reason, choice, since: now - age, spares, hasSpare: true }];
  });
}

const keyOf = (device: string, application: string | undefined): string => `${device} ${application ?? ''}`;

const isOut = (health: Health): boolean => health === 'down' || health === 'held-up' || health === 'flapping';

/** One that was out has to show as many answers in a row as any other; one held up begins its time anew. */
function putOut(subject: Subject, health: Health): void {
  subject.health = health === 'held-up' ? 'down' : health;
  for (const watch of subject.watches) if (watch.weight > 0) watch.cut();
}
