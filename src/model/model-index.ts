import { isVague, portsMeet } from '../plan/precedence.ts';
import { membersOf } from './check-service.ts';
import { type Claim, claimsOf } from './claims.ts';
import { betweenServices, clashBetween, clashWithin, withinService } from './conflict.ts';
import type { Fabric } from './fabric.ts';
import type { Fault } from './problem.ts';
import type { Ports, Service } from './types.ts';

/** Names, most often one: then it is not worth a set. */
type Holders = string | Set<string>;

interface Vague {
  readonly from: number;
  readonly to: number;
  readonly service: string;
}

type Packets = Pick<Claim, 'address' | 'protocol' | 'from' | 'to'>;

/** With what they are found by. */
interface Keyed extends Packets {
  readonly isVague: boolean;
  readonly there: string;
  readonly exact: string;
}

/**
 * Which service uses which address and port, so that one service is held against the others in time that does not
 * depend on how many they are. It knows who *might* clash; whether they do is worked out when two meet.
 */
export class ModelIndex {
  readonly fabric: Fabric;
  readonly #services = new Map<string, Service>();
  /** By protocol, address and port. */
  readonly #exact = new Map<string, Holders>();
  /** The same by protocol and address, for those who want many ports. */
  readonly #exactThere = new Map<string, Holders>();
  /** Ranges and any port, by protocol and address. */
  readonly #vague = new Map<string, Vague[]>();
  /** Steps behind which packets look as before, by target. */
  readonly #unchanging = new Map<string, boolean>();
  /** Of the service that was looked at last: it is checked, and then taken in. */
  #latest: { readonly service: Service; readonly packets: readonly Keyed[] } | undefined;

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
    for (const { isVague, there, exact, from, to } of this.#packets(service)) {
      if (isVague) {
        const vague = this.#vague.get(there) ?? [];
        vague.push({ from, to, service: service.name });
        this.#vague.set(there, vague);
      } else {
        hold(this.#exact, exact, service.name);
        hold(this.#exactThere, there, service.name);
      }
    }
  }

  remove(name: string): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    for (const { isVague, there, exact } of this.#packets(service)) {
      if (isVague) {
        const left = (this.#vague.get(there) ?? []).filter((vague) => vague.service !== name);
        if (left.length === 0) this.#vague.delete(there);
        else this.#vague.set(there, left);
      } else {
        letGo(this.#exact, exact, name);
        letGo(this.#exactThere, there, name);
      }
    }
    this.#services.delete(name);
  }

  get(name: string): Service | undefined {
    return this.#services.get(name);
  }

  #rivals(service: Service): Set<string> {
    const rivals = new Set<string>();
    for (const each of this.#packets(service)) this.#addHolders(each, rivals);
    rivals.delete(service.name);
    return rivals;
  }

  /** Services that may use one of these ports of this address; opposite directions have ports that need not meet. */
  #addHolders(each: Keyed, rivals: Set<string>): void {
    const { isVague, there, exact } = each;
    const holders = isVague ? this.#exactThere.get(there) : this.#exact.get(exact);
    if (typeof holders === 'string') rivals.add(holders);
    else for (const name of holders ?? []) rivals.add(name);
    for (const other of this.#vague.get(there) ?? []) {
      if (isVague || portsMeet(other, each)) rivals.add(other.service);
    }
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
    const seen = from.map(({ name }) => name);
    for (const step of sequence) {
      if (step.kind === 'copy') seen.push(...step.to);
      else for (const { name, answeredBy } of membersOf(step, this.fabric)) seen.push(name, ...answeredBy);
    }
    return seen.some((name, place) => seen.indexOf(name) < place);
  }

  #packets(service: Service): readonly Keyed[] {
    if (this.#latest?.service !== service) {
      const packets = this.#packetsOf(service).map((each) => ({
        ...each,
        isVague: isVague(each),
        there: `${each.protocol} ${each.address}`,
        exact: portKey(each),
      }));
      this.#latest = { service, packets };
    }
    return this.#latest.packets;
  }

  /** How a service's packets look, wherever. Most services need no claims worked out for that. */
  #packetsOf(service: Service): Packets[] {
    const { addresses, protocol, ports } = service;
    const plain = service.sequence.every((step) => {
      if (step.kind === 'copy') return true;
      const { port, reveals, translatesSource } = step;
      return (
        port === undefined && reveals === undefined && translatesSource === undefined && this.#keepsAddress(step.target)
      );
    });
    if (plain)
      return addresses.flatMap((address) => rangesOf(ports).map(({ from, to }) => ({ address, protocol, from, to })));
    const distinct = new Map<string, Packets>();
    for (const each of claimsOf(service, this.fabric)) distinct.set(`${portKey(each)}-${each.to}`, each);
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

function hold(map: Map<string, Holders>, key: string, name: string): void {
  const holders = map.get(key);
  if (holders === undefined) map.set(key, name);
  else if (typeof holders !== 'string') holders.add(name);
  else if (holders !== name) map.set(key, new Set([holders, name]));
}

function letGo(map: Map<string, Holders>, key: string, name: string): void {
  const holders = map.get(key);
  if (holders === name || holders === undefined) map.delete(key);
  else if (typeof holders !== 'string' && holders.delete(name) && holders.size === 0) map.delete(key);
}

function portKey({ protocol, address, from }: Packets): string {
  return `${protocol} ${address} ${from}`;
}
