import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Trial } from './failover/figures.ts';
import { InlineBed } from './failover/inline-bed.ts';
import { ServerBed } from './failover/server-bed.ts';
import { TableSnapshot } from './table-snapshot.ts';

const TRIALS = 5;
/** However many were disturbed. */
const MOST = 30;
const RATE = 5000;

/** Ways to fail over, and how many milliseconds they may take; `make bench` has 100 trials of each. */
describe.each([
  ['an inline device that dies silently, default probes', () => new InlineBed(), 50, 200],
  ['one with probes every 10 ms', () => new InlineBed({ health: '{interval: 10ms}' }), 10, 50],
  ['a server whose process is killed, handshakes every 50 ms', () => new ServerBed(50), 50, 250],
] as const)('%s', (_, make, interval, most) => {
  let bed: InlineBed | ServerBed;
  beforeAll(async () => {
    bed = make();
    await bed.start();
  });
  afterAll(() => bed.close());

  test(`is left within ${most} ms`, async () => {
    const trials = await bed.under(RATE, () => untilQuiet((count) => bed.trials(count, interval)));
    expect(trials.filter(isQuiet).filter(({ milliseconds }) => milliseconds > most)).toEqual([]);
    // What was sent until then, and no more.
    for (const { milliseconds, lost } of trials) expect(lost).toBeLessThan((milliseconds / 1000 + 0.03) * RATE);
  });
});

/** Whether nobody kept the controller from the CPUs: the host did not, and other programs hardly. */
const isQuiet = ({ stolen, waited }: Trial): boolean => stolen === 0 && waited <= 5;

/** Trials until so many were quiet; on a machine that never is there are none to judge. */
async function untilQuiet(make: (count: number) => Promise<readonly Trial[]>): Promise<readonly Trial[]> {
  const all: Trial[] = [];
  while (all.length < MOST && all.filter(isQuiet).length < TRIALS) {
    all.push(...(await make(TRIALS - all.filter(isQuiet).length)));
  }
  return all;
}

describe('a firewall with 10,000 services', () => {
  let bed: InlineBed;
  beforeAll(async () => {
    bed = new InlineBed({ services: 10_000 });
    await bed.start();
  });
  afterAll(() => bed.close());

  test('is left by one store', async () => {
    const known = (await bed.controller.events()).length;
    const before = TableSnapshot.take(bed.controller.instance);
    bed.firewalls.fw1.die();
    await bed.controller.untilActive('firewalls', 'fw2');
    const after = TableSnapshot.take(bed.controller.instance);
    expect(before.differences(after)).toEqual({ slots: [], steps: [], tables: ['pools'] });
    const words = before.words(after, 'pools');
    expect(new Set(words.map((word) => word >> 1)).size, `words ${words}`).toBe(1);
    const moves = (await bed.controller.eventsAfter(known)).filter(({ what }) => what === 'move');
    expect(moves).toHaveLength(1);
    expect(moves[0]).toMatchObject({ pool: 'firewalls', from: 'fw1', to: 'fw2' });
  });
});
