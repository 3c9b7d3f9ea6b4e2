import { isVague, portsMeet } from '../../terms/ports.ts';
import { protocolNumber } from '../../terms/protocols.ts';
import type { Fabric } from '../build/fabric.ts';
import { membersOf } from '../check/check-service.ts';
import { claimsOf } from '../check/claims.ts';
import { betweenServices, clashBetween, clashWithin, withinService } from '../check/conflict.ts';
import type { Fault } from '../problem.ts';
import type { Ports, Service } from '../types.ts';

/** Names, most often one: then it is not worth a set. */
type Holders = string | Set<string>;

/** Packets of a service: its own, or as they look behind a device that changes them. */
interface Packets {
  readonly address: string;
  /** Number of the protocol. */
  readonly protocol: number;
  readonly from: number;
  readonly to: number;
}

interface Vague extends Packets {
  readonly service: string;
}

/** Who uses an address. */
interface Users {
  /** By {@link portKey}. */
  readonly exact: Map<number, Holders>;
  /** Those that want a range, or any port. Most addresses have none. */
  vague: Vague[] | undefined;
}

const NO_RIVALS: ReadonlySet<string> = new Set();

/**
 * Which service uses which address and port, so that one service is held against the others in time that does not
 * depend on how many they are. It knows who *might* clash; whether they do is worked out when two meet.
 */
export class ModelIndex {
  readonly fabric: Fabric;
  readonly #services = new Map<string, Service>();
  /** By address. */
  readonly #users = new Map<string, Users>();
  /** Steps behind which packets look as before, by target. */
  readonly #unchanging = new Map<string, boolean>();
  /** Of the service that was looked at last: it is checked, and then taken in. */
  #latest: { readonly service: Service; readonly packets: readonly Packets[] } | undefined;
  /** Filled anew for every service. */
  readonly #seen: string[] = [];

  constructor(fabric: Fabric) {
    this.fabric = fabric;
  }

  /** How a service is at odds with itself and with others; an older one of its name does not count. */
  check(service: Service): Fault[] {
    const faults = this.#checkWithin(service);
    for (const name of this.#rivals(service)) {
      const fault = this.#checkBetween(this.#services.get(name)!, service);
      if (fault !== undefined) faults.push(fault);
    }
    return faults;
  }

  /** Takes the service in, instead of an older one of its name. */
  add(service: Service): void {
    this.remove(service.name);
    this.#services.set(service.name, service);
    for (const packets of this.#packets(service)) {
      const users = this.#usersOf(packets.address);
      if (isVague(packets)) {
        users.vague ??= [];
        users.vague.push({ ...packets, service: service.name });
      } else hold(users.exact, portKey(packets), service.name);
    }
  }

  remove(name: string): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    for (const packets of this.#packets(service)) {
      const users = this.#users.get(packets.address);
      if (users === undefined) continue;
      if (isVague(packets)) users.vague = users.vague?.filter((vague) => vague.service !== name);
      else letGo(users.exact, portKey(packets), name);
      if (users.exact.size === 0 && !users.vague?.length) this.#users.delete(packets.address);
    }
    this.#services.delete(name);
  }

  get(name: string): Service | undefined {
    return this.#services.get(name);
  }

  #usersOf(address: string): Users {
    let users = this.#users.get(address);
    if (users === undefined) {
      users = { exact: new Map(), vague: undefined };
      this.#users.set(address, users);
    }
    return users;
  }

  /** Services that may use one of these ports of an address; opposite directions have ports that need not meet. */
  #rivals(service: Service): ReadonlySet<string> {
    let rivals: Set<string> | undefined;
    for (const packets of this.#packets(service)) {
      const users = this.#users.get(packets.address);
      if (users === undefined || hasOthersOnly(users, packets)) continue;
      rivals ??= new Set();
      addRivals(users, packets, rivals);
    }
    rivals?.delete(service.name);
    return rivals ?? NO_RIVALS;
  }

  #checkBetween(first: Service, later: Service): Fault | undefined {
    const mine = claimsOf(later, this.fabric);
    const theirs = claimsOf(first, this.fabric);
    for (const claim of mine) {
      const b = { service: later, claim };
      const a = theirs.map((each) => ({ service: first, claim: each })).find((each) => clashBetween(each, b));
      if (a !== undefined) return betweenServices(a, b);
    }
    return undefined;
  }

  /** Only who meets a device twice, or has several addresses behind NAT, can be at odds with itself. */
  #checkWithin(service: Service): Fault[] {
    const isTwice = service.return !== undefined || this.#meetsTwice(service);
    if (!isTwice && service.addresses.length < 2) return [];
    const claims = claimsOf(service, this.fabric).filter(({ kind }) => isTwice || kind === 'nat');
    const twice = claims.find((a, i) =>
      claims.slice(0, i).some((b) => clashWithin(a, b) && (isTwice || a.served !== b.served)),
    );
    return twice === undefined ? [] : [withinService(service.name, twice, !isTwice)];
  }

  #meetsTwice({ from, sequence }: Service): boolean {
    // Few enough that a set would only cost.
    const seen = this.#seen;
    seen.length = 0;
    for (const { name } of from) seen.push(name);
    for (const step of sequence) {
      if (step.kind === 'copy') seen.push(...step.to);
      else for (const { name, answeredBy } of membersOf(step, this.fabric)) seen.push(name, ...answeredBy);
    }
    return seen.some((name, place) => seen.indexOf(name) < place);
  }

  #packets(service: Service): readonly Packets[] {
    if (this.#latest?.service !== service) this.#latest = { service, packets: this.#packetsOf(service) };
    return this.#latest.packets;
  }

  /** How a service's packets look, wherever. Most services need no claims worked out for that. */
  #packetsOf(service: Service): Packets[] {
    const plain = service.sequence.every((step) => {
      if (step.kind === 'copy') return true;
      const { port, reveals, translatesSource } = step;
      return (
        port === undefined && reveals === undefined && translatesSource === undefined && this.#keepsAddress(step.target)
      );
    });
    if (plain) {
      const packets: Packets[] = [];
      const protocol = protocolNumber(service.protocol);
      for (const address of service.addresses) {
        for (const { from, to } of rangesOf(service.ports)) packets.push({ address, protocol, from, to });
      }
      return packets;
    }
    const distinct = new Map<string, Packets>();
    for (const { address, protocol: name, from, to } of claimsOf(service, this.fabric)) {
      const protocol = protocolNumber(name);
      distinct.set(`${protocol} ${address} ${from}-${to}`, { address, protocol, from, to });
    }
    return [...distinct.values()];
  }

  #keepsAddress(target: string): boolean {
    let keeps = this.#unchanging.get(target);
    if (keeps === undefined) {
      const isPool = this.fabric.pools.has(target);
      keeps = membersOf({ kind: 'through', target, isPool }, this.fabric).every(({ mode }) => mode !== 'nat');
      this.#unchanging.set(target, keeps);
    }
    return keeps;
  }
}

function rangesOf(ports: Ports): readonly { readonly from: number; readonly to: number }[] {
  return ports === 'any' ? [{ from: 0, to: 0 }] : ports;
}

/** Most services share an address with those of other ports: they are told apart by one look. */
function hasOthersOnly({ exact, vague }: Users, packets: Packets): boolean {
  return vague === undefined && !isVague(packets) && !exact.has(portKey(packets));
}

function addRivals({ exact, vague = [] }: Users, packets: Packets, rivals: Set<string>): void {
  const wantsMany = isVague(packets);
  if (!wantsMany) addHolders(exact.get(portKey(packets)), rivals);
  else for (const [key, holders] of exact) if (isOf(key, packets)) addHolders(holders, rivals);
  for (const other of vague) {
    if (other.protocol === packets.protocol && (wantsMany || portsMeet(other, packets))) rivals.add(other.service);
  }
}

function addHolders(holders: Holders | undefined, names: Set<string>): void {
  if (typeof holders === 'string') names.add(holders);
  else for (const name of holders ?? []) names.add(name);
}

function hold(map: Map<number, Holders>, key: number, name: string): void {
  const holders = map.get(key);
  if (holders === undefined) map.set(key, name);
  else if (typeof holders !== 'string') holders.add(name);
  else if (holders !== name) map.set(key, new Set([holders, name]));
}

function letGo(map: Map<number, Holders>, key: number, name: string): void {
  const holders = map.get(key);
  if (holders === name || holders === undefined) map.delete(key);
  else if (typeof holders !== 'string' && holders.delete(name) && holders.size === 0) map.delete(key);
}

/** Protocol and port. */
function portKey({ protocol, from }: Packets): number {
  return (protocol << 16) | from;
}

function isOf(key: number, { protocol }: Packets): boolean {
  return key >>> 16 === protocol;
}
