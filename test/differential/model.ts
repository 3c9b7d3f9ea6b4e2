/**
 * What should happen to a packet: docs/design/dataplane.md once more, in plain TypeScript, and nothing of bpf/.
 * Where the two differ one of them is wrong, or the page is.
 */
import type { InterfacePlan, LegPlan } from '../../src/plan/types.ts';
import { address16 } from '../packets/bytes.ts';
import { readArpRequest, readSolicitation, tooBig } from './answers.ts';
import { layout } from './door.ts';
import { type Link, readLink, type Verdict } from './link.ts';
import { type Ends, findOrigin, findSegment, findStep, type Hit, isAnswered, isKnown, type Origin } from './lookup.ts';
import { addressHex, type Packet, readPacket, TCP, UDP } from './parse.ts';
import {
  EXPERIMENTAL,
  hasMark,
  isGivenFrame,
  isGivenPacket,
  isLocalProbe,
  isSource,
  judgeHandshake,
  type Probe,
  turnedRound,
} from './probes.ts';
import { type Hop, readdress, rewritePacket } from './rewrite.ts';
import { has, originText, type Step, type Tables } from './tables.ts';

/** What the program's verdict is, by the names of enum xdp_action. */
export type Action = 'DROP' | 'PASS' | 'TX' | 'REDIRECT';

/** A frame on its way out; `leg` 0 where the kernel's route says where to. */
export interface Sent {
  readonly ifindex: number;
  readonly leg: number;
  readonly bytes: Uint8Array;
}

export interface Outcome {
  readonly action: Action;
  /** Name of enum reason; "REASON_NONE" on a NIC that is not ours. */
  readonly reason: string;
  readonly origin: number;
  readonly hit?: Hit;
  readonly target: number;
  readonly copyset: number;
  readonly ifindex: number;
  /** The frame as TEST_RUN gives it back; with copies the first 12 bytes are not told. */
  readonly frame: Uint8Array;
  /** What is seen on the wires, the original first. */
  readonly sent: readonly Sent[];
  /** Reasons of copies that the egress program drops. */
  readonly lost: readonly string[];
}

/** The kernel's answer to a route lookup: undefined no route; mac undefined: no neighbour. */
export type Route = { readonly ifindex: number; readonly mac?: string };

export interface World {
  readonly tables: Tables;
  /** By 32 hex digits. */
  readonly routes: (destination: string) => Route | undefined;
  /** Those that were sent; none for frames on cables. */
  readonly probes: readonly Probe[];
  /** What `fragments` remembers. */
  readonly fragments: Map<string, { readonly sourcePort: number; readonly destinationPort: number }>;
}

/** Walks one frame that arrives on a NIC; remembers the ports of first fragments in `world`. */
export function walk(world: World, frame: Uint8Array, ifindex: number): Outcome {
  const nic = world.tables.interfaces.get(ifindex);
  if (nic === undefined) {
    return end(frame, 'REASON_NONE');
  }
  const link = readLink(frame);
  if (typeof link === 'string') {
    return end(frame, link);
  }
  if (link.isGroup || link.to === nic.mac) {
    const question = readArpRequest(frame, link) ?? readSolicitation(frame, link);
    const segment = findSegment(world.tables, nic, link).leg;
    if (question !== undefined && mayAsk(world, nic, link, question.target, segment)) {
      return answered(question.reason, question.answer(nic), nic);
    }
  }
  if (link.isGroup) {
    return end(frame, 'PASSED_MULTICAST');
  }
  const packet = readPacket(frame, link);
  if (packet === 'PASSED_NOT_IP') {
    return walkOther(world, nic, link, frame);
  }
  return typeof packet === 'string' ? end(frame, packet) : walkPacket({ world, nic, link, frame, packet });
}

/** Whether ARP and ND from this sender for this address are answered. */
function mayAsk({ tables, probes }: World, nic: InterfacePlan, link: Link, target: string, segment: number): boolean {
  if (!isSource(probes, target)) {
    return isAnswered(tables, target, segment);
  }
  return tables.origins.has(originText(nic.number, [...link.vlans], link.from));
}

/** What is not IP: a probe that came back, or the kernel's affair. */
function walkOther({ tables, probes }: World, nic: InterfacePlan, link: Link, frame: Uint8Array): Outcome {
  const origin = findOrigin(tables, nic, link);
  const isMarked = link.type === EXPERIMENTAL && hasMark(probes, frame, link.network, origin.leg);
  const isOurs = isMarked || isGivenFrame(probes, frame, link, origin.leg);
  return origin.leg !== 0 && isOurs && isForUs(tables, nic, origin, link)
    ? { ...end(frame, 'PROBE_ANSWERED'), origin: origin.leg }
    : end(frame, 'PASSED_NOT_IP');
}

function isForUs(tables: Tables, nic: InterfacePlan, origin: Origin, link: Link): boolean {
  return link.to === nic.mac || (origin.bridged && link.to === tables.legs.get(origin.leg)?.sourceMac);
}

interface Arrival {
  readonly world: World;
  readonly nic: InterfacePlan;
  readonly link: Link;
  readonly frame: Uint8Array;
  readonly packet: Packet;
}

function walkPacket(arrival: Arrival): Outcome {
  const { world, nic, link, frame, packet } = arrival;
  const origin = findOrigin(world.tables, nic, link);
  const finish = (verdict: Verdict, hit?: Hit): Outcome => ({
    ...end(frame, verdict),
    origin: origin.leg,
    ...(hit === undefined ? {} : { hit }),
  });
  if (!isForUs(world.tables, nic, origin, link)) {
    return finish('PASSED_NOT_FOR_US');
  }
  const { probes } = world;
  if (isOwn(nic, packet.destination)) {
    return finish(isLocalProbe(probes, frame, packet, origin.leg) ? 'PROBE_ANSWERED' : 'PASSED_LOCAL');
  }
  if (isSource(probes, packet.destination)) {
    const judged = judgeHandshake(probes, frame, packet, origin.leg);
    if (judged?.reset !== undefined) {
      return { ...answered(judged.reason, turnedRound(frame, link, judged.reset), nic), origin: origin.leg };
    }
    if (judged !== undefined) {
      return finish(judged.reason);
    }
  }
  const ends = readEnds(world, origin, packet);
  if (typeof ends === 'string') {
    return finish(ends);
  }
  const hit = findStep(world.tables, origin, ends);
  if (hit === undefined) {
    const isGiven = isGivenPacket(probes, frame, packet, origin.leg);
    return finish(isGiven ? 'PROBE_ANSWERED' : judgeUnknown(world.tables, ends));
  }
  const { direction } = hit.step;
  const isDestinationOwn = direction === layout('FORWARD') || direction === layout('INWARD');
  if (packet.isError && isDestinationOwn && ends.destination !== packet.destination) {
    return finish(guarded(world.tables, [ends, packet], 'DROP_MALFORMED'), hit);
  }
  return { ...forward(arrival, hit), origin: origin.leg, hit };
}

function end(frame: Uint8Array, reason: Verdict): Outcome {
  const action = reason.startsWith('DROP') || reason.startsWith('PROBE') ? 'DROP' : 'PASS';
  return { action, reason, origin: 0, target: 0, copyset: 0, ifindex: 0, frame, sent: [], lost: [] };
}

function answered(reason: string, answer: Uint8Array, nic: InterfacePlan): Outcome {
  const { ifindex } = nic;
  return { ...end(answer, reason), action: 'REDIRECT', ifindex, sent: [{ ifindex, leg: 0, bytes: answer }] };
}

function isOwn(nic: InterfacePlan, destination: string): boolean {
  return [nic.address4, nic.address6, nic.linkLocal].some(
    (own) => own !== undefined && addressHex(address16(own)) === destination,
  );
}

/** What a step is found by: the packet's own addresses and ports, remembered ones, or the quoted ones turned round. */
function readEnds(world: World, origin: Origin, packet: Packet): Ends | Verdict {
  const { source, destination, protocol } = packet;
  if (packet.isError) {
    const { flow, addresses } = packet.quote ?? {};
    if (flow === undefined) {
      return guarded(world.tables, [packet, ...(addresses === undefined ? [] : [addresses])], 'DROP_MALFORMED');
    }
    return {
      source: flow.destination,
      destination: flow.source,
      protocol: flow.protocol,
      sourcePort: flow.destinationPort,
      destinationPort: flow.sourcePort,
    };
  }
  if (packet.fragment === 'whole' || (protocol !== TCP && protocol !== UDP)) {
    return packet;
  }
  const key = [source, destination, origin.leg, packet.fragmentId, protocol, packet.version].join('/');
  if (packet.fragment === 'first') {
    if (origin.leg !== 0) {
      world.fragments.set(key, packet);
    }
    return packet;
  }
  const ports = world.fragments.get(key);
  return ports === undefined
    ? guarded(world.tables, [packet], 'DROP_FRAGMENT_UNKNOWN')
    : { ...packet, ...portsOf(ports) };
}

function portsOf(ends: { readonly sourcePort: number; readonly destinationPort: number }) {
  return { sourcePort: ends.sourcePort, destinationPort: ends.destinationPort };
}

/** The verdict on a packet that concerns an address of ours; others are the kernel's affair. */
function guarded(tables: Tables, ends: readonly Addresses[], verdict: Verdict): Verdict {
  const addresses = ends.flatMap((one) => [one.source, one.destination]);
  const isOurs = addresses.some((one) => isKnown(tables, one, 'KNOWN_SERVICE', 'KNOWN_DEVICE'));
  return isOurs ? verdict : 'PASSED_NO_SERVICE';
}

type Addresses = Pick<Ends, 'source' | 'destination'>;

function judgeUnknown(tables: Tables, ends: Ends): Verdict {
  if (isKnown(tables, ends.destination, 'KNOWN_LOCAL')) {
    return 'PASSED_LOCAL';
  }
  if (isKnown(tables, ends.source, 'KNOWN_SERVICE', 'KNOWN_DEVICE')) {
    return 'DROP_WRONG_ORIGIN';
  }
  return isKnown(tables, ends.destination, 'KNOWN_SERVICE') ? 'DROP_UNDEFINED_PORT' : 'PASSED_NO_SERVICE';
}

interface Way {
  readonly ifindex: number;
  readonly mtu: number;
  readonly hop: Hop;
  readonly leg?: LegPlan;
  readonly isUnresolved?: boolean;
}

function forward(arrival: Arrival, hit: Hit): Outcome {
  const { world, frame, link, packet } = arrival;
  const { step } = hit;
  const way = findWay(arrival, step);
  if (typeof way === 'string') {
    return end(frame, way);
  }
  const target = way.leg?.leg ?? 0;
  if (way.isUnresolved) {
    return { ...end(frame, 'DROP_LEG_UNRESOLVED'), target };
  }
  if (isTooBig(frame.length - link.network, way)) {
    return { ...refuseSize(arrival, way), target };
  }
  const how = { tables: world.tables, ...(way.leg === undefined ? {} : { leg: way.leg }) };
  const rewritten = rewritePacket(frame, packet, step, how);
  const original = readdress(rewritten, link, way.hop);
  const base = { ...end(original, 'FORWARDED'), action: 'REDIRECT' as const, target, ifindex: way.ifindex };
  const sent = [{ ifindex: way.ifindex, leg: target, bytes: original }];
  const copyset = world.tables.fabric.copysets.find((set) => has(step, 'SLOT_COPY') && set.copyset === step.copyset);
  if (copyset === undefined || !copyset.mains.some((main) => main.ifindex === way.ifindex)) {
    return { ...base, sent };
  }
  // Taps see the service's own address and port: the way back undone, the way in untouched.
  const shown = step.direction === layout('RETURN') ? rewritten : frame;
  const copies = copyset.taps.map((tap) => copyTo(world.tables.legs.get(tap.leg), shown, link));
  return {
    ...base,
    reason: 'COPIED',
    copyset: step.copyset,
    frame: shown,
    sent: [...sent, ...copies.filter((copy) => typeof copy === 'object')],
    lost: copies.filter((copy) => typeof copy === 'string'),
  };
}

/** A copy, or the reason why there is none; undefined where the kernel drops it because it is larger than the NIC takes. */
function copyTo(leg: LegPlan | undefined, shown: Uint8Array, link: Link): Sent | string | undefined {
  if (leg === undefined) {
    return 'DROP_COPY_UNKNOWN';
  }
  if (shown.length > leg.mtu + 18) {
    return undefined;
  }
  if (leg.mac === null) {
    return 'DROP_LEG_UNRESOLVED';
  }
  const bytes = readdress(shown, link, { mac: leg.mac, sourceMac: leg.sourceMac, vlans: [leg.vlans[0], leg.vlans[1]] });
  return bytes.length > leg.mtu + 18 ? undefined : { ifindex: leg.ifindex, leg: leg.leg, bytes };
}

function findWay(arrival: Arrival, step: Step): Way | Verdict {
  const { tables } = arrival.world;
  if (has(step, 'SLOT_ROUTE')) {
    return findRoute(arrival, step);
  }
  const pool = tables.pools.get(step.target);
  const number = has(step, 'SLOT_POOL') ? (has(step, 'SLOT_INSIDE') ? pool?.inside : pool?.outside) : step.target;
  const leg = tables.legs.get(number ?? 0);
  if (leg === undefined) {
    return 'DROP_NO_MEMBER';
  }
  const mac = leg.mac ?? '00:00:00:00:00:00';
  const hop: Hop = { mac, sourceMac: leg.sourceMac, vlans: [leg.vlans[0], leg.vlans[1]] };
  return { ifindex: leg.ifindex, mtu: leg.mtu, hop, leg, isUnresolved: leg.mac === null };
}

function findRoute(arrival: Arrival, step: Step): Way | Verdict {
  const { world, frame, packet } = arrival;
  const rewritten = rewritePacket(frame, packet, step, { tables: world.tables });
  const moved = readPacket(rewritten, arrival.link);
  const route = typeof moved === 'string' ? undefined : world.routes(moved.destination);
  if (route === undefined) {
    return 'DROP_NO_ROUTE';
  }
  if (route.mac === undefined) {
    return 'DROP_NO_NEIGHBOUR';
  }
  const nic = world.tables.interfaces.get(route.ifindex);
  return nic === undefined
    ? 'DROP_NOT_ATTACHED'
    : { ifindex: nic.ifindex, mtu: nic.mtu, hop: { mac: route.mac, sourceMac: nic.mac, vlans: [0, 0] } };
}

function isTooBig(length: number, way: Way): boolean {
  const tags = way.hop.vlans.filter((id) => id !== 0).length;
  return length > way.mtu || 14 + 4 * tags + length > way.mtu + 18;
}

function refuseSize(arrival: Arrival, way: Way): Outcome {
  const { frame, link, packet } = arrival;
  const mayTell = packet.labels === 0 && !packet.isError && packet.fragment !== 'later' && !packet.mayFragment;
  if (!mayTell) {
    return end(frame, 'DROP_TOO_BIG');
  }
  const hasTwoTags = way.hop.vlans[1] !== 0;
  const answer = tooBig(frame, link, packet, way.mtu - (hasTwoTags ? 4 : 0));
  return answered('ANSWERED_TOO_BIG', answer, arrival.nic);
}
