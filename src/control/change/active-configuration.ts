import { isDeepStrictEqual } from 'node:util';
import type { ChangeReport } from '../../api-types/change-report.ts';
import { Failure } from '../../api-types/failure.ts';
import type { Logger, ChangeReport as TableChanges } from '../../dataplane/types.ts';
import { changedMap } from '../../model/change/changed-map.ts';
import type { Model, Service } from '../../model/types.ts';
import { type NetworkSnapshot, readNetwork } from '../../net/snapshot.ts';
import { changeNetwork, type ServiceChange } from '../../plan/change.ts';
import { judge } from '../../views/degraded.ts';
import { collectGarbage } from '../collect.ts';
import type { EngineAccess } from '../engine/access.ts';
import type { Attachments } from '../engine/attachments.ts';
import type { Overseer, Planned } from '../health/health-controller.ts';
import { doubtsOf } from '../health/mode-doubts.ts';
import { Neighbours, recall, withMemory } from '../network/network.ts';
import { lostSentence, OwnAddresses } from '../network/own-addresses.ts';
import { chosenFrom } from '../overrides/pools.ts';
import { Numbers } from '../state/numbers.ts';
import { NOTHING, type State } from '../state/state.ts';
import type { Store } from '../state/store.ts';
import { concerned, describeChange } from './changes.ts';
import { ServiceEditor } from './editor.ts';
import { prepare, refuse } from './prepare.ts';
import { readWithIndex } from './read.ts';

/** Runs its argument with what was decided already on the disk, and lets it count only when that succeeds. */
export type Remember = (publish: () => Promise<void>) => Promise<void>;

/** How much of the definitions is looked at. */
export interface Scope {
  /** The services that differ, where nothing else does. */
  readonly only?: readonly ServiceChange[];
  /** Compiles everything again, and compares it with everything in the tables. */
  readonly anew?: boolean;
  /** Not without every NIC that is there: where the engine cannot be attached to one, nothing comes into force. */
  readonly whole?: boolean;
}

/**
 * What is in force, and the one way by which anything comes into force: compile, publish, remember. An error up to
 * publishing leaves everything as it was; one after it says that the change is in force. Whoever calls takes turns.
 */
export class InForce {
  readonly editor = new ServiceEditor();
  readonly neighbours = new Neighbours();
  readonly ownAddresses = new OwnAddresses();
  readonly numbers: Numbers;
  readonly #access: EngineAccess;
  readonly #attachments: Attachments;
  readonly #store: Store;
  readonly #overseer: Overseer;
  readonly #logger: Logger | undefined;
  /** The network with what was known of neighbours before. */
  #memory: NetworkSnapshot | undefined;
  #state: State | undefined;

  constructor(
    access: EngineAccess,
    attachments: Attachments,
    store: Store,
    overseer: Overseer,
    logger: Logger | undefined,
  ) {
    this.#access = access;
    this.#attachments = attachments;
    this.#store = store;
    this.#overseer = overseer;
    this.#logger = logger;
    this.numbers = new Numbers(access, logger);
  }

  /** As far as somebody has looked at it; see {@link state}. */
  get known(): State | undefined {
    return this.#state;
  }

  /** Read from the store where nobody has looked yet; compiles nothing. */
  async state(): Promise<State> {
    this.#state ??= await this.#load();
    return this.#state;
  }

  /** Replaces parts of it that no table depends on, or that are stored already. */
  amend(parts: Partial<State>): void {
    if (this.#state !== undefined) this.#state = { ...this.#state, ...parts };
  }

  /** As {@link planned}, for changes on top of definitions. @throws Failure where there are none. */
  async required(): Promise<Planned> {
    const state = await this.planned();
    if (state === undefined) throw new Failure('failed', 'change: nothing was applied yet (hopline apply FILE)');
    return state;
  }

  /** Compiled and in the tables; undefined when nothing was applied. */
  async planned(): Promise<Planned | undefined> {
    const state = await this.state();
    if (state.plan === undefined) {
      if ((await this.#store.readApplied()) === undefined) return undefined;
      const network = await this.neighbours.learn(state.model, state.network);
      const { plan: _, ...wanted } = { ...state, network };
      await this.publish(wanted, (publish) => publish());
      collectGarbage();
      await this.rehearse();
    }
    const { plan, ...rest } = this.#state!;
    return { ...rest, plan: plan! };
  }

  /**
   * Changes a service to what it is, as a command would: nothing is written, but the code that changes one service is
   * compiled before somebody waits for it.
   */
  async rehearse(): Promise<void> {
    const { model } = this.#state!;
    const [service] = model.services.values();
    if (service === undefined) return;
    const changed = { ...model, services: changedMap(model.services, service.name, service) };
    // There and back: the model in force is the one that was read.
    for (const next of [changed, model, changed, model]) await this.#changeNothing(next, service);
  }

  async #changeNothing(model: Model, service: Service): Promise<void> {
    const state = this.#state!;
    const { plan, written, network } = state;
    if (plan === undefined) return;
    const engine = await this.#access.writer();
    const same = { before: service, after: service };
    const wanted = { model, network: this.#memory ?? network, targets: this.#overseer.targets({ written, model }) };
    const candidate = prepare(wanted, plan, this.numbers.registry, [same]);
    await candidate.store(engine, this.#overseer.movedSince(wanted.targets));
    const now = { ...state, model, plan: candidate.commit() };
    this.#state = now;
    this.#overseer.define(now, engine);
  }

  /** Brings definitions into force. */
  async publish(
    wanted: Omit<State, 'plan'>,
    remember: Remember,
    { only, anew, whole }: Scope = {},
  ): Promise<ChangeReport> {
    const started = performance.now();
    const state = await this.state();
    const { registry } = this.numbers;
    const before = this.#memory?.neighbours ?? recall(wanted.model, registry, this.#access.reader());
    this.#memory = withMemory(wanted.network, before);
    // What cannot be described afterwards (pins that cannot be read) is better not begun.
    this.#attachments.attached();
    let tables: TableChanges | undefined;
    let unkept: unknown;
    let letGo = (): Promise<void> => Promise.resolve();
    try {
      const plan = anew === true ? undefined : state.plan;
      const targets = this.#overseer.targets(wanted);
      const candidate = prepare({ ...wanted, network: this.#memory, targets }, plan, registry, only);
      const engine = await this.#access.writer();
      if (whole === true) letGo = await this.#attachments.claim(wanted.model, wanted.choices.nics, wanted.network);
      const store = (): Promise<void> =>
        remember(async () => {
          tables = await candidate.store(engine, this.#overseer.movedSince(targets));
          // From here on the new definitions are in force, whatever the disk says.
          const now = { ...wanted, plan: candidate.commit() };
          this.#state = now;
          if (only === undefined) this.ownAddresses.begin(now.model, now.network.nics);
          try {
            if (only === undefined) await this.#attach(now);
          } finally {
            // Only now: probes come back where the engine is attached, and devices would be given up meanwhile.
            this.#overseer.define(now, engine);
          }
        });
      await (wanted.choices === state.choices ? store() : this.#store.replaceChoices(wanted.choices, store));
    } catch (error) {
      if (tables === undefined) {
        await letGo();
        this.numbers.takeBack(this.#state?.plan?.fabric);
        throw error;
      }
      unkept = error;
    }
    this.numbers.giveBack(this.#state!.plan!.fabric, only);
    if (unkept !== undefined) throw unkept;
    const { created, replaced, removed, fabric, stores, syscalls } = tables!;
    const { model, network } = this.#state!;
    const doubts = doubtsOf(model, this.#overseer);
    return {
      ...describeChange(state, this.#state!, only),
      degraded: judge(concerned(model, only), network, this.#attachments.attached(), undefined, doubts).services,
      milliseconds: performance.now() - started,
      dryRun: false,
      steps: { created, replaced, removed },
      writes: { fabric, stores, syscalls },
    };
  }

  /**
   * By table: how many entries are there that nothing in force needs; none while something removed is still on its way
   * out, or nobody has compiled what is in force.
   */
  async unneeded(): Promise<readonly (readonly [table: string, entries: number])[]> {
    const plan = this.#state?.plan;
    if (plan === undefined) return [];
    const engine = await this.#access.writer();
    const found = engine.unneeded(plan.fabric, plan.services.steps.count + plan.shared.steps.count) ?? {};
    return Object.entries(found).filter(([, entries]) => entries > 0);
  }

  /** The same definitions in the network as it is now. `early`: read before its turn came, while `known` was in force. True when tables changed. */
  async follow(early: NetworkSnapshot, known: NetworkSnapshot | undefined): Promise<boolean> {
    const state = this.#state;
    if (state?.plan === undefined) return false;
    const network = state.network === known ? early : await readNetwork();
    await this.neighbours.follow(state.model, network);
    this.#lookAtAddresses(state.model, network);
    const attached = await this.#attach({ ...state, network });
    // Looked at every few seconds: laying out thousands of legs and probes anew is for when something happened.
    if (!attached && isDeepStrictEqual(network, state.network)) return false;
    this.#memory = withMemory(network, this.#memory?.neighbours ?? new Map());
    const change = changeNetwork(state.plan, this.#memory, this.#overseer.targets(state));
    refuse(change.problems);
    const engine = await this.#access.writer();
    const done = await engine.change(change.fabric, change.before, change.after);
    const now = { ...state, network, plan: change.commit() };
    this.#state = now;
    this.#overseer.define(now, engine);
    return attached || done.fabric + done.created + done.replaced + done.removed > 0;
  }

  #lookAtAddresses(model: Model, { nics }: NetworkSnapshot): void {
    const { gone, back } = this.ownAddresses.look(model, nics);
    for (const each of gone)
      this.#overseer.tell({ what: 'address', to: 'gone', reason: lostSentence(each), trigger: 'link' });
    for (const { address, nic } of back) {
      const reason = `the engine has its address ${address} on ${nic} again`;
      this.#overseer.tell({ what: 'address', to: 'back', reason, trigger: 'link' });
    }
  }

  /** Attaches to NICs that the definitions need. One that cannot be attached to is said in status, and tried again. */
  async #attach(state: State): Promise<boolean> {
    const { changed, problems } = await this.#attachments.follow(state.model, state.choices.nics, state.network);
    for (const problem of problems) this.#logger?.warn({}, problem);
    return changed;
  }

  async #load(): Promise<State> {
    await this.#overseer.load();
    const network = await readNetwork();
    const text = await this.#store.readApplied();
    let written = NOTHING;
    if (text !== undefined) {
      const read = readWithIndex({ text, file: 'applied definitions' });
      written = read.model;
      this.editor.take(written, read.index, network.nics);
    }
    for (const { service, definition } of await this.#store.readChanges()) {
      written = this.editor.change(written, service, definition, network.nics);
      this.editor.accept(written, service);
    }
    return { ...chosenFrom(written, await this.#store.readChoices()), network, plan: undefined };
  }
}
