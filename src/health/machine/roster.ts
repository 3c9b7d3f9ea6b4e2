import type { HealthSpec, PoolSpec } from './spec.ts';
import { Subject } from './subject.ts';
import type { Watch } from './watch.ts';

interface Entry {
  readonly subject: Subject;
  readonly watch: Watch;
}

/** Everything that is judged, found by the names that results, hints and commands use. */
export class Roster {
  readonly subjects: readonly Subject[];
  readonly #byDevice = new Map<string, readonly Subject[]>();
  readonly #watches = new Map<string, ReadonlyMap<string, Entry>>();

  /** @param before subjects of the definitions before; those whose definition is the same stay as they are. */
  constructor({ devices }: HealthSpec, now: number, before?: Roster) {
    for (const device of devices) {
      const applications = new Set([
        undefined,
        ...[...device.probes, ...device.measures].map((each) => each.application),
      ]);
      const old = before?.of(device.name) ?? [];
      const same = old.length > 0 && JSON.stringify(old[0]!.spec) === JSON.stringify(device);
      const subjects = same ? old : [...applications].map((application) => new Subject(device, application, now));
      this.#byDevice.set(device.name, subjects);
      const watches = subjects.flatMap((subject) => subject.watches.map((watch) => ({ subject, watch })));
      this.#watches.set(device.name, new Map(watches.map((entry) => [entry.watch.spec.name, entry])));
    }
    this.subjects = [...this.#byDevice.values()].flat();
  }

  /** A device (first) and what it is for its applications; empty where nobody watches it. */
  of(device: string): readonly Subject[] {
    return this.#byDevice.get(device) ?? [];
  }

  device(device: string): Subject | undefined {
    return this.#byDevice.get(device)?.[0];
  }

  application(device: string, application: string | undefined): Subject | undefined {
    if (application === undefined) return undefined;
    return this.of(device).find((subject) => subject.application === application);
  }

  watch(device: string, probe: string): Entry | undefined {
    return this.#watches.get(device)?.get(probe);
  }
}

/** Whether this pool goes by this subject. */
export const concerns = (pool: PoolSpec, { spec, application }: Subject): boolean =>
  pool.members.includes(spec.name) && (application === undefined || application === pool.application);
