import type { Ports, Service, Step } from '../model/types.ts';
import { type AddressWords, parseAddress } from '../terms/address.ts';
import { ANY_PORT, type PortRange } from '../terms/ports.ts';
import { PROTOCOLS, protocolNumber } from '../terms/protocols.ts';
import type { Node } from './node.ts';
import type { DevicePlace, PoolPlace } from './place-types.ts';
import type { AssignedPlaces } from './places.ts';
import type { PoolWords } from './pool-words.ts';

/** What a service's packets look like on a link: its own address, the protocol, the ports of the key. */
export interface Identity {
  readonly address: AddressWords;
  readonly protocol: number;
  readonly ports: readonly PortRange[];
}

export interface Copy {
  readonly taps: readonly DevicePlace[];
  readonly answers: 'server' | 'firewall' | 'drop';
}

/** A link and what it leads to. */
export interface Hop {
  /** Undefined: the end of the way, which is no device. */
  readonly node: Node | undefined;
  readonly identity: Identity;
  readonly copies: readonly Copy[];
  /** Port the node gets instead. */
  readonly port: number | undefined;
}

type Through = Extract<Step, { kind: 'through' }>;
type WordReader = ReturnType<PoolWords['reader']>;

const ANY_PORTS: readonly PortRange[] = [ANY_PORT];
const NO_COPIES: readonly Copy[] = [];

/** How a service's packets look where it is entered. */
export function firstIdentity(service: Service, address: AddressWords): Identity {
  const protocol = protocolNumber(service.protocol);
  return { address, protocol, ports: portsOf(protocol, service.ports) };
}

/** The links of a sequence in the order it is written, each with what packets look like on it. `words`: of the service. */
export function hopsOut(service: Service, first: Identity, places: AssignedPlaces, words: WordReader): Hop[] {
  const hops: Hop[] = [];
  let identity = first;
  let copies = NO_COPIES;
  for (const step of service.sequence) {
    if (step.kind === 'copy') {
      copies = [...copies, copyOf(step, places)];
      continue;
    }
    const node = nodeOf(step, words(step, 'out', hops.length), places);
    hops.push({ node, identity, copies, port: step.port });
    copies = NO_COPIES;
    identity = identityBehind(step, identity, service.outward);
  }
  if (service.outward && !endsAtGateway(hops)) hops.push({ node: undefined, identity, copies, port: undefined });
  return hops;
}

/**
 * The links of the way back, from the far end to whoever opened: the same in reverse, or as `return` says. The last
 * one leads to no device.
 */
export function hopsBack(service: Service, out: readonly Hop[], places: AssignedPlaces, words: WordReader): Hop[] {
  return service.return === undefined ? reversed(out) : written(service.return, out, places, words);
}

/** Whether the end of an outward sequence is a device. */
export function endsAtGateway(hops: readonly Hop[]): boolean {
  const members = hops.at(-1)?.node?.members ?? [];
  return members.length > 0 && members.every(({ device }) => device.kind === 'gateway');
}

/** Link k is entered from its node and leads to the node before: same copies, same identity. */
function reversed(out: readonly Hop[]): Hop[] {
  const hops: Hop[] = [];
  for (let k = out.length - 1; k >= 0; k--) {
    const { identity, copies } = out[k]!;
    hops.push({ node: out[k - 1]?.node, identity, copies, port: undefined });
  }
  return hops;
}

function written(steps: readonly Step[], out: readonly Hop[], places: AssignedPlaces, words: WordReader): Hop[] {
  const hops: Hop[] = [];
  let identity = out.at(-1)!.identity;
  let copies = NO_COPIES;
  for (const step of steps) {
    if (step.kind === 'copy') {
      copies = [...copies, copyOf(step, places)];
      continue;
    }
    const node = nodeOf(step, words(step, 'back', hops.length), places);
    hops.push({ node, identity, copies, port: undefined });
    copies = NO_COPIES;
    // A device that changed how packets look on the way out undoes that on the way back.
    identity = out.find((hop) => hop.node?.name === node.name)?.identity ?? identity;
  }
  hops.push({ node: undefined, identity, copies, port: undefined });
  return hops;
}

function nodeOf({ target, isPool }: Through, pool: PoolPlace | undefined, places: AssignedPlaces): Node {
  return places.nodes.of(target, isPool, pool, places);
}

function copyOf(step: Extract<Step, { kind: 'copy' }>, places: AssignedPlaces): Copy {
  return { taps: step.to.flatMap((name) => places.devices.get(name) ?? []), answers: step.answers };
}

function identityBehind(step: Extract<Step, { kind: 'through' }>, identity: Identity, outward: boolean): Identity {
  if (outward) {
    const address = step.translatesSource === undefined ? undefined : parseAddress(step.translatesSource);
    return address === undefined ? identity : { ...identity, address };
  }
  const { reveals } = step;
  if (reveals === undefined) return identity;
  const protocol = reveals.protocol === undefined ? identity.protocol : protocolNumber(reveals.protocol);
  const address = reveals.address === undefined ? undefined : parseAddress(reveals.address);
  return {
    address: address ?? identity.address,
    protocol,
    ports:
      reveals.ports === undefined
        ? hasPorts(protocol)
          ? identity.ports
          : ANY_PORTS
        : portsOf(protocol, reveals.ports),
  };
}

function portsOf(protocol: number, ports: Ports): readonly PortRange[] {
  return ports === 'any' || !hasPorts(protocol) ? ANY_PORTS : ports;
}

function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOLS.tcp || protocol === PROTOCOLS.udp;
}
