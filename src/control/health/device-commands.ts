import type { ChangeReport } from '../../api-types/change-report.ts';
import { Failure, Missing } from '../../api-types/failure.ts';
import type { DeviceCommand, DeviceReport } from '../../api-types/health-operations.ts';
import type { InForce } from '../change/active-configuration.ts';
import { chosenFrom } from '../overrides/pools.ts';
import { replace, usersOf } from '../overrides/replacements.ts';
import type { Turns } from '../serial-queue.ts';
import { changed, checkFit, nothingWritten, reportDevice, rewritten, sharePool } from './device-report.ts';
import type { Overseer, Planned } from './health-controller.ts';

/** Commands about devices: most are one word to whoever watches, some have services written anew. */
export class DeviceCommands {
  readonly #inForce: InForce;
  readonly #overseer: Overseer;
  readonly #turns: Turns;

  constructor(inForce: InForce, overseer: Overseer, turns: Turns) {
    this.#inForce = inForce;
    this.#overseer = overseer;
    this.#turns = turns;
  }

  /** Drains a device, takes it out, or takes it back (also where another stands in for it). */
  async command(device: string, command: DeviceCommand): Promise<DeviceReport> {
    this.#overseer.checkCommands();
    const { model, choices } = await this.planned();
    if (!model.devices.has(device)) {
      throw new Missing(`${command} ${device}: there is no device of this name (hopline device list)`);
    }
    const isReplaced = command === 'restore' && choices.replacements[device] !== undefined;
    const change = isReplaced ? await this.#turns.take(() => this.#takeBack(device)) : undefined;
    if (command === 'restore' && choices.modes[device] !== undefined)
      await this.#turns.take(() => this.#tryAgain(device));
    const events = await this.#overseer.command({ kind: command, device });
    return reportDevice(this.#overseer.view(model), device, events, change);
  }

  /** Every service that uses `device` uses `by` from now on: pools of both turn, what names it alone is written anew at once. */
  replace(device: string, by: string): Promise<DeviceReport> {
    return this.#turns.take(async () => {
      const started = performance.now();
      this.#overseer.checkCommands();
      const { plan: _, ...state } = await this.#inForce.required();
      const { model, written, choices, network } = state;
      const replacements = replace(choices.replacements, model, device, by);
      checkFit(this.#overseer.view(model), device, by);
      const users = usersOf(model, device);
      const next = chosenFrom(written, { ...choices, replacements });
      const isNamed = rewritten(model, next.model).length > 0;
      const isShared = sharePool(model, device, by);
      if (!isNamed && !isShared)
        throw new Failure('failed', `replace ${device}: nothing uses it (hopline device list)`);
      const report = isNamed
        ? await this.#inForce.publish({ ...next, network }, (publish) => publish())
        : nothingWritten(started);
      const events = await this.#overseer.command(
        isShared ? { kind: 'replace', device, by } : { kind: 'drain', device },
      );
      return reportDevice(this.#overseer.view(model), device, events, { ...report, services: changed(users) });
    });
  }

  /** What is in force, without waiting for changes that are under way. */
  async planned(): Promise<Planned> {
    const { known } = this.#inForce;
    if (known?.plan !== undefined) return { ...known, plan: known.plan };
    return this.#turns.take(() => this.#inForce.required());
  }

  /** The mode that was found of a device is found out anew; until then it stays. */
  async #tryAgain(device: string): Promise<void> {
    const { plan: _, ...state } = await this.#inForce.required();
    const found = state.choices.modes[device];
    if (found === undefined) return;
    const modes = { ...state.choices.modes, [device]: { ...found, again: true as const } };
    const next = chosenFrom(state.written, { ...state.choices, modes });
    await this.#inForce.publish({ ...next, network: state.network }, (publish) => publish());
  }

  /** Services that named a device which was replaced name it again. */
  async #takeBack(device: string): Promise<ChangeReport> {
    const { plan: _, ...state } = await this.#inForce.required();
    const { [device]: _by, ...replacements } = state.choices.replacements;
    const next = chosenFrom(state.written, { ...state.choices, replacements });
    const report = await this.#inForce.publish({ ...next, network: state.network }, (publish) => publish());
    return { ...report, services: changed(rewritten(state.model, next.model)) };
  }
}
