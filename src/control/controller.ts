import type { ChangeReport } from '../api-types/change-report.ts';
import { Failure, Missing } from '../api-types/failure.ts';
import type { AttachMode, AttachReport, DefinitionText, PoolView } from '../api-types/operations.ts';
import type { Logger } from '../dataplane/types.ts';
import type { Model } from '../model/types.ts';
import { type NetworkSnapshot, readNetwork } from '../net/snapshot.ts';
import type { ServiceChange } from '../plan/change.ts';
import type { Registry } from '../plan/registry.ts';
import { differenceText } from '../views/difference.ts';
import { lookAt } from '../views/health-snapshot.ts';
import { currentActor } from './actor.ts';
import { InForce, type Remember } from './change/active-configuration.ts';
import { describeChange } from './change/changes.ts';
import { preview } from './change/prepare.ts';
import { readModel, readWithIndex } from './change/read.ts';
import { collectGarbage } from './collect.ts';
import type { EngineAccess } from './engine/access.ts';
import { Attachments } from './engine/attachments.ts';
import { DeviceCommands } from './health/device-commands.ts';
import { changed } from './health/device-report.ts';
import type { Overseer } from './health/health-controller.ts';
import { ModeFinder } from './health/mode-finder.ts';
import type { LostAddress } from './network/own-addresses.ts';
import { checkMember, chosenFrom, viewPool } from './overrides/pools.ts';
import { Turns } from './serial-queue.ts';
import type { History } from './state/history.ts';
import type { State } from './state/state.ts';
import type { Choices, Store, ServiceChange as StoredChange } from './state/store.ts';

/** Differences that an event tells. */
const TOLD = 5;

/**
 * Everything that changes what is in force, one change at a time: read, validate, publish ({@link InForce}). Reading
 * needs neither the lock nor a compile.
 */
export class Controller {
  readonly access: EngineAccess;
  readonly attachments: Attachments;
  readonly overseer: Overseer;
  readonly devices: DeviceCommands;
  readonly modes: ModeFinder;
  readonly history: History;
  readonly #store: Store;
  readonly #logger: Logger | undefined;
  readonly #inForce: InForce;
  readonly #turns = new Turns();

  constructor(access: EngineAccess, store: Store, history: History, overseer: Overseer, logger?: Logger) {
    this.history = history;
    this.#logger = logger;
    this.overseer = overseer;
    this.access = access;
    this.attachments = new Attachments(access);
    this.#store = store;
    this.#inForce = new InForce(access, this.attachments, store, overseer, logger);
    this.devices = new DeviceCommands(this.#inForce, overseer, this.#turns);
    this.modes = new ModeFinder(this.#inForce, overseer, this.#turns, logger);
  }

  /** Takes up what was in force last. False when nothing was. */
  restore(): Promise<boolean> {
    return this.#turns.take(async () => (await this.#inForce.planned()) !== undefined);
  }

  /** Addresses of the engine's that were there when definitions were brought into force, and are gone. */
  get lostAddresses(): readonly LostAddress[] {
    return this.#inForce.ownAddresses.lost;
  }

  /** What the numbers in the tables mean; no definitions are read for it. */
  get registry(): Registry {
    return this.#inForce.numbers.registry;
  }

  /** What is in force, for those who only read. */
  async state(): Promise<State & { readonly registry: Registry }> {
    const state = await this.#inForce.state();
    return { ...state, registry: this.registry };
  }

  apply(definitions: DefinitionText): Promise<ChangeReport> {
    return this.#turns.take(() => this.#replace(definitions, `apply ${definitions.file}`));
  }

  /** To an entry of the history; without a number to the one before the last. */
  rollback(number?: number): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const wanted = number ?? (await this.history.list()).at(-2)?.number;
      if (wanted !== undefined) {
        const text = await this.history.textOf(wanted);
        return this.#replace({ text, file: `history ${wanted}` }, `rollback ${wanted}`);
      }
      const text = await this.#store.readPrevious();
      if (text === undefined) throw new Failure('failed', 'roll back: there are no definitions before these');
      return this.#replace({ text, file: 'previous definitions' }, 'rollback');
    });
  }

  diff(definitions: DefinitionText): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const started = performance.now();
      const state = await this.#inForce.state();
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
      const { written, network } = await this.#inForce.required();
      const model = this.#inForce.editor.change(written, name, definition, network.nics);
      return this.#changeService(model, { service: name, definition });
    });
  }

  deleteService(name: string): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const { written, network } = await this.#inForce.required();
      if (!written.services.has(name)) {
        throw new Missing(`delete service ${name}: there is none of this name (hopline service list)`);
      }
      return this.#changeService(this.#inForce.editor.change(written, name, undefined, network.nics), {
        service: name,
      });
    });
  }

  /** By table: how many entries are there that nothing in force needs. */
  unneeded(): ReturnType<InForce['unneeded']> {
    return this.#inForce.unneeded();
  }

  /** Compiles what is defined again, one service or all, and makes the tables hold it and nothing else. */
  regenerate(name?: string): Promise<ChangeReport> {
    return this.#turns.take(async () => {
      const { plan: _, ...wanted } = await this.#inForce.required();
      const { services } = wanted.model;
      const service = name === undefined ? undefined : services.get(name);
      if (name !== undefined && service === undefined) {
        throw new Missing(`regenerate service ${name}: there is none of this name (hopline service list)`);
      }
      const engine = await this.access.writer();
      if (name === undefined) await engine.readAgain();
      const unneeded = name === undefined ? await this.#inForce.unneeded() : [];
      const scope = service === undefined ? { anew: true } : { only: [{ before: service, after: service }] };
      const report = await this.#inForce.publish(wanted, (publish) => publish(), scope);
      const { created, replaced, removed } = report.steps;
      const isMended = created + replaced + removed > 0;
      const { fabric = 0 } = report.writes ?? {};
      return {
        ...report,
        services: changed(isMended && name !== undefined ? [name] : []),
        other: [
          ...(fabric > 0 ? [`~ entries of other tables: ${fabric} written again`] : []),
          ...unneeded.map(([table, entries]) => `- ${table}: ${entries} entries that nothing needs`),
        ],
      };
    });
  }

  /** One store for each of its words moves every service of the pool; on the disk when it resolves, so that a restart does not move them back. */
  async usePool(name: string, member: string): Promise<PoolView> {
    const { model } = await this.devices.planned();
    checkMember(model, name, member);
    await this.overseer.command({ kind: 'use', pool: name, member });
    const { written } = await this.#forgetChoice(name);
    const pool = viewPool(
      model.pools.get(name)!,
      written.pools.get(name),
      lookAt(this.overseer.view(model), Date.now()),
    );
    const elsewhere = pool.words.find(({ target }) => target !== member);
    if (elsewhere === undefined) return pool;
    throw new Failure('failed', `use ${name}: ${elsewhere.target} goes on working there: ${elsewhere.reason}`);
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
      await this.overseer.suspend();
      const detached = await this.attachments.destroy(network);
      this.#inForce.numbers.forget();
      this.#inForce.amend({ plan: undefined });
      await this.#chooseNics(() => ({}));
      return detached;
    });
  }

  /** Programs of the object file in place of those that run, where they differ. */
  upgrade(object?: string): Promise<boolean> {
    return this.#turns.take(() => this.access.upgrade(object));
  }

  /** Follows the network: MACs, own addresses, NICs that came back. True when tables changed. */
  async reconcile(): Promise<boolean> {
    // Read before its turn comes, so that no change waits for it, and again where somebody else has read since.
    const known = this.#inForce.known?.network;
    const early = await readNetwork();
    return this.#turns.take(() => this.#inForce.follow(early, known));
  }

  /** Asks the neighbours whether they are still there; answers are followed as any other change of the network. */
  async probe(): Promise<void> {
    const { known, neighbours } = this.#inForce;
    if (known !== undefined) await neighbours.probe(known.network);
  }

  /** NICs as they were read last. */
  nics(): NetworkSnapshot['nics'] {
    return this.#inForce.known?.network.nics ?? new Map();
  }

  /** The definitions in force, as text. */
  async definitions(): Promise<string> {
    return (await this.#store.readInForce()) ?? '';
  }

  /** Which text was applied last (`digestOf`); undefined where none was. */
  appliedDigest(): Promise<string | undefined> {
    return this.#store.appliedDigest();
  }

  /** Whether single services were set or deleted since. */
  hasChanges(): Promise<boolean> {
    return this.#store.hasChanges();
  }

  async close(): Promise<void> {
    await this.#turns.idle();
    await this.access.close();
  }

  async #replace(definitions: DefinitionText, how: string): Promise<ChangeReport> {
    const before = await this.#inHistory();
    const network = await readNetwork();
    const { model: written, index } = readWithIndex(definitions, network.nics);
    const chosen = chosenFrom(written, (await this.#inForce.state()).choices);
    const learnt = await this.#inForce.neighbours.learn(chosen.model, network);
    const remember: Remember = (publish) =>
      this.#store.replaceApplied(definitions.text, async () => {
        await publish();
        this.#inForce.editor.take(written, index, network.nics);
      });
    const report = await this.#inForce.publish({ ...chosen, network: learnt }, remember, { whole: true });
    // Memory given back is not fully given back when this returns: the rehearsal waits for the rest, and no command.
    collectGarbage();
    await this.#inForce.rehearse();
    const noted = await this.#note(report, async (by) => {
      if (before !== undefined) await this.history.addText('-', 'in force before', before);
      await this.history.addText(by, how, definitions.text, report);
    });
    this.#tell(how, report);
    return noted;
  }

  /** The network is as the last reconciliation left it: reading it again would cost more than the change itself. */
  async #changeService(written: Model, change: StoredChange): Promise<ChangeReport> {
    const state = await this.#inForce.state();
    const next = { network: state.network, ...chosenFrom(written, state.choices) };
    const [before, after] = [state.model.services.get(change.service), next.model.services.get(change.service)];
    const only: ServiceChange = { ...(before && { before }), ...(after && { after }) };
    const inForce = async (publish: () => Promise<void>): Promise<void> => {
      await publish();
      this.#inForce.editor.accept(written, change.service);
    };
    const remember: Remember = (publish) => this.#store.addChange(change, () => inForce(publish));
    const report = await this.#inForce.publish(next, remember, { only: [only] });
    this.#tell(`service ${change.definition === undefined ? 'delete' : 'set'} ${change.service}`, report);
    return this.#note(report, (by) => this.history.addChange(by, change, report, () => this.#store.readInForce()));
  }

  /** Definitions of a version that kept no history: they are its first entry. */
  async #inHistory(): Promise<string | undefined> {
    return (await this.history.list()).length > 0 ? undefined : this.#store.readInForce();
  }

  /** The change is in force, whether or not the history takes it. */
  async #note(report: ChangeReport, add: (by: string) => Promise<void>): Promise<ChangeReport> {
    try {
      await add(currentActor());
      return report;
    } catch (error) {
      const warning = `the history has no entry of this change: ${(error as Error).message}`;
      this.#logger?.warn({}, warning);
      return { ...report, warnings: [...report.warnings, warning] };
    }
  }

  /** An event, with what is different; none where nothing is. */
  #tell(how: string, { differences, moreDifferences }: ChangeReport): void {
    if (differences.length === 0) return;
    const told = differences.slice(0, TOLD).map(differenceText);
    const more = differences.length - told.length + moreDifferences;
    const reason = `${how} by ${currentActor()}: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
    this.overseer.tell({ what: 'applied', reason, trigger: 'command', differences: differences.slice(0, TOLD) });
  }

  /** Needs no definitions, and reads none: they may be large. */
  async #chooseNics(change: (nics: Choices['nics']) => Choices['nics']): Promise<void> {
    const before = this.#inForce.known?.choices ?? (await this.#store.readChoices());
    this.#inForce.amend({ choices: await this.#remember({ ...before, nics: change(before.nics) }) });
  }

  async #remember(choices: Choices): Promise<Choices> {
    await this.#store.writeChoices(choices);
    return choices;
  }

  /** A choice of the time before health.json ends with the first command about its pool. */
  async #forgetChoice(pool: string): Promise<State> {
    if ((await this.#inForce.state()).choices.pools[pool] === undefined) return this.#inForce.state();
    return this.#turns.take(async () => {
      const { written, choices } = await this.#inForce.state();
      const { [pool]: _, ...pools } = choices.pools;
      this.#inForce.amend(chosenFrom(written, await this.#remember({ ...choices, pools })));
      return this.#inForce.state();
    });
  }
}

function forEach<Value>(names: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
