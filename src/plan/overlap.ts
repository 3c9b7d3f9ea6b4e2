import { entersFirst } from '../model/precedence.ts';
import type { Model, Service } from '../model/types.ts';
import { formatAddress, swap16 } from '../terms/address.ts';
import { Direction, SlotFlag } from '../terms/constants.ts';
import { ANY_PORT, crosses, type PortRange, takesPart } from '../terms/ports.ts';
import { directionAt, flagsAt, hopAt } from './buffer.ts';
import type { Places } from './place-types.ts';
import type { Registry } from './registry.ts';
import type { StepSet } from './set.ts';
import type { StepAt } from './types.ts';
import { IMAGE_WORDS, KEY_WORDS, type Steps } from './types.ts';

/** What the steps' numbers stand for. */
export interface Meaning {
  readonly model: Model;
  readonly places: Places;
  readonly registry: Registry;
}

const OPPOSITE: Readonly<Record<number, number>> = {
  [Direction.FORWARD]: Direction.INWARD,
  [Direction.INWARD]: Direction.FORWARD,
  [Direction.RETURN]: Direction.OUTWARD,
  [Direction.OUTWARD]: Direction.RETURN,
};

/**
 * Pairs of steps of different services that both fit a packet, though their ports are not equally exact or they look
 * at different ports of it, so that one service gets packets of the other. One of each pair is among `some`, the other,
 * a range or any port, among `others`. Costs a few searches for each step of the smaller set.
 */
export function* findTakeovers(some: StepSet, others: StepSet, meaning: Meaning): Generator<[StepAt, StepAt]> {
  const isMany = some.steps.count >= others.steps.count;
  const addresses = isMany ? addressesOf(others.steps, isVagueAt) : undefined;
  if (addresses?.size === 0) return;
  const ranges = rangesByKey(others.steps, isMany ? addresses! : addressesOf(some.steps, () => true));
  for (let place = 0; place < some.steps.count; place++) {
    if (addresses !== undefined && !addresses.has(addressWord(some.steps, place))) continue;
    for (const found of vagueBeside(some.steps, place, others, ranges)) {
      const pair: [StepAt, StepAt] = [
        { steps: some.steps, place },
        { steps: others.steps, place: found },
      ];
      if (takesOver(...pair, meaning)) yield pair;
    }
  }
}

/** Whether two steps look at different ports of a packet: one of an outward service, one of another. */
export function areOpposite(one: StepAt, other: StepAt): boolean {
  return directionOf(one) !== directionOf(other);
}

/** Steps with a range or any port, in the same or the opposite direction, whose key is the same but for the port. */
function vagueBeside(steps: Steps, place: number, others: StepSet, ranges: ReadonlyMap<string, number[]>): number[] {
  const words = steps.words.slice(place * IMAGE_WORDS, (place + 1) * IMAGE_WORDS);
  const protocol = words[5]! & 0xff0000;
  const direction = directionAt(words, 0);
  const found: number[] = [];
  words[9] = SlotFlag.SLOT_ANY_PORT << 16;
  for (const each of isVagueAt(steps, place) ? [direction, OPPOSITE[direction]!] : [direction]) {
    words[5] = (protocol | (each << 24)) >>> 0;
    const any = others.find({ words, count: 1, ranges: new Map() }, 0);
    if (any >= 0) found.push(any);
    if (ranges.size > 0) found.push(...(ranges.get(keyText(words, 0)) ?? []));
  }
  return found;
}

function takesOver(one: StepAt, other: StepAt, meaning: Meaning): boolean {
  if (serviceWord(one) === serviceWord(other)) return false;
  const [a, b] = [portsAt(one), portsAt(other)];
  if (areOpposite(one, other)) return isOutward(one) ? crosses(b, a) : crosses(a, b);
  if (!takesPart(a, b)) return false;
  if (isEntry(one, meaning) && isEntry(other, meaning)) return false;
  const address = servedAddress(one, meaning);
  if (address !== servedAddress(other, meaning)) return true;
  const [fine, coarse] = [serviceOf(one, meaning), serviceOf(other, meaning)];
  if (fine === undefined || coarse === undefined) return true;
  return !entersFirst({ service: fine, ports: a }, { service: coarse, ports: b }, address);
}

/** Whether its packets come from whoever opens the service. */
function isEntry(step: StepAt, meaning: Meaning): boolean {
  const { words } = step.steps;
  const at = step.place * IMAGE_WORDS;
  const direction = directionAt(words, at);
  if (hopAt(words, at) !== 0 || (direction !== Direction.FORWARD && direction !== Direction.OUTWARD)) return false;
  const { segments, devices } = meaning.places;
  return (serviceOf(step, meaning)?.from ?? []).some(({ kind, name }) => {
    if (kind === 'interface') return segments.get(name)?.leg === words[at + 4];
    return devices.get(name)?.[direction === Direction.OUTWARD ? 'outside' : 'inside'] === words[at + 4];
  });
}

/** The address before NAT at the sender. */
function servedAddress({ steps, place }: StepAt, { registry }: Meaning): string {
  const at = place * IMAGE_WORDS;
  const rewrite = flagsAt(steps.words, at) & SlotFlag.SLOT_ADDRESS ? steps.words[at + 7]! : 0;
  return (rewrite === 0 ? undefined : registry.name('rewrite', rewrite)) ?? formatAddress(steps.words, at);
}

function serviceOf(step: StepAt, { model, registry }: Meaning): Service | undefined {
  return model.services.get(registry.name('service', serviceWord(step)) ?? '');
}

function serviceWord({ steps, place }: StepAt): number {
  return steps.words[place * IMAGE_WORDS + 8]!;
}

function directionOf({ steps, place }: StepAt): number {
  return directionAt(steps.words, place * IMAGE_WORDS);
}

function isOutward(step: StepAt): boolean {
  const direction = directionOf(step);
  return direction === Direction.OUTWARD || direction === Direction.INWARD;
}

function portsAt({ steps, place }: StepAt): PortRange {
  const range = steps.ranges.get(place);
  if (range !== undefined) return range;
  const port = swap16(steps.words[place * IMAGE_WORDS + 5]! & 0xffff);
  return port === 0 ? ANY_PORT : { from: port, to: port };
}

function isVagueAt(steps: Steps, place: number): boolean {
  return (flagsAt(steps.words, place * IMAGE_WORDS) & (SlotFlag.SLOT_ANY_PORT | SlotFlag.SLOT_RANGE)) !== 0;
}

/** Last words of addresses: by these most steps need not be looked at any closer. */
function addressesOf(steps: Steps, isWanted: (steps: Steps, place: number) => boolean): Set<number> {
  const addresses = new Set<number>();
  for (let place = 0; place < steps.count; place++) {
    if (isWanted(steps, place)) addresses.add(addressWord(steps, place));
  }
  return addresses;
}

function addressWord({ words }: Steps, place: number): number {
  return words[place * IMAGE_WORDS + 3]!;
}

function rangesByKey(steps: Steps, addresses: ReadonlySet<number>): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const place of steps.ranges.keys()) {
    if (!addresses.has(addressWord(steps, place))) continue;
    const key = keyText(steps.words, place * IMAGE_WORDS);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  return groups;
}

function keyText(words: Uint32Array, at: number): string {
  return words.subarray(at, at + KEY_WORDS).join(',');
}
