import { SlotFlag } from '../terms/constants.ts';
import { flagsAt } from './buffer.ts';
import { endpoint, explainStep, type Names, type StepView } from './explain.ts';
import { areOpposite } from './overlap.ts';
import type { Places } from './place-types.ts';
import { IMAGE_WORDS, KEY_WORDS, type StepAt, type Steps } from './types.ts';

/** Whether two steps of one key do the same for the same service: one of them is enough. The hop may differ. */
export function sameMeaning(a: StepAt, b: StepAt): boolean {
  const [atA, atB] = [a.place * IMAGE_WORDS, b.place * IMAGE_WORDS];
  for (let word = KEY_WORDS; word < IMAGE_WORDS - 1; word++) {
    if (a.steps.words[atA + word] !== b.steps.words[atB + word]) return false;
  }
  return true;
}

/** Why two steps of one key (or with overlapping ports) cannot both be, and the way out. */
export function describeAmbiguity(one: StepAt, other: StepAt, names: Names, places: Places): string {
  const a = explainStep(one.steps, one.place, names);
  const b = explainStep(other.steps, other.place, names);
  const device = deviceOf(a.origin!, places);
  const what = a.ports === b.ports ? endpoint(a) : `${endpoint(a)} and ${endpoint(b)}`;
  if (a.service === b.service) return samePlaceTwice(a, what, device);
  const both = `services ${b.service} and ${a.service} both`;
  const isNat = [one, other].every(
    ({ steps, place }) => flagsAt(steps.words, place * IMAGE_WORDS) & SlotFlag.SLOT_ADDRESS,
  );
  if (areOpposite(one, other)) {
    return `services ${[a.service, b.service].sort().join(' and ')} have opposite directions, and ${what} at ${a.origin}; a packet could belong to either: name single ports in one of them, or give it another address`;
  }
  if (isNat) {
    return `${both} reach ${device}:${a.ports} by NAT; a reply could belong to either: use loopback or alias mode, another port, or another address`;
  }
  if (places.segments.has(a.origin!)) {
    return `${both} have ${what} from ${a.origin}; a packet could belong to either: give one of them another address or port, or other interfaces in \`from\``;
  }
  if (places.devices.get(device)?.device.kind === 'tap') {
    return `${both} copy ${what} to ${device}; what it answers could belong to either: use another tap, another address or port, or answers: drop`;
  }
  return `${both} send ${what} through ${device}; what ${a.origin} gives back could belong to either: use another device, another address, or another port`;
}

/** Pairs of range steps that share ports, where at least one of each pair is among `added`. */
export function findOverlaps(
  added: Steps,
  others: Steps | undefined,
  isLeaving: (place: number) => boolean,
): [StepAt, StepAt][] {
  const groups = new Map<string, { from: number; to: number; at: StepAt }[]>();
  for (const [place, range] of added.ranges) {
    const key = keyText(added, place);
    const group = groups.get(key) ?? [];
    group.push({ ...range, at: { steps: added, place } });
    groups.set(key, group);
  }
  if (others !== undefined && groups.size > 0) {
    for (const [place, range] of others.ranges) {
      const group = groups.get(keyText(others, place));
      if (group !== undefined && !isLeaving(place)) group.push({ ...range, at: { steps: others, place } });
    }
  }
  const pairs: [StepAt, StepAt][] = [];
  for (const group of groups.values()) {
    group.sort((a, b) => a.from - b.from);
    for (let i = 1; i < group.length; i++) {
      const [a, b] = [group[i - 1]!, group[i]!];
      if (b.from > a.to) continue;
      pairs.push([a.at, b.at]);
      // What follows may overlap the longer of the two.
      if (a.to > b.to) group[i] = { ...b, to: a.to, at: a.at };
    }
  }
  return pairs;
}

function samePlaceTwice(view: StepView, what: string, device: string): string {
  return `service ${view.service}: ${device} has ${what} (${view.direction}, from ${view.origin}) at two places of the sequence, and nothing tells them apart: use another device at one of them, or let what stands between change address or port`;
}

function deviceOf(leg: string, places: Places): string {
  const dot = leg.lastIndexOf('.');
  const name = dot < 0 ? leg : leg.slice(0, dot);
  return places.devices.has(name) ? name : leg;
}

function keyText(steps: Steps, place: number): string {
  return steps.words.subarray(place * IMAGE_WORDS, place * IMAGE_WORDS + KEY_WORDS).join(',');
}
