import { fabricOf } from '../build/fabric.ts';
import type { Fault } from '../problem.ts';
import { type Context, readOne } from '../read/read.ts';
import type { Model, Pool, Service } from '../types.ts';
import { ModelIndex } from './model-index.ts';

export type ChangeResult =
  | { readonly ok: true; readonly service: Service; readonly pools: ReadonlyMap<string, Pool> }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A model under small changes: one service is read and judged at a time, against all others, in a few milliseconds. */
export class ModelEditor {
  readonly #fabric;
  readonly #index;

  /** @param index what reading the model left, where it was read just now: making it anew costs a second with 100,000 services. */
  constructor(model: Model, context: Context = {}, index?: ModelIndex) {
    const fabric = fabricOf(model, context.nics ?? new Map());
    this.#fabric = index === undefined ? fabric : { ...fabric, pools: index.fabric.pools };
    this.#index = index ?? new ModelIndex(fabric);
    if (index === undefined) for (const service of model.services.values()) this.#index.add(service);
  }

  /** The service as it would be, without taking it in; `raw` as it stands in a file. Pools: those its alternates need, too. */
  read(name: string, raw: unknown): ChangeResult {
    const faults: Fault[] = [];
    const service = readOne(name, raw, this.#fabric, this.#index, (fault) => faults.push(fault));
    return service === undefined ? { ok: false, faults } : { ok: true, service, pools: this.#fabric.pools };
  }

  /** How a service that was read before is at odds with the others now. */
  check(service: Service): readonly Fault[] {
    return this.#index.check(service);
  }

  add(service: Service): void {
    this.#index.add(service);
  }

  remove(name: string): void {
    this.#index.remove(name);
  }
}
