/** Keys as machines have them, many alike and in a row: no pair of buckets fills up before the table is half full. */
import { expect, test } from 'vitest';
import { CapacityError } from '../../src/dataplane/tables/capacity.ts';
import { OriginTable } from '../../src/dataplane/tables/origin-table.ts';
import { type SenderImage, senderImage } from '../../src/dataplane/tables/sender.ts';
import { DEFAULT_SIZES, mapSizes } from '../../src/dataplane/tables/sizes.ts';
import { SlotStore } from '../../src/dataplane/tables/slot-store.ts';
import { StepTable, stepBuckets } from '../../src/dataplane/tables/step-table.ts';
import { IMAGE_WORDS } from '../../src/plan/types.ts';

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

interface Crowd {
  readonly what: string;
  readonly mac: (nic: number, tag: number) => string;
}

const CROWDS: readonly Crowd[] = [
  ...[0, 7, 27, 200].map((first) => ({
    what: `MACs of NICs in a row, from ${first} on`,
    mac: (nic: number) => `02:00:00:${hex((nic + first) >> 8)}:${hex((nic + first) & 255)}:01`,
  })),
  { what: 'whoever is on a VLAN', mac: () => '00:00:00:00:00:00' },
  { what: 'one MAC on all', mac: () => '02:00:00:00:00:01' },
  { what: 'MACs in a row on each', mac: (_: number, tag: number) => `02:00:00:00:02:${hex(tag)}` },
  { what: 'MACs in a row over all', mac: (nic: number, tag: number) => `06:00:00:00:${hex(nic)}:${hex(tag)}` },
];

function sender(mac: string, nic: number, tag: number): SenderImage {
  return senderImage({ mac, interfaceNumber: nic, leg: 1, lookups: 1, vlans: [100 + tag, 0], bridged: true });
}

test.each(CROWDS)('as many senders as the table is for: $what', ({ mac }) => {
  const buckets = mapSizes(DEFAULT_SIZES, 1).origins!;
  const table = new OriginTable(new ArrayBuffer(buckets * 64), buckets);
  const tags = DEFAULT_SIZES.origins / 256;
  for (let nic = 0; nic < 256; nic++) for (let tag = 0; tag < tags; tag++) table.put(sender(mac(nic, tag), nic, tag));
  expect(table.used).toBe(DEFAULT_SIZES.origins);
});

test('more than there is room for are refused', () => {
  const table = new OriginTable(new ArrayBuffer(64), 1);
  const put = (tag: number) => table.put(sender('02:00:00:00:00:01', 0, tag));
  for (const tag of [0, 1]) put(tag);
  expect(() => put(2)).toThrow(CapacityError);
});

/** Address (its last 32 bits as they lie in memory), origin, port in wire order. */
type Keys = (n: number) => readonly [address: number, origin: number, port: number];
const swap32 = (word: number): number =>
  ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
const swap16 = (port: number): number => ((port & 255) << 8) | (port >> 8);

const KEYS: readonly (readonly [string, Keys])[] = [
  ['one address, ports in a row', (n) => [swap32(0x0a000001), 1 + (n % 6), swap16(1 + Math.floor(n / 6))]],
  ['addresses in a row, one port', (n) => [swap32(0x0a000000 + Math.floor(n / 6)), 1 + (n % 6), swap16(443)]],
  ['addresses of networks in a row', (n) => [swap32(0x0a000001 + (n >> 1) * 256), 1 + (n & 1), swap16(80)]],
  ['addresses and ports', (n) => [swap32(0xc6120000 + (n & 255)), 1 + (n % 3), swap16(1000 + (n >> 8))]],
  ['one address and port, from many', (n) => [swap32(0x0a000001), 1 + n, swap16(80)]],
];

test.each(KEYS)('as many steps as the table is for: %s', (_, keys) => {
  const count = 32_000;
  const slots = new SlotStore(new ArrayBuffer((count + 1) * 64), 1, count + 1);
  const table = new StepTable(new ArrayBuffer(stepBuckets(count) * 64), stepBuckets(count), slots);
  const image = new Uint32Array(IMAGE_WORDS);
  for (let n = 0; n < count; n++) {
    const [address, origin, port] = keys(n);
    image.set([0, 0, 0xffff0000, address, origin, port | (6 << 16) | (1 << 24)]);
    const slot = slots.allocate();
    slots.write(slot, image, 0);
    expect(table.insert(slot)).toBeGreaterThanOrEqual(0);
  }
});
