import { expect, test } from 'vitest';
import type { Outcome, ProbeResult } from '../../../src/health/machine/report.ts';
import { Watch } from '../../../src/health/machine/watch.ts';
import { probeSpec } from '../../../src/terms/health/defaults.ts';
import type { Question } from '../../../src/terms/health/question.ts';
import type { Direction } from '../../../src/terms/health/spec.ts';

const OUTCOMES: Record<string, Outcome> = { a: 'answered', l: 'lost', r: 'refused', w: 'wrong' };
const NEVER = Number.NEGATIVE_INFINITY;
const tcp: Question = { kind: 'tcp', port: 80 };
const through: Question = { kind: 'through' };

const result = (outcome: Outcome, sequence: number, direction?: Direction, took = 1): ProbeResult => ({
  device: 'd',
  probe: 'p',
  ...(direction !== undefined && { direction }),
  sequence,
  sentAt: 50 * sequence,
  outcome,
  took: outcome === 'lost' ? 0 : took,
});

/** Feeds a row of letters, one probe every 50 ms. */
function feed(watch: Watch, letters: string, direction?: Direction, from = 0, notBefore = NEVER): Watch {
  [...letters].forEach((letter, place) => {
    const each = result(OUTCOMES[letter]!, from + place, direction);
    watch.observe(each, each.sentAt + watch.spec.limit, notBefore, 100);
  });
  return watch;
}

test.each<[name: string, letters: string, verdict: string, troubled: boolean]>([
  ['nothing is known before the first answer', '', 'unknown', false],
  ['one answer is enough to begin with', 'a', 'passing', false],
  ['one loss is a doubt', 'al', 'passing', true],
  ['two losses are a doubt', 'all', 'passing', true],
  ['three losses in a row are failing', 'alll', 'failing', true],
  ['an answer ends the doubt', 'alla', 'passing', false],
  ['failures never add up over answers', 'allallallall', 'passing', true],
  ['three losses from the start are failing', 'lll', 'failing', true],
  ['refused counts like lost', 'arrr', 'failing', true],
  ['wrong content counts like lost', 'awww', 'failing', true],
  ['different failures make one row', 'alrw', 'failing', true],
  ['one answer does not bring it back', 'allla', 'failing', false],
  ['two answers in a row do', 'alllaa', 'passing', false],
  ['answers that a loss parts do not', 'alllala', 'failing', false],
])('%s: %s', (_, letters, verdict, troubled) => {
  const watch = feed(new Watch(probeSpec(tcp)), letters);
  expect([watch.verdict, watch.troubled]).toEqual([verdict, troubled]);
});

test.each<[name: string, forward: string, back: string, verdict: string]>([
  ['both directions answer', 'aaaa', 'aaaa', 'passing'],
  ['only the way in is forwarded', 'aaaa', 'alll', 'failing'],
  ['only the way back is forwarded', 'alll', 'aaaa', 'failing'],
  ['one direction that was never heard is not passing', 'aaaa', 'll', 'unknown'],
])('through: %s', (_, forward, back, verdict) => {
  const watch = feed(feed(new Watch(probeSpec(through)), forward, 'forward'), back, 'return');
  expect(watch.verdict).toBe(verdict);
});

test('through: losses of the two directions are not added up', () => {
  const watch = feed(feed(new Watch(probeSpec(through)), 'a', 'forward'), 'a', 'return');
  for (let sequence = 1; sequence < 30; sequence += 3) {
    feed(watch, 'all', 'forward', sequence);
    feed(watch, 'lla', 'return', sequence);
  }
  expect(watch.verdict).toBe('passing');
});

test('through: it comes back when both directions were answered three times in a row', () => {
  const watch = feed(new Watch(probeSpec(through)), 'lll', 'forward');
  feed(feed(watch, 'aaa', 'forward', 3), 'aa', 'return', 3);
  expect(watch.verdict).toBe('failing');
  expect(feed(watch, 'a', 'return', 5).verdict).toBe('passing');
});

/** Probes 1, 2, 3 (sent at 50, 100, 150) are lost; frames came out of the far leg around `heard`. */
test.each<[name: string, heard: number, direction: Direction, verdict: string]>([
  ['frames after the last lost probe veto it', 165, 'forward', 'passing'],
  ['frames between the last two lost probes veto it', 125, 'forward', 'passing'],
  ['frames that came out before the last but one do not', 95, 'forward', 'failing'],
  ['frames the other way do not', 165, 'return', 'failing'],
])('dead by its probes: %s', (_, heard, direction, verdict) => {
  const watch = feed(feed(new Watch(probeSpec(through)), 'aaaa', 'return'), 'all', 'forward');
  watch.heard(direction, heard);
  expect(feed(watch, 'l', 'forward', 3).verdict).toBe(verdict);
});

test('frames that stop coming lift the veto with the next lost probe but one', () => {
  const watch = feed(feed(new Watch(probeSpec(through)), 'aaaaaa', 'return'), 'all', 'forward');
  watch.heard('forward', 175);
  expect(feed(watch, 'll', 'forward', 3)).toMatchObject({ verdict: 'passing', kept: true });
  expect(feed(watch, 'l', 'forward', 5)).toMatchObject({ verdict: 'failing', kept: false });
});

test('answers that come late keep a device alive, and show as latency', () => {
  const watch = new Watch(probeSpec(through));
  for (let sequence = 0; sequence < 20; sequence++) {
    for (const direction of ['forward', 'return'] as const) {
      watch.observe(result('lost', sequence, direction), 50 * sequence + 20, NEVER, 100);
      watch.observe(result('late', sequence, direction, 45), 50 * sequence + 45, NEVER, 100);
    }
  }
  expect(watch).toMatchObject({ kept: true, troubled: true });
  expect(watch.verdict).not.toBe('failing');
  expect(watch.latency).toBeCloseTo(45);
});

test('a first answer that took long, client and connection being new, is not its latency', () => {
  const watch = new Watch(probeSpec(tcp));
  [155, 4, 5].forEach((took, sequence) => {
    watch.observe(result('answered', sequence, undefined, took), 50 * sequence + took, NEVER, 100);
  });
  expect(watch.latency).toBeLessThan(5);
});

test('a slow device is slow from its first answers on', () => {
  const watch = new Watch(probeSpec(tcp));
  for (let sequence = 0; sequence < 8; sequence++) {
    watch.observe(result('answered', sequence, undefined, 155), 50 * sequence + 155, NEVER, 100);
  }
  expect(watch.latency).toBeCloseTo(155);
});

test('an answer that had to wait for the controller tells nothing of the latency', () => {
  const watch = feed(new Watch(probeSpec(tcp)), 'aaaaaaaa');
  watch.observe(result('answered', 8, undefined, 400), 900, 850, 100);
  expect(watch).toMatchObject({ verdict: 'passing', latency: 1 });
});

test('frames do not save what answers wrongly, or a server', () => {
  const wrong = feed(new Watch(probeSpec({ kind: 'negative', frames: 'x.pcap' })), 'www');
  wrong.heard('forward', 1000);
  expect(feed(wrong, 'w', undefined, 3).verdict).toBe('failing');
  const dead = feed(new Watch(probeSpec(tcp)), 'all');
  dead.heard('forward', 1000);
  expect(feed(dead, 'l', undefined, 3).verdict).toBe('failing');
  const refused = feed(feed(new Watch(probeSpec(through)), 'aaaa', 'return'), 'arr', 'forward');
  refused.heard('forward', 1000);
  expect(feed(refused, 'r', 'forward', 3).verdict).toBe('failing');
});

test('a server that always answers late is failing', () => {
  const watch = feed(new Watch(probeSpec(tcp)), 'a');
  for (let sequence = 1; sequence <= 3; sequence++) {
    feed(watch, 'l', undefined, sequence);
    watch.observe(result('late', sequence, undefined, 900), 0, NEVER, 100);
  }
  expect(watch.verdict).toBe('failing');
});

test('where one loss is failing, one from before a stall is not', () => {
  const watch = feed(new Watch(probeSpec(tcp, { fall: 1 })), 'al', undefined, 0, 1000);
  expect(watch).toMatchObject({ verdict: 'passing', troubled: false });
});

/** The controller stood still after the third result of each row. */
test.each<[name: string, letters: string, verdict: string]>([
  ['losses begin anew', 'alll', 'passing'],
  ['so does a row with a loss in it', 'alrr', 'passing'],
  ['refusals go on', 'arrr', 'failing'],
  ['wrong answers go on', 'awww', 'failing'],
  ['a loss after the stall goes on with refusals', 'arrl', 'failing'],
])('a stall in a row: %s', (_, letters, verdict) => {
  const watch = feed(new Watch(probeSpec(tcp)), letters.slice(0, 3));
  expect(feed(watch, letters.slice(3), undefined, 3, 125).verdict).toBe(verdict);
});

test.each<[name: string, notBefore: number, letters: string, verdict: string]>([
  ['losses of probes sent before a stall do not count', 1000, 'alll', 'passing'],
  ['a row that began before a stall begins anew', 150, 'alll', 'passing'],
  ['three losses after a stall count', 150, 'alllll', 'failing'],
  ['answers from before a stall count', 1000, 'aaaa', 'passing'],
])('stall: %s', (_, notBefore, letters, verdict) => {
  const watch = new Watch(probeSpec(tcp));
  feed(feed(watch, letters.slice(0, 3)), letters.slice(3), undefined, 3, notBefore);
  if (notBefore === 1000) feed(watch, 'lll', undefined, letters.length, notBefore);
  expect(watch.verdict).toBe(verdict);
});

test('a loss that is judged long after its time counts for nothing', () => {
  const watch = feed(new Watch(probeSpec(tcp)), 'a');
  for (const sequence of [1, 2, 3, 4]) watch.observe(result('lost', sequence), 5000, NEVER, 100);
  expect(watch).toMatchObject({ verdict: 'passing', troubled: false });
});

test.each<[letters: string, words: string]>([
  ['alll', 'tcp: 3 in a row lost within 100 ms'],
  ['ar', 'tcp: 1 refused'],
  ['alaa', 'tcp: answered 2 in a row'],
])('%s in words', (letters, words) => {
  expect(feed(new Watch(probeSpec(tcp)), letters).words()).toBe(words);
});

test('a result is counted once', () => {
  const watch = feed(new Watch(probeSpec(tcp)), 'a');
  for (let times = 0; times < 5; times++) watch.observe(result('lost', 1), 900, NEVER, 1000);
  expect(watch.verdict).toBe('passing');
  expect(watch.words()).toBe('tcp: 1 lost');
});

test('it is asked faster in doubt, slower and slower while down, and faster again when it answers', () => {
  const watch = new Watch(probeSpec(tcp));
  const paces = [...'alllllllaaa'].map((letter, place) => feed(watch, letter, undefined, place).wantedPace(false));
  expect(paces).toEqual([1000, 1000, 1000, 2000, 4000, 5000, 5000, 5000, 1000, 1000, 1000]);
  expect(new Watch(probeSpec(tcp, { limit: 100 })).wantedPace(true)).toBe(200);
});

test('a second fall begins with a small back-off again', () => {
  const watch = feed(new Watch(probeSpec(tcp)), 'alllllaa');
  expect(feed(watch, 'lll', undefined, 8).wantedPace(false)).toBe(2000);
});

test('through: the back-off doubles with every round, not with every direction', () => {
  const watch = new Watch(probeSpec(through));
  const paces = [0, 1, 2, 3, 4].map((round) =>
    feed(feed(watch, 'l', 'forward', round), 'l', 'return', round).wantedPace(false),
  );
  expect(paces).toEqual([50, 50, 100, 200, 400]);
});
