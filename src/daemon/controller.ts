import type { Logger, ChangeReport as TableChanges } from '../dataplane/types.ts';
import type { Model } from '../model/types.ts';
import { type NetworkSnapshot, readNetwork } from '../net/snapshot.ts';
import { changeNetwork, type ServiceChange } from '../plan/change.ts';
import type { Registry } from '../plan/registry.ts';
import type { EngineAccess } from './access.ts';
import { Attachments } from './attachments.ts';
import { concerned, describeChange } from './changes.ts';
import { collectGarbage } from './collect.ts';
import { judge } from './degraded.ts';
import { ServiceEditor } from './editor.ts';
import { Failure, Missing } from './failure.ts';
import { Neighbours, recall, withMemory } from './network.ts';
import type { AttachMode, AttachReport, ChangeReport, DefinitionText, PoolView } from './operations.ts';
import { choose, chosenFrom, viewPool, withChoices } from './pools.ts';
import { prepare, preview, refuse } from './publish.ts';
import { readModel, readWithIndex } from './read.ts';
import { type Released, releaseGone, releaseServices, restoreRegistry, reuse } from './registry.ts';
import { NOTHING, type State } from './state.ts';
import type { Choices, Store, ServiceChange as StoredChange } from './store.ts';
import { Turns } from './turns.ts';

/** Runs its argument with what was decided already on the disk, and lets it count only when that succeeds. */
type Remember = (publish: () => Promise<void>) => Promise<void>;

/**
 * Holds what is in force and changes it, one change at a time: read, validate, compile, publish, remember. An error up
 * to publishing leaves everything as it was; one after it says that the change is in force. Reading needs neither the lock nor a compile.
 */
export class Controller {
  readonly access: EngineAccess;
  readonly attachments: Attachments;
  readonly #store: Store;
  readonly #logger: Logger | undefined;
  readonly #neighbours = new Neighbours();
  readonly #editor = new ServiceEditor();
  #registry: Registry | undefined;
  /** Numbers that counts still refer to. */
  #resting: Released = [];
  /** The network with what was known of neighbours before. */
  #memory: NetworkSnapshot | undefined;
  #state: State | undefined;
  readonly #turns = new Turns();

  constructor(access: EngineAccess, store: Store, logger?: Logger) {
    this.access = access;
    this.attachments = new Attachments(access);
    this.#store = store;
    this.#logger = logger;
  }

  /** Takes up what was in force last. False when nothing was. */
  restore(): Promise<boolean> {
    return this.#turns.take(async () => (await this.#planned()) !== undefined);
  }

  /** What the numbers in the tables mean; no definitions are read for it. */
  get registry(): Registry {
    return this.#names();
  }

  /** What is in force, for those who only read. */
  async state(): Promise<State & { readonly registry: Registry }> {
    const state = await this.#current();
    return { ...state, registry: this.#names() };
  }

  apply(definitions: DefinitionText): Promise<ChangeReport> {
    return this.#turns.take(() => this.#replace(definitions));
  }

  rollback(): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const text = await this.#store.readPrevious();
      if (text === undefined) throw new Failure('failed', 'roll back: there are no definitions before these');
      return this.#replace({ text, file: 'previous definitions' });
    });
  }

  diff(definitions: DefinitionText): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const started = performance.now();
      const state = await this.#current();
      const chosen = chosenFrom(readModel(definitions, state.network.nics), state.choices);
      const steps = preview({ ...state, ...chosen }, this.access.reader());
      collectGarbage();
      return {
        ...describeChange(state, { ...state, ...chosen }),
        milliseconds: performance.now() - started,
        degraded: [],
        dryRun: true,
        steps,
      };
    });
  }

  setService(name: string, definition: unknown): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const { written, network } = await this.#inForce();
      const model = this.#editor.change(written, name, definition, network.nics);
      return this.#changeService(model, { service: name, definition });
    });
  }

  deleteService(name: string): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const { written, network } = await this.#inForce();
      if (!written.services.has(name)) {
        throw new Missing(`delete service ${name}: there is none of this name (hopline service list)`);
      }
      return this.#changeService(this.#editor.change(written, name, undefined, network.nics), { service: name });
    });
  }

  /** One store moves every service of the pool; remembered before, so that a restart does not move them back. */
  usePool(name: string, member: string): Promise<PoolView> {
    return this.#turns.take(async () => {
      const state = await this.#inForce();
      const pools = choose(state.choices.pools, state.written, name, member);
      const { pool } = state.plan.places.pools.get(name)!;
      const { outside, inside } = state.plan.places.devices.get(member)!;
      const engine = await this.access.writer();
      const choices = await this.#remember({ ...state.choices, pools });
      engine.setPool(pool, outside, inside);
      const model = withChoices(state.written, pools);
      const moved = state.plan.fabric.pools.map((each) => (each.pool === pool ? { ...each, outside, inside } : each));
      const plan = { ...state.plan, model, fabric: { ...state.plan.fabric, pools: moved } };
      this.#state = { ...state, choices, model, plan };
      return viewPool(state.written.pools.get(name)!, pools);
    });
  }

  attach(nics: readonly string[], mode: AttachMode): Promise<readonly AttachReport[]> {
    return this.#turns.take(async () => {
      const reports = await this.attachments.attach(nics, mode, await readNetwork());
      await this.#chooseNics((chosen) => ({ ...chosen, ...forEach(nics, mode) }));
      return reports;
    });
  }

  /** All, and the tables with them, where none is named. */
  detach(nics: readonly string[]): Promise<readonly string[]> {
    return this.#turns.take(async () => {
      const network = await readNetwork();
      if (nics.length > 0) {
        const detached = await this.attachments.detach(nics, network);
        await this.#chooseNics((chosen) => ({ ...chosen, ...forEach(nics, 'detached') }));
        return detached;
      }
      const detached = await this.attachments.destroy(network);
      this.#forgetRegistry();
      if (this.#state !== undefined) this.#state = { ...this.#state, plan: undefined };
      await this.#chooseNics(() => ({}));
      return detached;
    });
  }

  /** Programs of the object file in place of those that run, where they differ. */
  upgrade(): Promise<boolean> {
    return this.#turns.take(() => this.access.upgrade());
  }

  /** Follows the network: MACs, own addresses, NICs that came back. True when tables changed. */
  async reconcile(): Promise<boolean> {
    // Read before its turn comes, so that no change waits for it, and again where somebody else has read since.
    const known = this.#state?.network;
    const early = await readNetwork();
    return this.#turns.take(async () => {
      const state = this.#state;
      if (state?.plan === undefined) return false;
      const network = state.network === known ? early : await readNetwork();
      await this.#neighbours.follow(state.model, network);
      const attached = await this.#attach({ ...state, network });
      this.#memory = withMemory(network, this.#memory?.neighbours ?? new Map());
      const change = changeNetwork(state.plan, this.#memory);
      refuse(change.problems);
      const engine = await this.access.writer();
      const done = await engine.change(change.fabric, change.before, change.after);
      this.#state = { ...state, network, plan: change.commit() };
      return attached || done.fabric + done.created + done.replaced + done.removed > 0;
    });
  }

  /** Asks the neighbours whether they are still there; answers are followed as any other change of the network. */
  async probe(): Promise<void> {
    if (this.#state !== undefined) await this.#neighbours.probe(this.#state.network);
  }

  /** NICs as they were read last. */
  nics(): NetworkSnapshot['nics'] {
    return this.#state?.network.nics ?? new Map();
  }

  /** The definitions in force, as text. */
  async definitions(): Promise<string> {
    return (await this.#store.readInForce()) ?? '';
  }

  /** Whether this is the text that was applied last. */
  async isApplied(text: string): Promise<boolean> {
    return (await this.#store.readApplied()) === text;
  }

  async close(): Promise<void> {
    await this.#turns.idle();
    await this.access.close();
  }

  async #replace(definitions: DefinitionText): Promise<ChangeReport> {
    const network = await readNetwork();
    const { model: written, index } = readWithIndex(definitions, network.nics);
    const chosen = chosenFrom(written, (await this.#current()).choices);
    const learnt = await this.#neighbours.learn(chosen.model, network);
    const report = await this.#publish({ ...chosen, network: learnt }, (publish) =>
      this.#store.replaceApplied(definitions.text, async () => {
        await publish();
        this.#editor.take(written, index, network.nics);
      }),
    );
    collectGarbage();
    return report;
  }

  /** The network is as the last reconciliation left it: reading it again would cost more than the change itself. */
  async #changeService(written: Model, change: StoredChange): Promise<ChangeReport> {
    const state = await this.#current();
    const [before, after] = [state.written.services.get(change.service), written.services.get(change.service)];
    const only: ServiceChange = { ...(before && { before }), ...(after && { after }) };
    const next = { network: state.network, ...chosenFrom(written, state.choices) };
    const inForce = async (publish: () => Promise<void>): Promise<void> => {
      await publish();
      this.#editor.accept(written, change.service);
    };
    return this.#publish(next, (publish) => this.#store.addChange(change, () => inForce(publish)), [only]);
  }

  /**
   * Compiles, publishes and remembers definitions; the one way by which definitions come into force. `only`: the
   * services that differ, where nothing else does.
   */
  async #publish(
    wanted: Omit<State, 'plan'>,
    remember: Remember,
    only?: readonly ServiceChange[],
  ): Promise<ChangeReport> {
    const started = performance.now();
    const state = await this.#current();
    const before = this.#memory?.neighbours ?? recall(wanted.model, this.#names(), this.access.reader());
    this.#memory = withMemory(wanted.network, before);
    // What cannot be described afterwards (pins that cannot be read) is better not begun.
    this.attachments.attached();
    let tables: TableChanges | undefined;
    let unkept: unknown;
    try {
      const candidate = prepare({ ...wanted, network: this.#memory }, state.plan, this.#names(), only);
      const engine = await this.access.writer();
      const store = (): Promise<void> =>
        remember(async () => {
          tables = await candidate.store(engine);
          // From here on the new definitions are in force, whatever the disk says.
          this.#state = { ...wanted, plan: candidate.commit() };
        });
      await (wanted.choices === state.choices ? store() : this.#store.replaceChoices(wanted.choices, store));
    } catch (error) {
      if (tables === undefined) {
        this.#forgetNames();
        throw error;
      }
      unkept = error;
    }
    this.#giveBack(only);
    if (only === undefined) await this.#attach(this.#state!);
    if (unkept !== undefined) throw unkept;
    const { created, replaced, removed, fabric, stores, syscalls } = tables!;
    const { model, network } = this.#state!;
    return {
      ...describeChange(state, this.#state!, only),
      degraded: judge(concerned(model, only), network, this.attachments.attached()).services,
      milliseconds: performance.now() - started,
      dryRun: false,
      steps: { created, replaced, removed },
      writes: { fabric, stores, syscalls },
    };
  }

  /** Attaches to NICs that the definitions need. One that cannot be attached to is said in status, and tried again. */
  async #attach(state: State): Promise<boolean> {
    const { changed, problems } = await this.attachments.follow(state.model, state.choices.nics, state.network);
    for (const problem of problems) this.#logger?.warn({}, problem);
    return changed;
  }

  /** Numbers of names that went are given out again when nothing in the kernel uses them any more. */
  #giveBack(only?: readonly ServiceChange[]): void {
    const { fabric } = this.#state!.plan!;
    this.#reuseLater(only === undefined ? releaseGone(this.#names(), fabric) : releaseServices(this.#names(), only));
  }

  /** Numbers that definitions were given which did not come into force. */
  #forgetNames(): void {
    const fabric = this.#state?.plan?.fabric;
    if (fabric === undefined) this.#forgetRegistry();
    else this.#reuseLater(releaseGone(this.#names(), fabric));
  }

  #forgetRegistry(): void {
    this.#registry = undefined;
    this.#resting = [];
  }

  #reuseLater(released: Released): void {
    const registry = this.#names();
    const settled = async (): Promise<void> => {
      const engine = await this.access.writer();
      await engine.settle();
      if (registry === this.#registry) this.#resting = reuse(registry, engine, [...this.#resting, ...released]);
    };
    settled().catch((error: Error) =>
      this.#logger?.warn({ error: error.message }, 'old table entries were not reclaimed'),
    );
  }

  async #current(): Promise<State> {
    this.#state ??= await this.#load();
    return this.#state;
  }

  /** As {@link #planned}, for changes on top of definitions. */
  async #inForce() {
    const state = await this.#planned();
    if (state === undefined) throw new Failure('failed', 'change: nothing was applied yet (hopline apply FILE)');
    return state;
  }

  /** What is in force, compiled and in the tables; undefined when nothing was applied. */
  async #planned() {
    const state = await this.#current();
    if (state.plan === undefined) {
      if ((await this.#store.readApplied()) === undefined) return undefined;
      const network = await this.#neighbours.learn(state.model, state.network);
      const { plan: _, ...wanted } = { ...state, network };
      await this.#publish(wanted, (publish) => publish());
      collectGarbage();
    }
    const { plan, ...rest } = this.#state!;
    return { ...rest, plan: plan! };
  }

  async #load(): Promise<State> {
    const network = await readNetwork();
    const text = await this.#store.readApplied();
    let written = NOTHING;
    if (text !== undefined) {
      const read = readWithIndex({ text, file: 'applied definitions' });
      written = read.model;
      this.#editor.take(written, read.index, network.nics);
    }
    for (const { service, definition } of await this.#store.readChanges()) {
      written = this.#editor.change(written, service, definition, network.nics);
      this.#editor.accept(written, service);
    }
    return { ...chosenFrom(written, await this.#store.readChoices()), network, plan: undefined };
  }

  /** Needs no definitions, and reads none: they may be large. */
  async #chooseNics(change: (nics: Choices['nics']) => Choices['nics']): Promise<void> {
    const before = this.#state?.choices ?? (await this.#store.readChoices());
    const choices = await this.#remember({ ...before, nics: change(before.nics) });
    if (this.#state !== undefined) this.#state = { ...this.#state, choices };
  }

  async #remember(choices: Choices): Promise<Choices> {
    await this.#store.writeChoices(choices);
    return choices;
  }

  #names(): Registry {
    this.#registry ??= restoreRegistry(this.access.reader());
    return this.#registry;
  }
}

function forEach<Value>(names: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
