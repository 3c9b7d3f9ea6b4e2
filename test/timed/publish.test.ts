import { describe, expect, test } from 'vitest';
import { SLOT, SLOT_COUNTS } from '../../src/dataplane/codec/field-words.ts';
import { CounterRows } from '../../src/dataplane/counters/counter-rows.ts';
import { Engine } from '../../src/dataplane/index.ts';
import { SlotStore } from '../../src/dataplane/tables/slot-store.ts';
import { StepBuffer } from '../../src/plan/buffer.ts';
import { type Fabric, IMAGE_WORDS } from '../../src/plan/types.ts';
import { OBJECT, onInstance } from '../dataplane/stage.ts';

const SERVICES = 100_000;
const STEPS = 8;

const FABRIC: Fabric = {
  interfaces: [],
  legs: [],
  origins: [],
  pools: [],
  copysets: [],
  rewrites: [],
  names: Array.from({ length: SERVICES }, (_, i) => ({ kind: 1, id: i + 1, name: `service ${i}` })),
};

/** Eight steps of each service: four hops, both ways. */
function stepsOf(from: number, to: number, target = 1): StepBuffer {
  const buffer = new StepBuffer((to - from) * STEPS);
  const ports = { from: 443, to: 443 };
  const common = { ports, protocol: 6, target, rewrite: 0, newPort: 0, flags: 1, copyset: 0, known: 0 };
  for (let service = from; service < to; service++) {
    const address = Uint32Array.of(0, 0, 0xffff0000, service * 7919);
    for (let i = 0; i < STEPS; i++) {
      buffer.push({ ...common, address, origin: 1 + i, direction: 1 + (i >> 2), service: service + 1, hop: i & 3 });
    }
  }
  return buffer;
}

describe('800,000 steps', () => {
  test('are published from nothing, and one service is changed by its own stores alone', async () => {
    await onInstance(async (names) => {
      const engine = await Engine.open({ ...names, objectPath: OBJECT });
      const all = stepsOf(0, SERVICES);
      const first = await engine.sync(FABRIC, all);
      expect(first.created).toBe(SERVICES * STEPS);

      const change = await engine.change({ ...FABRIC }, stepsOf(500, 501), stepsOf(500, 501, 2));
      expect([change.replaced, change.stores, change.syscalls]).toEqual([STEPS, STEPS, 0]);

      await engine.settle();
      await engine.close();
    });
  });

  test('that have all counted are added up', () => {
    const all = stepsOf(0, SERVICES);
    const slots = new SlotStore(new ArrayBuffer((all.count + 1) * 64), 1, all.count + 1);
    for (let i = 0; i < all.count; i++) {
      const slot = slots.allocate();
      slots.write(slot, all.words, i * IMAGE_WORDS);
      slots.words[slot * SLOT.WORDS + 2 * SLOT_COUNTS.PACKETS] = 3;
    }
    const rows = new CounterRows();
    rows.addSlots(slots);
    const { rows: count, packets } = rows.columns();
    expect([count, packets[count - 1]]).toEqual([all.count, 3]);
  });
});
