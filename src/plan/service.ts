import type { Service } from '../model/types.ts';
import { type AddressWords, isIpv4, parseAddress, sameAddress } from '../terms/address.ts';
import { Direction, Limit, SlotFlag } from '../terms/constants.ts';
import { exactnessOf } from '../terms/ports.ts';
import type { StepFields } from './buffer.ts';
import type { Target } from './ends.ts';
import { type End, farEndOf, openerOf } from './ends.ts';
import { guard } from './guard.ts';
import { answeringLegs, type Node } from './node.ts';
import type { DevicePlace } from './place-types.ts';
import type { AssignedPlaces } from './places.ts';
import type { PoolWords } from './pool-words.ts';
import type { Registry } from './registry.ts';
import { type Senders, senders } from './senders.ts';
import { endsAtGateway, firstIdentity, type Hop, hopsBack, hopsOut, type Identity } from './sequence.ts';
import type { Sink } from './sink.ts';
import type { Uses } from './uses.ts';

/** What compiling a service needs to know, and what it adds to. */
export interface ServiceContext {
  readonly places: AssignedPlaces;
  readonly registry: Registry;
  readonly uses: Uses;
}

/** Compiles one service into steps: docs/design/plan.md, "Sequence to links". Never throws for what a service says. */
export function compileService(service: Service, context: ServiceContext, sink: Sink): void {
  for (const text of service.addresses) {
    const address = parseAddress(text);
    if (address === undefined)
      sink.problem(`compile ${service.name}: ${text} is no address (give one IPv4 or IPv6 address)`);
    else new ServiceCompiler(service, text, context, sink).compile(address);
  }
}

class ServiceCompiler {
  readonly #service: Service;
  readonly #context: ServiceContext;
  readonly #sink: Sink;
  readonly #fields: StepFields;
  readonly #words: ReturnType<PoolWords['reader']>;

  /** @param text the address that {@link compile} is told. */
  constructor(service: Service, text: string, context: ServiceContext, sink: Sink) {
    this.#service = service;
    const words = context.places.words.reader(service, text);
    this.#words = (step, way, place) => {
      const found = words(step, way, place);
      if (found !== undefined) context.uses.word(found.word);
      return found;
    };
    this.#context = context;
    this.#sink = sink;
    this.#fields = emptyFields(context.registry.number('service', service.name));
  }

  compile(address: AddressWords): void {
    const service = this.#service;
    const { places } = this.#context;
    const out = hopsOut(service, firstIdentity(service, address), places, this.#words);
    if (out.length === 0 || out.some(({ node }) => node !== undefined && node.members.length === 0)) {
      this.#sink.problem(
        `compile ${service.name}: its sequence leads to no device (name a device or a pool with members)`,
      );
      return;
    }
    const opener = openerOf(service, address, places);
    const far = service.outward && !endsAtGateway(out) ? farEndOf(service, address, places) : undefined;
    this.#wayOut(out, opener, far);
    this.#wayBack(out, opener, far);
    guard({ service, places, out, opener, far, address }, this.#sink);
  }

  #wayOut(out: readonly Hop[], opener: End, far: End | undefined): void {
    const direction = this.#service.outward ? Direction.OUTWARD : Direction.FORWARD;
    let legs = opener.origins;
    for (const [index, hop] of out.entries()) {
      const target = hop.node === undefined ? far! : hop.node.target(direction);
      const port = this.#translatedPort(hop);
      const flags = port === undefined ? 0 : SlotFlag.SLOT_PORT;
      this.#link(direction, index, hop, senders(legs, hop.identity, flags, port), target);
      if (hop.copies.length > 0) {
        const firewall = this.#firewallBefore(out, index, direction);
        this.#answers(direction, index, hop, target, { flags, port, firewall });
      }
      if (hop.node !== undefined) legs = hop.node.legs(direction);
    }
  }

  #wayBack(out: readonly Hop[], opener: End, far: End | undefined): void {
    const direction = this.#service.outward ? Direction.INWARD : Direction.RETURN;
    const back = hopsBack(this.#service, out, this.#context.places, this.#words);
    const end = out.at(-1)!;
    let from: Node | undefined = end.node;
    let port = this.#translatedPort(end);
    for (const [index, hop] of back.entries()) {
      const target = hop.node === undefined ? opener : hop.node.target(direction);
      const place = back.length - 1 - index;
      const isTranslated = port !== undefined || (direction === Direction.RETURN && from?.hasNat === true);
      if (from !== undefined && isTranslated) {
        for (const member of from.members) {
          this.#link(direction, place, hop, this.#sendersBack(member, direction, hop.identity, port), target);
        }
      } else {
        const legs = from === undefined ? far!.origins : from.answeringLegs(direction);
        this.#link(direction, place, hop, senders(legs, hop.identity), target);
      }
      this.#answers(direction, place, hop, target, {});
      from = hop.node;
      port = undefined;
    }
  }

  /** The steps of one link in one direction. */
  #link(direction: number, place: number, hop: Hop, from: Senders, target: Target): void {
    const taps = hop.copies.length === 0 ? NO_TAPS : hop.copies.flatMap((copy) => copy.taps);
    if (taps.length > Limit.MAX_COPIES && new Set(taps).size > Limit.MAX_COPIES) {
      this.#sink.problem(
        `compile ${this.#service.name}: ${taps.length} taps get copies at one place (at most ${Limit.MAX_COPIES} can)`,
      );
      return;
    }
    const copyset = taps.length === 0 ? 0 : this.#context.uses.copyset(taps, target.nics);
    this.#emit(direction, place, hop.identity.protocol, from, target, copyset);
  }

  /** What taps of this link send themselves goes on as the packets they got copies of. */
  #answers(
    direction: number,
    place: number,
    hop: Hop,
    target: Target,
    out: { readonly flags?: number; readonly port?: number | undefined; readonly firewall?: Target | undefined },
  ): void {
    for (const { taps, answers } of hop.copies) {
      if (answers === 'drop') continue;
      const isOut = direction === Direction.FORWARD || direction === Direction.OUTWARD;
      const toFirewall = isOut && answers === 'firewall';
      if (toFirewall && out.firewall === undefined) {
        this.#sink.problem(
          `compile ${this.#service.name}: answers of ${taps[0]?.device.name} should go to the firewall, and no inline device stands before the copy (put one there, or use answers: server)`,
        );
        continue;
      }
      for (const tap of taps) {
        // A firewall further out has the packet rewritten later, by the step it comes back to.
        const answer = toFirewall
          ? senders([tap.outside], hop.identity)
          : senders([tap.outside], hop.identity, out.flags, out.port);
        this.#emit(direction, place, hop.identity.protocol, answer, toFirewall ? out.firewall! : target, 0);
      }
    }
  }

  #emit(direction: number, place: number, protocol: number, from: Senders, target: Target, copyset: number): void {
    const fields = this.#fields;
    fields.address = from.address;
    fields.protocol = protocol;
    fields.direction = direction;
    fields.target = target.target;
    fields.rewrite = from.rewrite;
    fields.newPort = from.newPort;
    fields.flags = target.flags | from.flags | (copyset === 0 ? 0 : SlotFlag.SLOT_COPY);
    fields.copyset = copyset;
    fields.hop = place;
    for (const leg of from.legs) {
      fields.origin = leg;
      for (const ports of from.ports) {
        fields.ports = ports;
        this.#sink.step(fields);
        this.#context.uses.lookup(leg, direction, exactnessOf(ports.from, ports.to));
      }
    }
  }

  /** A device on the way back, and whoever may answer for it: by its own address where the way in was NAT. */
  #sendersBack(member: DevicePlace, direction: number, identity: Identity, port: number | undefined): Senders {
    const legs = answeringLegs(member, direction, this.#context.places);
    let { address, ports } = identity;
    let [flags, rewrite, newPort] = [0, 0, 0];
    if (direction === Direction.RETURN && member.device.mode === 'nat') {
      const own = this.#natAddress(member, identity);
      if (own !== undefined && !sameAddress(own, identity.address)) {
        flags |= SlotFlag.SLOT_ADDRESS;
        rewrite = this.#context.uses.rewrite(identity.address);
        address = own;
      }
    }
    if (port !== undefined) {
      flags |= SlotFlag.SLOT_PORT;
      newPort = identity.ports[0]!.from;
      ports = [{ from: port, to: port }];
    }
    return { legs, address, ports, flags, rewrite, newPort };
  }

  #natAddress({ device, own }: DevicePlace, identity: Identity): AddressWords | undefined {
    if (own === undefined) {
      this.#sink.problem(
        `compile ${this.#service.name}: ${device.name} is in nat mode and has no address (give it one)`,
      );
    } else if (isIpv4(own) !== isIpv4(identity.address)) {
      this.#sink.problem(
        `compile ${this.#service.name}: ${device.name} would need NAT between IPv4 and IPv6 (give it an address of the service's family, or use loopback or alias mode)`,
      );
    } else return own;
    return undefined;
  }

  /** The port the node gets instead of the service's; undefined where it is the same. */
  #translatedPort({ port, identity: { ports } }: Hop): number | undefined {
    if (port === undefined || this.#service.outward) return undefined;
    const [only] = ports;
    if (ports.length !== 1 || only!.from !== only!.to || only!.from === 0) {
      this.#sink.problem(
        `compile ${this.#service.name}: port ${port} would have to stand for several ports (give the service one port, or leave the translation out)`,
      );
      return undefined;
    }
    return only!.from === port ? undefined : port;
  }

  /** The nearest device called firewall before the link, else the nearest inline one. */
  #firewallBefore(out: readonly Hop[], index: number, direction: number): Target | undefined {
    if (!out[index]!.copies.some(({ answers }) => answers === 'firewall')) return undefined;
    const before = out.slice(0, index).flatMap(({ node }) => node ?? []);
    const inline = before.filter(({ members }) => members[0]!.device.kind === 'inline');
    const firewall = inline.findLast(({ members }) => members[0]!.device.function === 'firewall') ?? inline.at(-1);
    return firewall?.target(direction);
  }
}

const NO_TAPS: readonly DevicePlace[] = [];
const NO_ADDRESS = new Uint32Array(4);

function emptyFields(service: number): StepFields {
  return {
    address: NO_ADDRESS,
    origin: 0,
    ports: { from: 0, to: 0 },
    protocol: 0,
    direction: 0,
    target: 0,
    rewrite: 0,
    service,
    newPort: 0,
    flags: 0,
    copyset: 0,
    hop: 0,
    known: 0,
  };
}
