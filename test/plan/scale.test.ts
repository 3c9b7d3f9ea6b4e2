import { expect, test } from 'vitest';
import type { Service } from '../../src/model/types.ts';
import { changedServices, changeServices } from '../../src/plan/change.ts';
import { allSteps, compile } from '../../src/plan/compile.ts';
import { diffSteps } from '../../src/plan/diff.ts';
import { Registry } from '../../src/plan/registry.ts';
import { device, FOUR, firewall, leg, model, NETWORK, service, through } from './models.ts';

const SERVICES = 100_000;

/** Three steps over one pool of two firewalls: eight steps each, those of the alternate among them. */
function services(): Service[] {
  return Array.from({ length: SERVICES }, (_, i) =>
    service(`service${i}`, `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, 443, [
      through('firewalls', { isPool: true }),
      through('vpn'),
      through(`app${i % 100}`),
    ]),
  );
}

function definitions() {
  const devices = [firewall('fw1', 'i1', 'i2'), firewall('fw2', 'i1', 'i2'), device('vpn', 'inline', leg('i2'))];
  const apps = Array.from({ length: 100 }, (_, i) => device(`app${i}`, 'server', leg('i3'), { mode: 'loopback' }));
  const pools = [{ name: 'firewalls', members: ['fw1', 'fw2'], use: 'primary', active: 'fw1' }] as const;
  return { interfaces: FOUR, devices: [...devices, ...apps], pools, services: services() };
}

test('100,000 services compile, are compared and change one by one in bounded time and memory', () => {
  const input = model(definitions());
  const registry = new Registry();
  const heapBefore = process.memoryUsage();
  const start = performance.now();
  const plan = compile(input, NETWORK, registry);
  const compiled = performance.now();
  const all = allSteps(plan);
  const changes = diffSteps({ words: new Uint32Array(0), count: 0, ranges: new Map() }, all);
  const ordered = performance.now();
  const again = diffSteps(all, all);
  const compared = performance.now();
  const heapAfter = process.memoryUsage();

  const changed = { ...input.services.get('service7')!, sequence: [through('vpn'), through('app3')] };
  const next = { ...input, services: new Map(input.services).set('service7', changed) };
  const beforeChange = performance.now();
  const list = changedServices(input, next)!;
  const found = performance.now();
  const change = changeServices(plan, next, NETWORK, list);
  const small = diffSteps(change.before, change.after);
  const changedAt = performance.now();
  change.commit();
  const committed = performance.now();

  const mb = (heapAfter.rss - heapBefore.rss) / 2 ** 20;
  const figures = {
    steps: all.count,
    compileMs: Math.round(compiled - start),
    orderMs: Math.round(ordered - compiled),
    compareMs: Math.round(compared - ordered),
    findChangedMs: Math.round(found - beforeChange),
    changeMs: Math.round(changedAt - found),
    commitMs: Math.round((committed - changedAt) * 10) / 10,
    rssMb: Math.round(mb),
  };
  console.info(JSON.stringify(figures));

  expect(plan.problems).toEqual([]);
  expect(all.count).toBeGreaterThanOrEqual(SERVICES * 8);
  expect(changes.create.length).toBe(all.count);
  expect([again.kept, again.create.length, again.remove.length]).toEqual([all.count, 0, 0]);
  expect(change.problems).toEqual([]);
  expect([list.length, small.create.length, small.replace.length, small.remove.length]).toEqual([1, 1, 3, 5]);
  expect(figures.rssMb).toBeLessThan(600);
}, 60_000);
