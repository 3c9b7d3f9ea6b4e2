import { afterAll, describe, expect, test } from 'vitest';
import { SLOT } from '../../src/dataplane/codec/field-words.ts';
import { Fold } from '../../src/dataplane/counters/fold.ts';
import { SlotState, SlotStore } from '../../src/dataplane/tables/slot-store.ts';
import { type BpfMap, createMap } from '../../src/libbpf/index.ts';
import { steps } from './stage.ts';

const CPUS = 2;
const MAX = 8;
const maps: BpfMap[] = [];

/** What is in the kernel, seen by one controller after the other. */
function world() {
  const totals = createMap({ type: 'hash', name: 'totals', keySize: 16, valueSize: 16, maxEntries: 16 });
  maps.push(totals);
  const memory = { slots: new ArrayBuffer(CPUS * MAX * 64), journal: new ArrayBuffer(40), layout: new ArrayBuffer(32) };
  const controller = () => {
    const slots = new SlotStore(memory.slots, CPUS, MAX);
    return { slots, fold: new Fold(memory.journal, memory.layout, totals, slots) };
  };
  return { totals, memory, controller };
}

/** As a program would have: 3 packets of 100 bytes on the first CPU, 4 on the second. */
function count(memory: ArrayBuffer, slot: number): void {
  const words = new BigUint64Array(memory);
  for (const [cpu, packets] of [3n, 4n].entries()) {
    words[(cpu * MAX + slot) * 8 + 6]! += packets;
    words[(cpu * MAX + slot) * 8 + 7]! += packets * 100n;
  }
}

const sumOf = (totals: BpfMap): bigint[] => {
  const sums = [0n, 0n];
  for (const [, value] of totals.entries()) {
    const [packets, bytes] = new BigUint64Array(value.buffer, value.byteOffset, 2);
    sums[0]! += packets!;
    sums[1]! += bytes!;
  }
  return sums;
};

afterAll(() => {
  for (const map of maps) map.close();
});

describe('folding counts', () => {
  const places = ['the journal', 'the slot of the journal', 'the total', 'the slot', 'the end of the journal'];

  test.each([...places, 'nothing'])(
    'a controller killed before it wrote %s counts nothing twice, nothing never',
    (place) => {
      const { totals, memory, controller } = world();
      const first = controller();
      for (const slot of [1, 2]) {
        first.slots.write(first.slots.allocate(), steps({}).words, 0);
        count(memory.slots, slot);
      }
      first.fold.reclaim([1]);
      for (const store of first.fold.stores(2)) if (store === place) break;

      const second = controller();
      second.fold.recover();
      second.fold.reclaim(second.slots.findUnknown());
      expect(sumOf(totals)).toEqual([14n, 1400n]);
      expect(new Uint8Array(memory.slots).every((byte) => byte === 0)).toBe(true);
      expect(new BigUint64Array(memory.journal)[0]).toBe(0n);
      expect(second.slots.free).toBe(MAX - 1);
    },
  );

  test('a killed reclaim leaves no reader waiting', () => {
    const { memory, controller } = world();
    new Int32Array(memory.layout)[7] = 5;
    controller().fold.recover();
    expect(new Int32Array(memory.layout)[7]).toBe(6);
  });

  test('counts beyond 2^53 stay exact', () => {
    const { totals, memory, controller } = world();
    const { slots, fold } = controller();
    slots.write(slots.allocate(), steps({}).words, 0);
    const words = new BigUint64Array(memory.slots);
    words[8 + 7] = 2n ** 53n;
    words[(MAX + 1) * 8 + 6] = 1n;
    words[(MAX + 1) * 8 + 7] = 1n;
    expect([slots.packets(1), slots.bytes(1)]).toEqual([1, 2n ** 53n + 1n]);
    fold.reclaim([1]);
    expect(sumOf(totals)).toEqual([1n, 2n ** 53n + 1n]);
  });

  test('a full table of totals keeps the counts where they are', () => {
    const { totals, memory, controller } = world();
    const { slots, fold } = controller();
    for (let i = 0; i < totals.maxEntries; i++) {
      totals.update(new Uint8Array(Uint32Array.of(1000 + i, 0, 0, 0).buffer), new Uint8Array(16));
    }
    slots.write(slots.allocate(), steps({}).words, 0);
    count(memory.slots, 1);
    expect(() => fold.reclaim([1])).toThrow(/totals: 17 entries are needed/);
    expect([slots.packets(1), slots.bytes(1), slots.state[1]]).toEqual([7, 700, SlotState.RESTING]);
    expect(slots.words[SLOT.WORDS + SLOT.SERVICE]).toBe(7);
  });
});
