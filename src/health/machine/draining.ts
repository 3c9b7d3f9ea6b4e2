import type { Agenda } from './agenda.ts';
import type { Pools } from './pools.ts';
import { nameOf, type Subject } from './subject.ts';

/** Sees devices that drain to their end: empty for their time after the last pool left them, or said to be stuck. */
export class Draining {
  readonly #subjects = new Set<Subject>();

  /** Notes what a command or new definitions made of them. */
  note(subjects: Iterable<Subject>): void {
    for (const subject of subjects) {
      if (subject.duty === 'draining') this.#subjects.add(subject);
      else this.#subjects.delete(subject);
    }
  }

  /** Forgets all of them: other definitions are in force. */
  clear(): void {
    this.#subjects.clear();
  }

  /** @returns those that are done; they are out for maintenance now. */
  settle(pools: Pools, agenda: Agenda, now: number): readonly Subject[] {
    return [...this.#subjects].filter((subject) => {
      if (!pools.isUsed(subject)) {
        subject.toldStuck = false;
        subject.vacantSince ??= now;
        if (now < subject.vacantSince + subject.spec.drain) return false;
        subject.duty = 'maintenance';
        return this.#subjects.delete(subject);
      }
      subject.vacantSince = undefined;
      if (!subject.toldStuck) {
        const reason = `${subject.spec.name} drains, but nobody can take over: it stays until somebody can`;
        agenda.tell({ at: now, what: 'refused', ...nameOf(subject), reason, trigger: 'command' });
      }
      subject.toldStuck = true;
      return false;
    });
  }
}
