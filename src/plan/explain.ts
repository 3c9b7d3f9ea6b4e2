import { formatAddress, swap16 } from '../terms/address.ts';
import { Direction, Known, SlotFlag } from '../terms/constants.ts';
import { directionAt, flagsAt, hopAt } from './buffer.ts';
import type { Kind } from './registry.ts';
import { IMAGE_WORDS, type Steps } from './types.ts';

/** What numbers are called; a {@link Registry} is one. */
export interface Names {
  name(kind: Kind, id: number): string | undefined;
}

/** A step as people read it. Fields that mean nothing for it are left out. */
export interface StepView {
  readonly direction: 'forward' | 'return' | 'outward' | 'inward' | 'known' | 'answer';
  readonly address: string;
  readonly service?: string;
  readonly hop?: number;
  /** Leg or segment the packets come from. */
  readonly origin?: string;
  readonly protocol?: string;
  /** "443", "1025-1125" or "any". */
  readonly ports?: string;
  /** A leg, a pool ("firewalls", on the way back "firewalls, inside"), or "kernel route". */
  readonly target?: string;
  readonly setAddress?: string;
  readonly setPort?: number;
  readonly copies?: string;
  readonly known?: readonly string[];
}

const DIRECTIONS = { 1: 'forward', 2: 'return', 3: 'outward', 4: 'inward', 5: 'known', 6: 'answer' } as const;
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

/** Decodes the step at a place. Numbers without a name appear as "leg 7". */
export function explainStep(steps: Steps, place: number, names: Names): StepView {
  const { words } = steps;
  const at = place * IMAGE_WORDS;
  const direction = directionAt(words, at);
  const view = { direction: DIRECTIONS[direction as keyof typeof DIRECTIONS], address: formatAddress(words, at) };
  const origin = nameOf(names, 'leg', words[at + 4]!);
  if (direction === Direction.KNOWN) return { ...view, known: knownWords(words[at + 11]! >>> 8) };
  if (direction === Direction.ANSWER) return { ...view, origin };
  const flags = flagsAt(words, at);
  const protocol = (words[at + 5]! >>> 16) & 0xff;
  return {
    ...view,
    service: nameOf(names, 'service', words[at + 8]!),
    hop: hopAt(words, at),
    origin,
    protocol: PROTOCOLS[protocol] ?? String(protocol),
    ports: portsAt(steps, place),
    target: targetAt(words, at, names),
    ...(flags & SlotFlag.SLOT_ADDRESS ? { setAddress: nameOf(names, 'rewrite', words[at + 7]!) } : {}),
    ...(flags & SlotFlag.SLOT_PORT ? { setPort: swap16(words[at + 9]! & 0xffff) } : {}),
    ...(flags & SlotFlag.SLOT_COPY ? { copies: nameOf(names, 'copyset', words[at + 10]!) } : {}),
  };
}

/** One line: "shop: forward at i0 198.51.100.10:443/tcp -> firewalls". */
export function stepLine(view: StepView): string {
  if (view.direction === 'known') return `${view.address}: known as ${view.known!.join(' and ')} address`;
  if (view.direction === 'answer') return `${view.address}: ARP and ND answered on ${view.origin}`;
  const changes = [
    view.setAddress === undefined ? '' : `, as ${view.setAddress}`,
    view.setPort === undefined ? '' : `, port ${view.setPort}`,
    view.copies === undefined ? '' : `, copy to ${view.copies}`,
  ];
  return `${view.service}: ${view.direction} at ${view.origin} ${endpoint(view)} -> ${view.target}${changes.join('')}`;
}

/** "198.51.100.10:443/tcp", "[2001:db8::1]:any/udp". */
export function endpoint({ address, ports, protocol }: Pick<StepView, 'address' | 'ports' | 'protocol'>): string {
  return `${address.includes(':') ? `[${address}]` : address}:${ports}/${protocol}`;
}

function nameOf(names: Names, kind: Kind, id: number): string {
  return names.name(kind, id) ?? `${kind} ${id}`;
}

function portsAt(steps: Steps, place: number): string {
  const flags = flagsAt(steps.words, place * IMAGE_WORDS);
  const range = steps.ranges.get(place);
  if (flags & SlotFlag.SLOT_RANGE) return range === undefined ? 'range' : `${range.from}-${range.to}`;
  return flags & SlotFlag.SLOT_ANY_PORT ? 'any' : String(swap16(steps.words[place * IMAGE_WORDS + 5]! & 0xffff));
}

function targetAt(words: Uint32Array, at: number, names: Names): string {
  const flags = flagsAt(words, at);
  const target = words[at + 6]!;
  if (flags & SlotFlag.SLOT_ROUTE) return 'kernel route';
  if (!(flags & SlotFlag.SLOT_POOL)) return nameOf(names, 'leg', target);
  return `${nameOf(names, 'pool', target)}${flags & SlotFlag.SLOT_INSIDE ? ', inside' : ''}`;
}

function knownWords(bits: number): string[] {
  const words: string[] = [];
  if (bits & Known.KNOWN_SERVICE) words.push('service');
  if (bits & Known.KNOWN_DEVICE) words.push('device');
  if (bits & Known.KNOWN_LOCAL) words.push("the engine's own");
  return words;
}
