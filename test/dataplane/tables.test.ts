import { describe, expect, test } from 'vitest';
import { INTERFACE, LAYOUT, LEG, ORIGIN, SLOT, SLOT_COUNTS } from '../../src/dataplane/codec/field-words.ts';
import { fingerprint, firstBucket, firstHome, hashKey } from '../../src/dataplane/codec/hash.ts';
import { Interface, Layout, Leg, Origin, Slot } from '../../src/dataplane/codec/layout.ts';
import { byRank } from '../../src/dataplane/publish/rank-order.ts';
import { CapacityError } from '../../src/dataplane/tables/capacity.ts';
import { LegTable } from '../../src/dataplane/tables/leg-table.ts';
import { prefixCount } from '../../src/dataplane/tables/range-table.ts';
import { firstSizes, grownSizes } from '../../src/dataplane/tables/sizes.ts';
import { SlotStore } from '../../src/dataplane/tables/slot-store.ts';
import { StepTable, stepBuckets } from '../../src/dataplane/tables/step-table.ts';
import { emptyTally } from '../../src/dataplane/tables/tally.ts';
import { IMAGE_WORDS } from '../../src/plan/types.ts';
import { leg, port, steps } from './stage.ts';

describe('the places of fields are those of the headers', () => {
  test.each([
    ['slot', Slot.size, SLOT.WORDS * 4],
    ['slot.origin', Slot.offset.origin, SLOT.ORIGIN * 4],
    ['slot.port', Slot.offset.port, SLOT.PORT_PROTOCOL_DIRECTION * 4],
    ['slot.target', Slot.offset.target, SLOT.TARGET * 4],
    ['slot.service', Slot.offset.service, SLOT.SERVICE * 4],
    ['slot.flags', Slot.offset.flags, SLOT.FLAGS * 4 + 2],
    ['slot.hop', Slot.offset.hop, SLOT.HOP * 4],
    ['slot.packets', Slot.offset.packets, SLOT_COUNTS.PACKETS * 8],
    ['slot.bytes', Slot.offset.bytes, SLOT_COUNTS.BYTES * 8],
    ['the image of a slot', Slot.offset.packets, IMAGE_WORDS * 4],
    ['leg', Leg.size, LEG.WORDS * 8],
    ['leg.packets', Leg.offset.packets, LEG.PACKETS * 8],
    ['leg.bytes', Leg.offset.bytes, LEG.BYTES * 8],
    ['origin', Origin.size, ORIGIN.WORDS * 4],
    ['origin.leg', Origin.offset.leg, ORIGIN.LEG * 4],
    ['origin.lookups', Origin.offset.lookups, ORIGIN.LOOKUPS * 4],
    ['origin.vlan', Origin.offset.vlan, ORIGIN.VLANS * 4],
    ['interface', Interface.size, INTERFACE.WORDS * 4],
    ['interface.segment', Interface.offset.segment, INTERFACE.SEGMENT * 4],
    ['interface.segment_lookups', Interface.offset.segmentLookups, INTERFACE.SEGMENT_LOOKUPS * 4],
    ['interface.origin_count', Interface.offset.originCount, INTERFACE.ORIGIN_COUNT * 4],
    ['interface.origins', Interface.offset.origins, INTERFACE.ORIGINS * 4],
    ['layout.state', Layout.offset.state, LAYOUT.STATE * 4],
    ['layout.folds', Layout.offset.folds, LAYOUT.FOLDS * 4],
  ])('%s', (_, header, here) => expect(here).toBe(header));
});

describe('the hash', () => {
  // The kernel's agreement is shown by engine.test.ts.
  test('is the upper half of a sum of products', () => {
    const digits =
      '243f6a8885a308d3 13198a2e03707344 a4093822299f31d0 082efa98ec4e6c89 452821e638d01377 be5466cf34e90c6c c0ac29b7c97c50dd';
    const [start, ...multipliers] = digits.split(' ').map((digit) => BigInt(`0x${digit}`));
    for (const { words } of [steps({}), steps(port(4711)), { words: new Uint32Array(6).fill(0xffffffff) }]) {
      const sum = multipliers.reduce((sum, multiplier, place) => sum + multiplier * BigInt(words[place]!), start!);
      expect(hashKey(words, 0) >>> 0).toBe(Number(BigInt.asUintN(64, sum) >> 32n));
    }
  });

  test('is never empty as a fingerprint', () => expect([fingerprint(0), fingerprint(-1)]).toEqual([1, 0xffffffff]));
});

describe('the table of steps', () => {
  const COUNT = 20_000;

  test('holds as many as it is made for, finds each, and is all zeros when they are gone', () => {
    const memory = new ArrayBuffer(stepBuckets(COUNT) * 64);
    const slots = new SlotStore(new ArrayBuffer((COUNT + 1) * 64), 1, COUNT + 1);
    const table = new StepTable(memory, stepBuckets(COUNT), slots);
    const rows = Array.from({ length: COUNT }, (_, i) => ({ ...port(i + 1), service: i }));
    const { words } = steps(...rows);
    for (let i = 0; i < COUNT; i++) {
      const slot = slots.allocate();
      slots.write(slot, words, i * IMAGE_WORDS);
      expect(table.insert(slot)).toBeGreaterThanOrEqual(0);
    }
    for (let i = 0; i < COUNT; i++) {
      const place = table.find(words, i * IMAGE_WORDS);
      expect(slots.hasImage(table.slotAt(place), words, i * IMAGE_WORDS)).toBe(true);
      table.remove(place);
      expect(table.find(words, i * IMAGE_WORDS)).toBe(-1);
    }
    expect(new Uint8Array(memory).every((byte) => byte === 0)).toBe(true);
  });

  test('has nearly every step of a table that is not full at its home, and its slot where packets ask beforehand', () => {
    const [count, max] = [4000, 16_384];
    const buckets = stepBuckets(max - 1);
    const slots = new SlotStore(new ArrayBuffer(max * 64), 1, max);
    const table = new StepTable(new ArrayBuffer(buckets * 64), buckets, slots);
    let atHome = 0;
    let likely = 0;
    for (let i = 0; i < count; i++) {
      const image = steps(port(i + 1)).words;
      const hash = hashKey(image, 0);
      const slot = slots.allocate(table.likelySlot(hash));
      slots.write(slot, image, 0);
      const home = firstBucket(hash, buckets) * 8 + firstHome(hash);
      if (table.insert(slot) === home) atHome++;
      if (slot === Math.floor((home * max) / (buckets * 8))) likely++;
    }
    expect(atHome / count).toBeGreaterThan(0.9);
    expect(likely / count).toBeGreaterThan(0.8);
  });

  test('takes any free slot where the likely one is taken', () => {
    const slots = new SlotStore(new ArrayBuffer(4 * 64), 1, 4);
    expect([slots.allocate(2), slots.allocate(2), slots.allocate(2)].sort()).toEqual([1, 2, 3]);
    expect(() => slots.allocate(2)).toThrow(RangeError);
  });

  test('says when both buckets of a key are full', () => {
    const slots = new SlotStore(new ArrayBuffer(64 * 64), 1, 64);
    const table = new StepTable(new ArrayBuffer(64), 1, slots);
    const placesOf = Array.from({ length: 9 }, (_, i) => {
      const slot = slots.allocate();
      slots.write(slot, steps(port(i + 1)).words, 0);
      return table.insert(slot);
    });
    expect(placesOf.slice(0, 8).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(placesOf[8]).toBe(-1);
    expect(firstBucket(hashKey(steps({}).words, 0), 1)).toBe(0);
  });
});

describe('legs in use', () => {
  test('a change of several words drops packets for a grace period rather than send one wrongly', async () => {
    const memory = new ArrayBuffer(2 * 8 * 64);
    const seen: boolean[] = [];
    const isResolved = () => (new Uint8Array(memory)[3 * 64 + 6]! & 1) === 1;
    const table = new LegTable(memory, 2, 8, async () => {
      seen.push(isResolved());
    });
    await table.widen([leg(3, 9)], emptyTally());
    expect([isResolved(), seen]).toEqual([true, []]);
    await table.widen([leg(3, 9, { mac: '02:00:00:00:0c:0c' })], emptyTally());
    expect([isResolved(), seen]).toEqual([true, []]);
    await table.widen([leg(3, 9, { mac: '02:00:00:00:0d:0d', vlans: [5, 0] })], emptyTally());
    expect([isResolved(), seen]).toEqual([true, [false]]);
  });
});

describe('sizes', () => {
  const sizes = firstSizes({ slots: 100 }, {});

  test('grow to what is needed and some more', () => {
    expect(grownSizes(sizes, new CapacityError('slots', 1000, 100), {}).slots).toBe(1250);
  });

  test('grow at least to twice', () => {
    expect(grownSizes(sizes, new CapacityError('slots', 101, 100), {}).slots).toBe(201);
  });

  test('stop at a limit', () => {
    expect(grownSizes(sizes, new CapacityError('slots', 101, 100), { slots: 120 }).slots).toBe(120);
    expect(() => grownSizes(sizes, new CapacityError('slots', 121, 100), { slots: 120 })).toThrow(CapacityError);
  });
});

test.each([
  [0, 65535, 1],
  [1025, 1125, 9],
  [80, 80, 1],
  [1, 65534, 30],
])('ports %i to %i are so many prefixes', (from, to, prefixes) => expect(prefixCount({ from, to })).toBe(prefixes));

test('places are sorted by rank and keep their order within one', () => {
  expect([...byRank([5, 1, 4, 2, 3], (place) => place % 2)]).toEqual([4, 2, 5, 1, 3]);
});
