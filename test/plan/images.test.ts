import { expect, test } from 'vitest';
import { StepBuffer, type StepFields } from '../../src/plan/buffer.ts';
import { StepSet } from '../../src/plan/set.ts';
import { formatAddress, isIpv4, parseAddress } from '../../src/terms/address.ts';
import { Direction, SlotFlag } from '../../src/terms/constants.ts';

test.each([
  ['198.51.100.10', '198.51.100.10', '00000000000000000000ffffc633640a'],
  ['255.255.255.255', '255.255.255.255', '00000000000000000000ffffffffffff'],
  ['::ffff:192.0.2.1', '192.0.2.1', '00000000000000000000ffffc0000201'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
  ['::', '::', '00000000000000000000000000000000'],
  ['::1', '::1', '00000000000000000000000000000001'],
  ['fe80::', 'fe80::', 'fe800000000000000000000000000000'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8', '00010000000300040005000600070008'],
])('%s is read and written as %s', (text, canonical, bytes) => {
  const words = parseAddress(text)!;
  expect(Buffer.from(words.buffer).toString('hex')).toBe(bytes);
  expect(formatAddress(words)).toBe(canonical);
  expect(isIpv4(words)).toBe(canonical.includes('.'));
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1..2.3',
  '1.2.3.',
  ' 1.2.3.4',
  '1.2.3.4/24',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8:9',
  '12345::',
  'g::',
  'fe80::1%eth0',
  'web1',
])('%j is no address', (text) => expect(parseAddress(text)).toBeUndefined());

const fields: StepFields = {
  address: parseAddress('198.51.100.10')!,
  origin: 0x01020304,
  ports: { from: 443, to: 443 },
  protocol: 6,
  direction: Direction.RETURN,
  target: 7,
  rewrite: 8,
  service: 9,
  newPort: 8443,
  flags: SlotFlag.SLOT_PORT,
  copyset: 10,
  hop: 2,
  known: 0,
};

test('an image is the first 48 bytes of struct slot', () => {
  const buffer = new StepBuffer();
  buffer.push(fields);
  const bytes = Buffer.from(buffer.words.buffer, 0, 48).toString('hex');
  expect(bytes.match(/.{8}/g)).toEqual([
    ...['00000000', '00000000', '0000ffff', 'c633640a'],
    '04030201',
    '01bb0602',
    ...['07000000', '08000000', '09000000'],
    '20fb0800',
    '0a000000',
    '02000000',
  ]);
});

test('a range stands beside its image, any port in its flags', () => {
  const buffer = new StepBuffer();
  buffer.push({ ...fields, ports: { from: 1025, to: 1125 }, flags: 0 });
  buffer.push({ ...fields, ports: { from: 0, to: 0 }, flags: 0 });
  expect([...buffer.ranges]).toEqual([[0, { from: 1025, to: 1125 }]]);
  expect([0, 12].map((at) => [buffer.words[at + 5]! & 0xffff, buffer.words[at + 9]! >>> 16])).toEqual([
    [0, SlotFlag.SLOT_RANGE],
    [0, SlotFlag.SLOT_ANY_PORT],
  ]);
});

test('a set of steps finds what a map does, through ten thousand random additions and removals', () => {
  const set = new StepSet(new StepBuffer(1));
  const map = new Map<string, number>();
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 16) % below;
  };
  const probe = new StepBuffer();
  for (let round = 0; round < 10_000; round++) {
    const [origin, from, service] = [random(8), random(40), round + 1];
    const ports = { from, to: random(3) === 0 ? from + 5 : from };
    const step = { ...fields, origin, ports, service };
    const key = `${origin} ${ports.from} ${ports.to}`;
    probe.push(step);
    const found = set.find(probe, probe.count - 1);
    probe.pop();
    expect(found < 0 ? undefined : set.steps.words[found * 12 + 8]).toBe(map.get(key));
    if (random(2) === 0 && found >= 0) {
      set.remove(found);
      map.delete(key);
    } else {
      set.steps.push(step);
      if (set.addLast() >= 0) set.steps.pop();
      else map.set(key, service);
    }
    expect(set.steps.count).toBe(map.size);
  }
  expect(map.size).toBeGreaterThan(100);
});
