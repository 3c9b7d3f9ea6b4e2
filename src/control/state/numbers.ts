import type { Logger } from '../../dataplane/types.ts';
import type { ServiceChange } from '../../plan/change.ts';
import type { Registry } from '../../plan/registry.ts';
import type { Fabric } from '../../plan/types.ts';
import type { EngineAccess } from '../engine/access.ts';
import { type Released, releaseGone, releaseServices, restoreRegistry, reuse } from './registry-store.ts';

/** The numbers that names have in the tables: taken from there, given out again when nothing there uses them any more. */
export class Numbers {
  readonly #access: EngineAccess;
  readonly #logger: Logger | undefined;
  #registry: Registry | undefined;
  /** Numbers that counts still refer to. */
  #resting: Released = [];

  constructor(access: EngineAccess, logger: Logger | undefined) {
    this.#access = access;
    this.#logger = logger;
  }

  /** What the numbers in the tables mean; no definitions are read for it. */
  get registry(): Registry {
    this.#registry ??= restoreRegistry(this.#access.reader());
    return this.#registry;
  }

  /** Those of names that went with what is in force now. `only`: the services that differ, where nothing else does. */
  giveBack(fabric: Fabric, only?: readonly ServiceChange[]): void {
    this.#reuseLater(
      only === undefined ? releaseGone(this.registry, fabric) : releaseServices(this.registry, fabric, only),
    );
  }

  /** Those that definitions were given which did not come into force. `fabric`: of what is; undefined where nothing is. */
  takeBack(fabric: Fabric | undefined): void {
    if (fabric === undefined) this.forget();
    else this.#reuseLater(releaseGone(this.registry, fabric));
  }

  /** The tables are gone, or never were what they should have been. */
  forget(): void {
    this.#registry = undefined;
    this.#resting = [];
  }

  #reuseLater(released: Released): void {
    const registry = this.registry;
    const settled = async (): Promise<void> => {
      const engine = await this.#access.writer();
      await engine.settle();
      if (registry === this.#registry) this.#resting = reuse(registry, engine, [...this.#resting, ...released]);
    };
    settled().catch((error: Error) =>
      this.#logger?.warn({ error: error.message }, 'old table entries were not reclaimed'),
    );
  }
}
