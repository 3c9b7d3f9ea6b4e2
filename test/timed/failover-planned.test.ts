import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pause } from './failover/controller.ts';
import { InlineBed } from './failover/inline-bed.ts';

/** What is tried for; how much of it the machine can send is its own affair. */
const RATE = 100_000;
const FEWEST = 1000;

/** Sends while `work` goes on, and accounts for every single frame. */
async function losesNothing(bed: InlineBed, work: () => Promise<void>): Promise<void> {
  const first = bed.traffic.sequence;
  let done = false;
  const load = bed.traffic.pace(
    RATE,
    () => bed.arrived(),
    () => done,
  );
  try {
    await pause(200);
    await work();
    await pause(200);
  } finally {
    done = true;
    await load;
  }
  const sent = bed.traffic.sequence - first;
  await pause(100);
  expect(bed.traffic.account(first, first + sent)).toEqual({ lost: 0, twice: 0 });
  expect(sent).toBeGreaterThan(FEWEST);
}

describe('100,000 numbered packets a second through a pool of two firewalls', () => {
  let bed: InlineBed;
  beforeAll(async () => {
    bed = new InlineBed();
    await bed.start();
  });
  afterAll(() => bed.close());

  test('arrive all while each of them is drained and comes back', async () => {
    await losesNothing(bed, async () => {
      for (const [device, other] of [
        ['fw1', 'fw2'],
        ['fw2', 'fw1'],
      ] as const) {
        await bed.controller.tell(device, 'drain');
        await bed.controller.untilActive('firewalls', other);
        await pause(1200);
        await bed.controller.tell(device, 'restore');
        await bed.controller.untilUp('firewalls');
      }
    });
    expect(bed.traffic.received(bed.firewalls.fw2.outside.far.ifindex)).toBeGreaterThan(FEWEST);
  });

  test('arrive all while one replaces the other', async () => {
    const before = bed.traffic.received(bed.firewalls.fw2.outside.far.ifindex);
    await losesNothing(bed, async () => {
      await bed.controller.replace('fw1', 'fw2');
      await bed.controller.untilActive('firewalls', 'fw2');
      await pause(1200);
    });
    expect(bed.traffic.received(bed.firewalls.fw2.outside.far.ifindex) - before).toBeGreaterThan(FEWEST);
  });
});

describe('100,000 numbered packets a second through a firewall that a service names', () => {
  let bed: InlineBed;
  beforeAll(async () => {
    bed = new InlineBed({ through: 'fw1' });
    await bed.start();
  });
  afterAll(() => bed.close());

  test('arrive all while another takes its place', async () => {
    await losesNothing(bed, async () => {
      const { change } = await bed.controller.replace('fw1', 'fw2');
      expect(change?.services.changed).toEqual(['s0']);
      await pause(1200);
    });
    expect(bed.traffic.received(bed.firewalls.fw2.outside.far.ifindex)).toBeGreaterThan(FEWEST);
  });
});
