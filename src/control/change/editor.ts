import { Failure } from '../../api-types/failure.ts';
import { ModelEditor } from '../../model/change/change.ts';
import { changedMap } from '../../model/change/changed-map.ts';
import type { ModelIndex } from '../../model/change/model-index.ts';
import type { Model } from '../../model/types.ts';
import type { NetworkState } from '../../plan/network.ts';

/** Single services on top of a model. The index over all of them is made once and follows; making it costs a second with 100,000. */
export class ServiceEditor {
  #model: Model | undefined;
  #editor: ModelEditor | undefined;

  /**
   * The model with one service set (no definition: deleted), not in force yet: call {@link accept} when it is.
   * @throws Failure refused.
   */
  change(model: Model, name: string, definition: unknown, nics: NetworkState['nics']): Model {
    if (definition === undefined) return { ...model, services: changedMap(model.services, name) };
    const result = this.#over(model, nics).read(name, definition);
    if (!result.ok) {
      const problems = result.faults.map(({ message, hint }) => `${message}\n  try: ${hint}`);
      throw new Failure('refused', `set service ${name}: the definition is wrong; nothing was changed`, problems);
    }
    const services = changedMap(model.services, name, result.service);
    const pools = result.pools.size === model.pools.size ? model.pools : new Map(result.pools);
    return { ...model, services, pools };
  }

  /** `after` is in force instead of the model that was edited, and differs from it in this service. */
  accept(after: Model, name: string): void {
    if (this.#editor === undefined) return;
    const service = after.services.get(name);
    if (service === undefined) this.#editor.remove(name);
    else this.#editor.add(service);
    this.#model = after;
  }

  /** Takes the index that reading the model made. */
  take(model: Model, index: ModelIndex, nics: NetworkState['nics']): void {
    this.#editor = new ModelEditor(model, { nics }, index);
    this.#model = model;
  }

  #over(model: Model, nics: NetworkState['nics']): ModelEditor {
    if (this.#editor === undefined || this.#model !== model) {
      this.#editor = new ModelEditor(model, { nics });
      this.#model = model;
    }
    return this.#editor;
  }
}
