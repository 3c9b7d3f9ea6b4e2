import { setTimeout as wait } from 'node:timers/promises';
import type { Inspector } from '../../dataplane/types.ts';
import type { Model } from '../../model/types.ts';
import { readFeatures } from '../../net/features.ts';
import { ipJson } from '../../net/ip.ts';
import { neighbourKey } from '../../net/neighbours.ts';
import type { IpAddressRow } from '../../net/nics.ts';
import { askFor, forget, planResolution, probe, type Resolution } from '../../net/resolve.ts';
import { type NetworkSnapshot, readNetwork } from '../../net/snapshot.ts';
import { wantedNeighbours } from '../../net/wanted.ts';
import { type NicWarning, nicWarnings } from '../../net/warnings.ts';
import type { NetworkState } from '../../plan/network.ts';
import type { Registry } from '../../plan/registry.ts';
import { LegFlag } from '../../terms/constants.ts';

/** How long a change waits for neighbours it is the first to need, in ms; who answers later is followed later. */
const PATIENCE = 500;
const INTERVAL = 20;

/** Neighbours that the kernel resolves for us, kept in line with what definitions want. */
export class Neighbours {
  #asked: Resolution['asked'] = [];

  /** Asks for those that are wanted and not known, gives back those that are no longer wanted. True when some were asked for the first time. */
  async follow(model: Model, network: NetworkSnapshot): Promise<boolean> {
    const { asked } = planResolution(wantedNeighbours(model), network);
    const wanted = new Set(asked.map(key));
    const before = new Set(this.#asked.map(key));
    const isOurs = (each: (typeof asked)[number]): boolean => !network.fixed?.has(key(each));
    await forget(this.#asked.filter((each) => !wanted.has(key(each)) && isOurs(each)));
    const fresh = asked.filter((each) => !before.has(key(each)));
    await askFor(asked.filter((each) => isOurs(each) && (fresh.includes(each) || !isKnown(each, network))));
    this.#asked = asked;
    return fresh.some((each) => !isKnown(each, network));
  }

  /** Asks those that are known whether they still are where they were. */
  async probe(network: NetworkSnapshot): Promise<void> {
    const fixed = network.fixed ?? new Set();
    await probe(this.#asked.filter((each) => isKnown(each, network) && !fixed.has(key(each))));
  }

  /** As {@link follow}, and the network again when the new ones have answered, or have had their time. */
  async learn(model: Model, network: NetworkSnapshot): Promise<NetworkSnapshot> {
    if (!(await this.follow(model, network))) return network;
    const deadline = performance.now() + PATIENCE;
    let now = network;
    do {
      await wait(INTERVAL);
      now = await readNetwork();
    } while (performance.now() < deadline && !this.#asked.every((each) => isKnown(each, now)));
    return now;
  }
}

/**
 * The network as it is compiled: a neighbour that stopped answering keeps the MAC it had, until it (or another in its
 * place) answers with one. Packets to a device that is only too busy for ARP must not be lost; status says what is wrong.
 */
export function withMemory(network: NetworkSnapshot, before: NetworkState['neighbours']): NetworkSnapshot {
  return { ...network, neighbours: new Map([...before, ...network.neighbours]) };
}

/** MACs that the tables have for wanted neighbours: what a controller that was killed had learnt. */
export function recall(
  model: Model,
  registry: Pick<Registry, 'find'>,
  engine: Pick<Inspector, 'get'> | undefined,
): NetworkState['neighbours'] {
  const macs = new Map<string, string>();
  for (const { nic, address, leg } of wantedNeighbours(model)) {
    const number = registry.find('leg', leg);
    const entry = number === undefined ? undefined : engine?.get('legs', number)?.value;
    if (entry === undefined || (Number(entry.flags) & LegFlag.LEG_RESOLVED) === 0) continue;
    macs.set(neighbourKey(nic, address), String(entry.mac));
  }
  return macs;
}

function key({ device, address }: Resolution['asked'][number]): string {
  return `${device} ${address}`;
}

function isKnown({ device, address }: Resolution['asked'][number], network: NetworkSnapshot): boolean {
  const parent = network.vlanDevices.find(({ name }) => name === device)?.parent;
  return network.neighbours.has(neighbourKey(parent ?? device, address));
}

/** What attaching to this NIC should say. Where ethtool is missing, that is what it says. */
export async function warningsOf(nic: string): Promise<readonly NicWarning[]> {
  try {
    return nicWarnings(await readFeatures(nic, await ipJson<IpAddressRow>('address', 'show')));
  } catch (error) {
    return [
      {
        nic,
        severity: 'note',
        what: `its offloads could not be checked: ${(error as Error).message}`,
        cure: 'check them by hand',
      },
    ];
  }
}
