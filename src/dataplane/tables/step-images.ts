import { IMAGE_WORDS, type Steps } from '../../plan/types.ts';
import { SLOT } from '../codec/field-words.ts';
import { type Ports, RangeTable } from './range-table.ts';
import type { TableSet } from './table-set.ts';

/** Every step in the tables as images, in no order. */
export function readSteps(set: TableSet): Steps {
  const slots: number[] = [];
  for (let place = 0; place < set.steps.places; place++) {
    const slot = set.steps.slotAt(place);
    if (slot !== 0) slots.push(slot);
  }
  const table = new RangeTable(set.map('ranges'));
  table.index(set.slots.words, SLOT.WORDS);
  const ranges = new Map<number, Ports>();
  for (const slot of table.slots) {
    ranges.set(slots.length, table.ports(slot)!);
    slots.push(slot);
  }
  const words = new Uint32Array(slots.length * IMAGE_WORDS);
  for (const [i, slot] of slots.entries()) {
    const at = slot * SLOT.WORDS;
    words.set(set.slots.words.subarray(at, at + IMAGE_WORDS), i * IMAGE_WORDS);
  }
  return { words, count: slots.length, ranges };
}
