/**
 * What a service needs for itself in the kernel's table: who sends which of its packets. The same reasoning as the
 * plan's (docs/design/plan.md), in names instead of numbers, so that two services that need the same are refused by name.
 */

import type { Fabric } from '../build/fabric.ts';
import type { Device, Ports, Protocol, Service, Step } from '../types.ts';
import { membersOf } from './check-service.ts';

export interface Claim {
  /** An interface, or a device's leg ("fw1.inside"; "app1" where it has one). */
  readonly origin: string;
  readonly direction: 'out' | 'back';
  readonly address: string;
  /** The address before NAT at the sender. */
  readonly served: string;
  readonly protocol: Protocol;
  /** Both 0: any port. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'opener' | 'device' | 'nat' | 'tap';
  /** The interface or device that sends. */
  readonly sender: string;
}

interface Identity {
  readonly address: string;
  readonly protocol: Protocol;
  readonly ports: readonly { readonly from: number; readonly to: number }[];
}

type Copy = Extract<Step, { kind: 'copy' }>;
type Lookups = Pick<Fabric, 'devices' | 'pools' | 'plainMembers' | 'clients'>;

/** A link and the devices it leads to; none at the end of the way. */
interface Hop {
  readonly target: string | undefined;
  readonly members: readonly Device[];
  readonly identity: Identity;
  readonly copies: readonly Copy[];
  readonly port: number | undefined;
}

const ANY = [{ from: 0, to: 0 }];

/** Everything that a service claims, the entry first. */
export function claimsOf(service: Service, fabric: Lookups): Claim[] {
  const claims: Claim[] = [];
  for (const address of service.addresses) {
    const out = hopsOut(service, { address, protocol: service.protocol, ports: rangesOf(service.ports) }, fabric);
    claimOut(service, out, fabric, claims);
    claimBack(service, out, fabric, claims);
  }
  return claims;
}

function rangesOf(ports: Ports): Identity['ports'] {
  return ports === 'any' ? ANY : ports;
}

function hopsOut(service: Service, first: Identity, fabric: Lookups): Hop[] {
  const hops: Hop[] = [];
  let identity = first;
  let copies: Copy[] = [];
  for (const step of service.sequence) {
    if (step.kind === 'copy') {
      copies.push(step);
      continue;
    }
    hops.push({ target: step.target, members: membersOf(step, fabric), identity, copies, port: step.port });
    copies = [];
    const { reveals, translatesSource } = step;
    if (translatesSource !== undefined) identity = { ...identity, address: translatesSource };
    if (reveals !== undefined) {
      const { address = identity.address, protocol = identity.protocol } = reveals;
      const kept = protocol === 'tcp' || protocol === 'udp' ? identity.ports : ANY;
      identity = { address, protocol, ports: reveals.ports === undefined ? kept : rangesOf(reveals.ports) };
    }
  }
  if (service.outward && hops.at(-1)?.members[0]?.kind !== 'gateway') {
    hops.push({ target: undefined, members: [], identity, copies, port: undefined });
  }
  return hops;
}

function hopsBack(service: Service, out: readonly Hop[], fabric: Lookups): Hop[] {
  if (service.return === undefined) {
    return out.map((hop, k) => ({ ...hop, target: out[k - 1]?.target, members: out[k - 1]?.members ?? [] })).reverse();
  }
  const hops: Hop[] = [];
  let identity = out.at(-1)!.identity;
  let copies: Copy[] = [];
  for (const step of service.return) {
    if (step.kind === 'copy') copies.push(step);
    else {
      // Who takes over for whom is said on the way out, for both.
      const there = out.find(({ target }) => target === step.target);
      const members = there?.members ?? membersOf(step, fabric);
      hops.push({ target: step.target, members, identity, copies, port: undefined });
      copies = [];
      identity = there?.identity ?? identity;
    }
  }
  hops.push({ target: undefined, members: [], identity, copies, port: undefined });
  return hops;
}

function claimOut(service: Service, out: readonly Hop[], fabric: Lookups, claims: Claim[]): void {
  for (const { kind, name } of service.from) {
    const device = kind === 'device' ? fabric.devices.get(name)! : undefined;
    const origin = device === undefined ? name : legName(device, service.outward ? 'outside' : 'inside');
    claim(claims, { origin, direction: 'out', kind: 'opener', sender: name }, out[0]!.identity);
  }
  for (const [k, { identity, copies }] of out.entries()) {
    for (const device of k === 0 ? [] : out[k - 1]!.members) {
      const origin = legName(device, service.outward ? 'outside' : 'inside');
      claim(claims, { origin, direction: 'out', kind: 'device', sender: device.name }, identity);
    }
    claimAnswers('out', copies, identity, claims);
  }
}

function claimBack(service: Service, out: readonly Hop[], fabric: Lookups, claims: Claim[]): void {
  const end = out.at(-1)!;
  let from = end.members;
  let translated = end.port;
  for (const { members, identity, copies } of hopsBack(service, out, fabric)) {
    if (from.length === 0) {
      for (const origin of exitsOf(service, fabric)) {
        claim(claims, { origin, direction: 'back', kind: 'opener', sender: origin }, identity);
      }
    }
    for (const device of from) claimReply(service, device, identity, translated, fabric, claims);
    claimAnswers('back', copies, identity, claims);
    from = members;
    translated = undefined;
  }
}

/** What a device sends on the way back, by whichever MAC: from its own address where the way in was NAT. */
function claimReply(
  service: Service,
  device: Device,
  identity: Identity,
  translated: number | undefined,
  { devices }: Lookups,
  claims: Claim[],
): void {
  const own = service.outward || device.mode !== 'nat' ? undefined : (device.address ?? device.outside.address);
  const nat = own !== undefined && own !== identity.address;
  const sent: Identity = {
    ...identity,
    ...(nat ? { address: own } : {}),
    ...(translated === undefined ? {} : { ports: [{ from: translated, to: translated }] }),
  };
  for (const name of [device.name, ...device.answeredBy]) {
    const origin = legName(devices.get(name)!, service.outward ? 'inside' : 'outside');
    const who = { origin, direction: 'back', kind: nat ? 'nat' : 'device', sender: device.name } as const;
    claim(claims, who, sent, identity.address);
  }
}

function claimAnswers(direction: 'out' | 'back', copies: readonly Copy[], identity: Identity, claims: Claim[]): void {
  for (const { to, answers } of copies) {
    if (answers === 'drop') continue;
    for (const tap of to) claim(claims, { origin: tap, direction, kind: 'tap', sender: tap }, identity);
  }
}

function exitsOf({ exit }: Service, { clients, devices }: Lookups): string[] {
  if (exit === undefined || exit.kind === 'route') return clients.map(({ name }) => name);
  return [exit.kind === 'interface' ? exit.name : legName(devices.get(exit.name)!, 'inside')];
}

function claim(
  claims: Claim[],
  who: Pick<Claim, 'origin' | 'direction' | 'kind' | 'sender'>,
  { address, protocol, ports }: Identity,
  served = address,
): void {
  for (const { from, to } of ports) claims.push({ ...who, address, served, protocol, from, to });
}

function legName(device: Device, side: 'outside' | 'inside'): string {
  return device.oneLegged ? device.name : `${device.name}.${side}`;
}
