import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Kept, MemoryFile, readMemory } from '../../../src/control/health/memory-file.ts';

let directory: string;
const logger = { debug() {}, info() {}, warn() {} };
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hopline-memory-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const kept = (reason: string): Kept => ({ actives: { firewalls: 'fw1' }, memory: memory(reason) });
const memory = (reason: string): Kept['memory'] => ({
  devices: [
    {
      device: 'fw1',
      duty: 'maintenance',
      health: 'down',
      reason,
      age: 1000,
      left: true,
      told: false,
      falls: [500, 200],
    },
  ],
  pools: [{ name: 'firewalls', target: { to: 'member', member: 'fw2' }, works: true, reason, age: 300, choice: 'fw2' }],
});

test('what was remembered is found again, older by the time since', async () => {
  await new MemoryFile(directory, () => kept('x'), logger).write();
  const { time } = JSON.parse(readFileSync(join(directory, 'health.json'), 'utf8'));
  const found = await readMemory(directory, Date.parse(time) + 60_000);
  expect(found?.actives).toEqual({ firewalls: 'fw1' });
  expect(found?.memory).toEqual({
    devices: [{ ...memory('x').devices[0], age: 61_000, falls: [60_500, 60_200] }],
    pools: [{ ...memory('x').pools[0], age: 60_300 }],
  });
});

test('a clock that was set back makes nothing younger', async () => {
  await new MemoryFile(directory, () => kept('x'), logger).write();
  expect(await readMemory(directory, 0)).toEqual(kept('x'));
});

test('a storm of changes is one write, soon', async () => {
  let asked = 0;
  const file = new MemoryFile(directory, () => kept(String(++asked)), logger);
  for (let i = 0; i < 1000; i++) file.changed();
  await expect.poll(() => readMemory(directory), { timeout: 20_000, interval: 20 }).toBeDefined();
  expect([asked, (await readMemory(directory))!.memory.devices[0]!.reason]).toEqual([1, '1']);
  expect(readdirSync(directory)).toEqual(['health.json']);
});

test('what changed last is written when the controller ends', async () => {
  const file = new MemoryFile(directory, () => kept('last'), logger);
  file.changed();
  await file.stop();
  expect((await readMemory(directory))!.memory.devices[0]!.reason).toBe('last');
});

test('nothing was remembered yet', async () => {
  expect(await readMemory(directory)).toBeUndefined();
});

test.each(['', '{', 'null', '{"version": 2}'])('a file that is none (%j) is said so, with a cure', async (text) => {
  writeFileSync(join(directory, 'health.json'), text);
  await expect(readMemory(directory)).rejects.toThrow(/not what a controller wrote \(remove it/);
});

test('a command hears that the disk does not take it', async () => {
  const file = new MemoryFile(join(directory, 'health.json', 'sub'), () => kept('x'), logger);
  writeFileSync(join(directory, 'health.json'), '');
  await expect(file.write()).rejects.toThrow(/^write .*health\.json: /);
});
