import { Direction } from '../terms/constants.ts';
import { directionAt, hopAt, StepBuffer } from './buffer.ts';
import { explainStep, type Names, stepLine } from './explain.ts';
import { StepSet } from './set.ts';
import { IMAGE_WORDS, type Steps } from './types.ts';

/**
 * Ordered changes, make before break: all creates, then all replaces, then (after grace and drain time) all removes.
 * Numbers are places in `before` and `after`; `replaced[i]` is what `replace[i]` takes the place of.
 *
 * A range step whose ports change is a create and a remove. The prefixes of the two may coincide: a remove takes away
 * only what still points at its own slot.
 */
export interface StepChanges {
  readonly before: Steps;
  readonly after: Steps;
  readonly create: Uint32Array;
  readonly replace: Uint32Array;
  readonly replaced: Uint32Array;
  readonly remove: Uint32Array;
  /** Steps that are the same, bit by bit. */
  readonly kept: number;
}

/** What turns `before` into `after`. Both may be in any order; a key stands in each at most once. */
export function diffSteps(before: Steps, after: Steps): StepChanges {
  const old = setOf(before);
  const seen = new Uint8Array(before.count);
  const create: number[] = [];
  const replace: number[] = [];
  const matches = new Map<number, number>();
  let kept = 0;
  for (let place = 0; place < after.count; place++) {
    const match = before.count === 0 ? -1 : old.find(after, place);
    if (match < 0) {
      create.push(place);
      continue;
    }
    seen[match] = 1;
    if (sameImage(before, match, after, place)) kept++;
    else {
      replace.push(place);
      matches.set(place, match);
    }
  }
  const remove: number[] = [];
  for (let place = 0; place < before.count; place++) if (seen[place] === 0) remove.push(place);
  const ordered = byRank(replace, after, creationRank);
  return {
    before,
    after,
    create: byRank(create, after, creationRank),
    replace: ordered,
    replaced: ordered.map((place) => matches.get(place)!),
    remove: byRank(remove, before, removalRank),
    kept,
  };
}

/** One line per change, in order: "+" created, "~" replaced, "-" removed. */
export function* describeChanges(changes: StepChanges, names: Names): Generator<string> {
  const { before, after } = changes;
  for (const place of changes.create) yield `+ ${stepLine(explainStep(after, place, names))}`;
  for (const [i, place] of changes.replace.entries()) {
    const was = explainStep(before, changes.replaced[i]!, names);
    const now = explainStep(after, place, names);
    yield `~ ${stepLine(now)} (was: ${wasText(stepLine(was), stepLine(now))})`;
  }
  for (const place of changes.remove) yield `- ${stepLine(explainStep(before, place, names))}`;
}

const HOPS = 256;
const KNOWN_RANK = 2 * HOPS;
const ANSWER_RANK = KNOWN_RANK + 1;
const RANKS = ANSWER_RANK + 1;

/**
 * The last hop first, the first hop last, at each hop the way back before the way out: nobody enters before the way is
 * there. Only then is the address known and answered for: known before its steps stand, it would cost the packets that
 * went another way until now.
 */
export function creationRank(words: Uint32Array, at: number): number {
  const direction = directionAt(words, at);
  if (direction === Direction.ANSWER) return ANSWER_RANK;
  if (direction === Direction.KNOWN) return KNOWN_RANK;
  const isWayOut = direction === Direction.FORWARD || direction === Direction.OUTWARD;
  return 2 * (HOPS - 1 - hopAt(words, at)) + (isWayOut ? 1 : 0);
}

/** The other way round: nobody is called any more, nobody enters, then the rest of the way goes. */
export function removalRank(words: Uint32Array, at: number): number {
  return ANSWER_RANK - creationRank(words, at);
}

/** Sorted by counting; steps of one rank stay in their order. */
function byRank(
  places: readonly number[],
  steps: Steps,
  rank: (words: Uint32Array, at: number) => number,
): Uint32Array {
  const starts = new Uint32Array(RANKS + 1);
  for (const place of places) starts[rank(steps.words, place * IMAGE_WORDS) + 1]!++;
  for (let i = 1; i <= RANKS; i++) starts[i]! += starts[i - 1]!;
  const ordered = new Uint32Array(places.length);
  for (const place of places) ordered[starts[rank(steps.words, place * IMAGE_WORDS)]!++] = place;
  return ordered;
}

function setOf(steps: Steps): StepSet {
  return new StepSet(steps instanceof StepBuffer ? steps : StepBuffer.over(steps));
}

function sameImage(a: Steps, placeA: number, b: Steps, placeB: number): boolean {
  const [atA, atB] = [placeA * IMAGE_WORDS, placeB * IMAGE_WORDS];
  for (let word = 0; word < IMAGE_WORDS; word++) if (a.words[atA + word] !== b.words[atB + word]) return false;
  return true;
}

/** What differs of two lines that begin alike: the target and what follows. */
function wasText(was: string, now: string): string {
  const arrow = was.indexOf(' -> ');
  return arrow >= 0 && now.startsWith(was.slice(0, arrow)) ? was.slice(arrow + 4) : was;
}
