import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DecodedEntry } from '../../src/dataplane/types.ts';
import { BpfMap } from '../../src/libbpf/index.ts';
import { cable } from '../traffic/cable.ts';
import { Bed, until } from './bed.ts';

const bed = new Bed('ft');
const taps = cable('ft-tap');

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const mac = (i: number): string => `02:00:00:00:f0:${(i + 16).toString(16)}`;
const device = (i: number): string =>
  `more${i}: {kind: server, legs: {only: {interface: ${taps.engine.name}, mac: "${mac(i)}"}}}`;
const tap = (i: number): string =>
  `tap${i}: {kind: tap, legs: {only: {interface: ${taps.engine.name}, mac: "${mac(i)}"}}}`;
const nat = `nat1: {kind: server, mode: nat, address: 10.9.9.9, legs: {only: {interface: ${taps.engine.name}, mac: "${mac(99)}"}}}`;
const service = (i: number, sequence = '[app1]', port = '80'): string =>
  `s${i}: {address: 10.1.0.${i}, protocol: udp, port: ${port}, sequence: ${sequence}}`;

const interfaces = [`${taps.engine.name}: {faces: devices}`];
const LIMITS = 'slots=300,names=50,legs=24,pools=2,addresses=2,groups=6,copies=6,ranges=8';

/** Definitions that need more of one table than there may be. */
const ROWS = [
  {
    table: 'slots',
    limit: 300,
    text: bed.definitions({ services: [service(1, '[app1]', JSON.stringify(range(400).map((i) => 1000 + 2 * i)))] }),
  },
  { table: 'names', limit: 50, text: bed.definitions({ services: range(45).map((i) => service(i)) }) },
  { table: 'legs', limit: 24, text: bed.definitions({ interfaces, devices: range(20).map(device) }) },
  {
    table: 'pools',
    limit: 2,
    text: bed.definitions({
      pools: range(3).map((i) => `p${i}: {members: [app1]}`),
      services: range(3).map((i) => service(i, `[p${i}]`)),
    }),
  },
  {
    table: 'addresses',
    limit: 2,
    text: bed.definitions({
      interfaces,
      devices: [nat],
      services: range(3).map((i) => service(i, '[nat1]', `${80 + i}`)),
    }),
  },
  {
    table: 'groups',
    limit: 6,
    text: bed.definitions({
      interfaces,
      devices: range(3).map(tap),
      services: range(3).map((i) => service(i, `[{copy: [tap${i}]}, app1]`)),
    }),
  },
  {
    table: 'copies',
    limit: 6,
    text: bed.definitions({
      interfaces,
      devices: range(7).map(tap),
      services: [
        service(
          1,
          `[{copy: [${range(7)
            .map((i) => `tap${i}`)
            .join(', ')}]}, app1]`,
        ),
      ],
    }),
  },
  { table: 'ranges', limit: 8, text: bed.definitions({ services: [service(1, '[app1]', '1001-1998')] }) },
] as const;

/** What fits beside `watched`, and uses every table. */
const GOOD = bed.definitions({
  interfaces,
  devices: [tap(0), nat],
  pools: ['p0: {members: [app1]}'],
  services: [service(0, '[p0]', '1000-1007'), service(1, '[nat1]'), service(2, '[{copy: [tap0]}, app1]')],
});

/** Every byte, but an entry of an interface may have moved (its old place is free, not cleared), and folds are counted. */
async function content(): Promise<unknown> {
  const { layout: _, interfaces: __, interface_index: ___, ...same } = bed.bytes();
  const [index, interfaces] = (await Promise.all(
    ['interface_index', 'interfaces'].map((map) => bed.controller.call('GET', `/maps/${map}`)),
  )) as [DecodedEntry[], DecodedEntry[]];
  const places = new Set(index.map(({ value }) => value.place));
  const inUse = interfaces.filter(({ key }) => places.has(key));
  return { ...same, interfaces: inUse.map(({ value }) => JSON.stringify(value)).sort() };
}

beforeAll(async () => {
  bed.environment.HOPLINE_LIMITS = LIMITS;
  await bed.start();
});

afterAll(() => bed.close());

describe('a table that is full', () => {
  it.each(ROWS)(
    '$table: says how much is needed and what to do, and changes nothing',
    async ({ table, limit, text }) => {
      const { status, text: body } = await bed.unchanged(() => bed.apply(text));
      expect(status).toBe(500);
      expect(JSON.parse(body)).toMatchObject({ code: 'failed' });
      const { message } = JSON.parse(body) as { message: string };
      const said =
        /^publish (\w+): (\d+) entries are needed, the limit is (\d+) \(raise the limit of \w+, or define less\)$/;
      const [, named, needed, available] = said.exec(message) ?? [message];
      expect({ named, available }).toEqual({ named: table, available: `${limit}` });
      expect(Number(needed)).toBeGreaterThan(limit);
    },
  );

  it('ends the command with code 1 and the same sentence, also without a controller', async () => {
    const path = join(bed.controller.directory, 'large.yaml');
    writeFileSync(path, ROWS[0].text);
    const sentence =
      /^hopline: publish slots: \d+ entries are needed, the limit is 300 \(raise the limit of slots, .*\)\n$/;
    const first = await bed.unchanged(() => bed.hopline('apply', path));
    expect(first).toMatchObject({ code: 1, out: '', err: expect.stringMatching(sentence) });
    await bed.controller.kill();
    const second = await bed.unchanged(() => bed.hopline('apply', path));
    expect(second).toMatchObject({ code: 1, out: '', err: expect.stringMatching(sentence) });
    await bed.start();
  });

  it('takes what has room afterwards, and a raised limit is enough', async () => {
    await bed.under(async () => {
      expect(await bed.apply(GOOD)).toMatchObject({ status: 200 });
      expect(await bed.apply(bed.definitions())).toMatchObject({ status: 200 });
    });
    await bed.controller.kill();
    bed.environment.HOPLINE_LIMITS = LIMITS.replace('slots=300', 'slots=3000');
    await bed.start();
    await bed.under(async () => {
      expect(await bed.apply(ROWS[0].text)).toMatchObject({ status: 200 });
      expect(await bed.apply(bed.definitions())).toMatchObject({ status: 200 });
    });
  });
});

describe('a table that fills up in the middle of a change', () => {
  /** Fills what is left of a pinned map behind the controller's back; returns how to empty it again. */
  function stuff(name: string): () => void {
    const map = BpfMap.open(join('/sys/fs/bpf/hopline', bed.instance, 'current', name));
    const keys: Uint8Array[] = [];
    for (let i = 0; ; i++) {
      const key = new Uint8Array(map.keySize).fill(0xee);
      new DataView(key.buffer).setUint32(map.keySize - 4, i);
      if (map.type === 'lpm_trie') new DataView(key.buffer).setUint32(0, 8 * (map.keySize - 4), true);
      try {
        map.update(key, new Uint8Array(map.valueSize).fill(1));
        keys.push(key);
      } catch {
        break;
      }
    }
    expect(keys.length).toBeGreaterThan(0);
    return () => {
      for (const key of keys) map.delete(key);
      map.close();
    };
  }

  beforeEach(async () => {
    await bed.settled();
    // Counts of entries are right before the last of them is cleared.
    await wait(1500);
  });

  it.each(['names', 'copies', 'ranges'])('%s: what was done is taken back, and the next try succeeds', async (name) => {
    const before = await content();
    const empty = stuff(name);
    const { status, text } = await bed.under(() => bed.apply(GOOD));
    empty();
    expect(status).toBe(500);
    expect(text).toMatch(new RegExp(`map ${name}.*the map is full`));
    await until('all is as it was', async () => isDeepStrictEqual(await content(), before)).catch(async () =>
      expect(await content()).toEqual(before),
    );
    await bed.under(async () => {
      expect(await bed.apply(GOOD)).toMatchObject({ status: 200 });
      expect(await bed.apply(bed.definitions())).toMatchObject({ status: 200 });
    });
  });
});
