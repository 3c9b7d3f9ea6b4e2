import { Failure, Missing } from '../../api-types/failure.ts';
import type { AttachMode, AttachReport } from '../../api-types/operations.ts';
import { sendsForOthers } from '../../dataplane/transmitting.ts';
import type { Attachment } from '../../dataplane/types.ts';
import type { Model } from '../../model/types.ts';
import type { NetworkSnapshot } from '../../net/snapshot.ts';
import type { NicState } from '../../plan/network.ts';
import { warningsOf } from '../network/network.ts';
import type { Choices } from '../state/store.ts';
import type { EngineAccess } from './access.ts';

/** NICs that the engine is attached to, and keeping them so. */
export class Attachments {
  readonly #access: EngineAccess;

  constructor(access: EngineAccess) {
    this.#access = access;
  }

  /** By name; all are looked for before the first one is attached. */
  async attach(names: readonly string[], mode: AttachMode, network: NetworkSnapshot): Promise<readonly AttachReport[]> {
    const nics = names.map((name) => findNic('attach', name, network));
    const engine = await this.#access.writer();
    const reports: AttachReport[] = [];
    for (const nic of nics) {
      const report = await engine.attach(nic, mode);
      reports.push({ nic: nic.name, mode: report.mode, why: report.why, warnings: await warningsOf(nic.name) });
    }
    return reports;
  }

  /** Names of those that were attached. */
  async detach(names: readonly string[], network: NetworkSnapshot): Promise<readonly string[]> {
    const nics = names.map((name) => findNic('detach', name, network));
    const engine = await this.#access.writer();
    const detached: string[] = [];
    for (const nic of nics) if (await engine.detach(nic)) detached.push(nic.name);
    return detached;
  }

  /** Detaches every NIC and removes the tables. Names (or numbers, of NICs that are gone) of those that were attached. */
  async destroy(network: NetworkSnapshot): Promise<readonly string[]> {
    if (this.#access.reader() === undefined) return [];
    const engine = await this.#access.writer();
    const names = new Map([...network.nics.values()].map(({ ifindex, name }) => [ifindex, name]));
    const attached = engine.attachments().map(({ ifindex }) => names.get(ifindex) ?? `NIC ${ifindex}`);
    await engine.destroy();
    this.#access.forget();
    return attached;
  }

  /**
   * Attaches to every NIC of the definitions that is there and not attached (new, or gone and back under another
   * number), unless a command detached it; lets go of NICs that are gone. One NIC that cannot be attached to does not keep the others from it.
   */
  async follow(model: Model, chosen: Choices['nics'], network: NetworkSnapshot) {
    const engine = await this.#access.writer();
    const problems: string[] = [];
    let changed = false;
    const present = new Set([...network.nics.values()].map(({ ifindex }) => ifindex));
    const attachments = engine.attachments();
    for (const { ifindex } of attachments) if (!present.has(ifindex)) await engine.detach({ ifindex });
    const attached = modesOf(attachments);
    for (const name of new Set([...model.interfaces.values()].map(({ nic }) => nic))) {
      const nic = network.nics.get(name);
      const mode = chosen[name] ?? 'auto';
      if (nic === undefined || attached.has(nic.ifindex) || mode === 'detached') continue;
      try {
        await engine.attach(nic, mode);
        changed = true;
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    return { changed, problems };
  }

  /**
   * Attaches to every NIC of definitions that are to come into force, or to none. @returns what lets go of those it attached to.
   * @throws Failure where one cannot be attached to.
   */
  async claim(model: Model, chosen: Choices['nics'], network: NetworkSnapshot): Promise<() => Promise<void>> {
    const engine = await this.#access.writer();
    const attached = this.attached();
    const done: NicState[] = [];
    const letGo = async (): Promise<void> => {
      for (const nic of done.splice(0)) await engine.detach(nic);
    };
    for (const name of new Set([...model.interfaces.values()].map(({ nic }) => nic))) {
      const nic = network.nics.get(name);
      const mode = chosen[name] ?? 'auto';
      if (nic === undefined || attached.has(nic.ifindex) || mode === 'detached') continue;
      try {
        await engine.attach(nic, mode);
        done.push(nic);
      } catch (error) {
        await letGo();
        throw new Failure('failed', `${(error as Error).message}; nothing was changed`, [], { cause: error });
      }
    }
    return letGo;
  }

  /** Kernel numbers of the NICs that the engine is attached to. */
  attached(): ReadonlyMap<number, string> {
    return modesOf(this.#access.reader()?.attachments() ?? []);
  }
}

/**
 * What is wrong where NICs of both modes serve together: a driver hands frames only to one that sends for others, and what
 * it hands to another NIC is lost though it was counted as forwarded, while probes, which the kernel sends, arrive.
 */
export function mixedModes(attached: ReadonlyMap<number, string>, nics: NetworkSnapshot['nics']): readonly string[] {
  const named = [...nics.values()].filter(({ ifindex }) => attached.has(ifindex));
  const native = named.filter(({ ifindex }) => attached.get(ifindex) === 'native').map(({ name }) => name);
  if (native.length === 0) return [];
  const deaf = named.filter(({ ifindex }) => attached.get(ifindex) === 'generic' && !sendsForOthers(ifindex));
  return deaf.map(
    ({ name }) =>
      `NIC ${name}: its driver sends nothing that another driver hands over: all that comes in by ${native.join(', ')} and goes out there is lost, though counted as forwarded (hopline attach --mode generic ${native.join(' ')})`,
  );
}

function modesOf(attachments: readonly Attachment[]): ReadonlyMap<number, string> {
  return new Map(attachments.flatMap(({ ifindex, mode }) => (mode === undefined ? [] : [[ifindex, mode] as const])));
}

function findNic(operation: string, name: string, network: NetworkSnapshot): NicState {
  const nic = network.nics.get(name);
  if (nic !== undefined) return nic;
  const others = [...network.nics.keys()].join(', ') || 'none';
  throw new Missing(`${operation} ${name}: there is no such NIC (here are: ${others})`);
}
