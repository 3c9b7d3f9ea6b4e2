import type { Operations } from '../api-types/operations.ts';
import type { Logger } from '../dataplane/types.ts';
import { Controller } from './controller.ts';
import { EngineAccess } from './engine/access.ts';
import type { Overseer } from './health/health-controller.ts';
import { Remembered } from './health/remembered.ts';
import { operationsOf } from './operate.ts';
import { History } from './state/history.ts';
import type { Instance } from './state/instance.ts';
import { fileStore } from './state/store.ts';

/** A controller for this instance; nothing is opened or read yet. */
export function makeController(instance: Instance, overseer: Overseer, logger?: Logger): Controller {
  const access = new EngineAccess(instance, logger);
  return new Controller(access, fileStore(instance.stateDir), new History(instance.stateDir), overseer, logger);
}

/** The operations done in this process, for one command while no controller runs. */
export function openLocal(instance: Instance): { readonly operations: Operations; close(): Promise<void> } {
  const controller = makeController(instance, new Remembered(instance.stateDir));
  return {
    operations: operationsOf(controller, { instance: instance.name }),
    // Nobody else would remove what goes on serving for the drain time.
    close: () => controller.access.settle().finally(() => controller.close()),
  };
}
