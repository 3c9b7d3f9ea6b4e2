import { Failure } from '../../api-types/failure.ts';
import type { Logger } from '../../dataplane/types.ts';
import { findModes, type ModeFinding } from '../../health/derive/modes.ts';
import type { Model } from '../../model/types.ts';
import type { InForce } from '../change/active-configuration.ts';
import { foundMode } from '../overrides/modes.ts';
import { chosenFrom } from '../overrides/pools.ts';
import type { Turns } from '../serial-queue.ts';
import type { Overseer } from './health-controller.ts';
import { doubtsOf, keyOf } from './mode-doubts.ts';

/** How often findings are looked at, in ms; it costs nothing while no mode is tried. */
const PAUSE = 500;

type Found = ModeFinding & { readonly is: 'loopback' | 'nat' };

/** Brings modes into force as they are found out; what nobody can know is said and left as it is. */
export class ModeFinder {
  readonly #inForce: InForce;
  readonly #overseer: Overseer;
  readonly #turns: Turns;
  readonly #logger: Logger | undefined;
  /** What was told last, by device. */
  readonly #told = new Map<string, string>();
  /** Why modes that were found cannot be, under these definitions; by {@link keyOf}. */
  #refused = new Map<string, string>();
  #refusedFor: Model | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(inForce: InForce, overseer: Overseer, turns: Turns, logger: Logger | undefined) {
    this.#inForce = inForce;
    this.#overseer = overseer;
    this.#turns = turns;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look()
        .catch((error: Error) => this.#logger?.warn({ error: error.message }, 'modes could not be brought into force'))
        .finally(() => {
          this.#looking = undefined;
        });
    }, PAUSE);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Takes up what was found out since. */
  async look(): Promise<void> {
    const { known } = this.#inForce;
    if (known?.plan === undefined) return;
    if (this.#refusedFor !== known.written) this.#refused = new Map();
    this.#refusedFor = known.written;
    const findings = findModes(known.model, () => this.#overseer.view(known.model));
    for (const finding of findings) if (!isFound(finding)) this.#sayOpen(finding);
    const found = findings.filter(isFound).filter((each) => !this.#refused.has(keyOf(each)));
    if (found.length > 0) await this.#turns.take(() => this.#takeAll(found, known.model));
  }

  /** Why the mode of a device is not known, for services that end there. */
  doubts(model: Model): ReadonlyMap<string, string> {
    return doubtsOf(model, this.#overseer, this.#refused);
  }

  #sayOpen({ device, is, reason }: ModeFinding): void {
    if (is === 'open') return;
    this.#say(device, `not known: ${reason}`);
  }

  /** One change for all; where that cannot be, one after the other, so that each is told what stands against it. */
  async #takeAll(found: readonly Found[], model: Model): Promise<void> {
    if (this.#inForce.known?.model !== model) return;
    try {
      await this.#take(found);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (found.length === 1) this.#refuse(found[0]!, error);
      else for (const each of found) await this.#takeOne(each);
    }
  }

  async #takeOne(found: Found): Promise<void> {
    try {
      await this.#take([found]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refuse(found, error);
    }
  }

  /** @throws Failure refused; nothing has changed then. */
  async #take(found: readonly Found[]): Promise<void> {
    const { plan: _, ...state } = await this.#inForce.required();
    const { written, choices, network } = state;
    const fresh = found.map(({ device, is }) => [device, foundMode(written.devices.get(device)!, is)] as const);
    const next = chosenFrom(written, { ...choices, modes: { ...choices.modes, ...Object.fromEntries(fresh) } });
    await this.#inForce.publish({ ...next, network }, (publish) => publish());
    for (const { device, is, reason } of found) {
      const before = state.model.devices.get(device)!;
      const from = before.auto === 'sought' ? 'auto' : before.mode!;
      this.#told.delete(device);
      if (from !== is) this.#overseer.tell({ what: 'mode', device, from, to: is, reason, trigger: 'probe' });
    }
  }

  #refuse(found: Found, { message, problems }: Failure): void {
    const [why = message] = problems;
    const sentence = `it is ${found.is} (${found.reason}), which cannot be: ${why}`;
    this.#refused.set(keyOf(found), sentence);
    this.#say(found.device, sentence);
  }

  #say(device: string, reason: string): void {
    if (this.#told.get(device) === reason) return;
    this.#told.set(device, reason);
    this.#overseer.tell({ what: 'mode', device, reason, trigger: 'probe' });
  }
}

const isFound = (finding: ModeFinding): finding is Found => finding.is === 'loopback' || finding.is === 'nat';

const isRefusal = (error: unknown): error is Failure => error instanceof Failure && error.code === 'refused';
