import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeReport } from '../../src/api-types/change-report.ts';
import type { StatusView } from '../../src/api-types/operations.ts';
import { manyServices } from '../model/many-services.ts';
import { cable, unplug } from '../traffic/cable.ts';
import { ControllerProcess } from './controller.ts';
import { memoryOf } from './memory.ts';
import { TableSnapshot } from './table-snapshot.ts';

const SERVICES = 100_000;
/** Of each: four forward and four return steps; two more for every address, which ten services share. */
const STEPS = 820_000;
const GIBIBYTE = 1024;
const CHANGES = 20;
const LAST = 99;

/** service0 with another server. */
const changed = (place: number): object => ({
  customer: 'customer0',
  address: '198.18.0.0',
  protocol: 'tcp',
  port: 1000,
  sequence: ['firewalls', 'ips1', `app${1 + (place % 90)}`],
});

describe('100,000 services of three steps over one pool of two firewalls', () => {
  const controller = new ControllerProcess();
  const change = (place: number) =>
    controller.call('PUT', '/services/service0', changed(place)) as Promise<ChangeReport>;
  let applied = 0;

  beforeAll(async () => {
    for (const nic of ['i0', 'i1', 'i2', 'i3']) cable(nic);
    await controller.start();
    writeFileSync(controller.file, manyServices(SERVICES));
  });
  afterAll(async () => {
    await controller.close();
    unplug();
  });

  test('are applied from nothing, in less than 1.5 GiB', async () => {
    controller.run('apply', controller.file);
    applied = performance.now();
    const { services, degraded, steps } = (await controller.call('GET', '/status')) as StatusView;
    expect([services, degraded]).toEqual([SERVICES, []]);
    expect(steps.used).toBeGreaterThanOrEqual(STEPS);
    expect(memoryOf(controller.pid).peak).toBeLessThan(1.5 * GIBIBYTE);
  });

  test('a change writes the entries of its service and leaves every other one as it was, bit by bit', async () => {
    const { HOPLINE_INSTANCE: instance } = controller.environment;
    await settled(controller);
    const before = TableSnapshot.take(instance!);
    const { steps, writes } = await change(CHANGES);
    expect({ steps, writes }).toEqual({
      steps: { created: 1, replaced: 1, removed: 1 },
      writes: { fabric: 0, stores: 2, syscalls: 0 },
    });
    await settled(controller);
    const after = TableSnapshot.take(instance!);
    const { slots, steps: places, tables } = after.differences(before);
    // The new server's way back and the replaced way out are written; what they took the place of is zeros again.
    expect([slots.length, places.length, tables]).toEqual([4, 3, []]);
    const keys = slots.map((slot) => after.keyOf(slot) ?? before.keyOf(slot));
    expect(keys).toEqual(slots.map(() => '198.18.0.0:1000'));
  });

  test('a hundred changes of one of them leave no more entries than there were', async () => {
    const used = async () => ((await controller.call('GET', '/status')) as StatusView).steps.used;
    const before = await used();
    for (let place = 0; place <= LAST; place++) await change(place);
    await settled(controller);
    expect(await used()).toBe(before);
  });

  test('are scraped', async () => {
    const metrics = await controller.text('GET', '/metrics');
    expect(metrics.match(/^hopline_service_packets_total\{/gm)).toHaveLength(2 * SERVICES);
  });

  test('are checked', () => {
    controller.run('check', controller.file);
  });

  test('take less than 1 GiB a minute after they were applied', async () => {
    await wait(Math.max(0, applied + 60_000 - performance.now()));
    expect(memoryOf(controller.pid).now).toBeLessThan(GIBIBYTE);
  });

  test('are in force again after the controller was killed, without an entry being touched', async () => {
    const before = TableSnapshot.take(controller.environment.HOPLINE_INSTANCE!);
    await controller.kill();
    await controller.start();
    await change(LAST);
    const { slots, steps, tables } = TableSnapshot.take(controller.environment.HOPLINE_INSTANCE!).differences(before);
    expect([slots, steps, tables]).toEqual([[], [], []]);
  });
});

/** Waits until what a change replaced is reclaimed: the drain time and a grace period. */
async function settled(controller: ControllerProcess): Promise<void> {
  let before = -1;
  for (;;) {
    await wait(1500);
    const { steps } = (await controller.call('GET', '/status')) as StatusView;
    if (steps.used === before) return;
    before = steps.used;
  }
}
