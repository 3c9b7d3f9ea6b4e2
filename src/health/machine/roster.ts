import { deviceSpec } from '../../terms/health/defaults.ts';
import type { DeviceSpec, HealthSpec, PoolSpec } from '../../terms/health/spec.ts';
import { Subject } from './subject.ts';
import type { Watch } from './watch.ts';

interface Entry {
  readonly subject: Subject;
  readonly watch: Watch;
}

/** Everything that is judged, found by the names that results, hints and commands use. */
export class Roster {
  readonly subjects: readonly Subject[];
  /** Members of pools that nobody watches: only commands are about them. */
  readonly #unwatched: ReadonlySet<string>;
  readonly #byDevice = new Map<string, readonly Subject[]>();
  readonly #watches = new Map<string, ReadonlyMap<string, Entry>>();
  /** What was found last: both directions of a probe come one after the other. */
  #latest: { readonly device: string; readonly probe: string; readonly entry: Entry | undefined } | undefined;

  /** @param before subjects of the definitions before; those whose definition is the same stay as they are. */
  constructor({ devices, pools }: HealthSpec, now: number, before?: Roster) {
    const others = unwatched(devices, pools);
    this.#unwatched = new Set(others.map(({ name }) => name));
    for (const device of [...devices, ...others]) {
      const applications = new Set([
        undefined,
        ...[...device.probes, ...device.measures].map((each) => each.application),
      ]);
      const old = before?.of(device.name) ?? [];
      const subjects = isSame(old[0]?.spec, device)
        ? old
        : [...applications].map((application) => new Subject(device, application, now));
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

  /** Whether there is something to say of it. */
  isKnown({ spec, duty }: Subject): boolean {
    return duty !== 'serving' || !this.#unwatched.has(spec.name);
  }

  device(device: string): Subject | undefined {
    return this.#byDevice.get(device)?.[0];
  }

  application(device: string, application: string | undefined): Subject | undefined {
    if (application === undefined) return undefined;
    return this.of(device).find((subject) => subject.application === application);
  }

  watch(device: string, probe: string): Entry | undefined {
    if (this.#latest?.device !== device || this.#latest.probe !== probe) {
      this.#latest = { device, probe, entry: this.#watches.get(device)?.get(probe) };
    }
    return this.#latest.entry;
  }
}

/** Most are the same object: after a change of a service nothing else differs. */
const isSame = (old: DeviceSpec | undefined, device: DeviceSpec): boolean =>
  old === device || (old !== undefined && JSON.stringify(old) === JSON.stringify(device));

function unwatched(devices: readonly DeviceSpec[], pools: readonly PoolSpec[]): readonly DeviceSpec[] {
  const watched = new Set(devices.map(({ name }) => name));
  const members = new Set(pools.flatMap((pool) => pool.members));
  return [...members].filter((name) => !watched.has(name)).map((name) => deviceSpec(name, 'server'));
}

/** Whether this pool goes by this subject. */
export const concerns = (pool: PoolSpec, { spec, application }: Subject): boolean =>
  pool.members.includes(spec.name) && (application === undefined || application === pool.application);
