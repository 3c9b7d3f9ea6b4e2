import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../../src/health/machine/report.ts';
import { AddressProbes } from '../../../src/health/watcher/address-probes.ts';
import { outcomeOf, targetOf } from '../../../src/health/watcher/asking.ts';
import { probeSpec } from '../../../src/terms/health/defaults.ts';
import type { Question } from '../../../src/terms/health/question.ts';
import type { ProbeSpec } from '../../../src/terms/health/spec.ts';
import { device, FOUR, leg, model } from '../../plan/models.ts';
import { server as watchedServer } from './bed.ts';

/** Accepts, says hello, and counts who is there at once. */
class Counter {
  here = 0;
  most = 0;
  seen = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(greeting: string) {
    this.#server = createServer((socket) => {
      this.seen += 1;
      this.here += 1;
      this.most = Math.max(this.most, this.here);
      this.#sockets.add(socket);
      socket.write(greeting);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.here -= 1;
        this.#sockets.delete(socket);
      });
    });
  }

  async port(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', 1024, () => resolve()));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

let counter: Counter | undefined;
let probes: AddressProbes | undefined;
afterEach(async () => {
  await probes?.stop();
  counter?.close();
});

const failures: string[] = [];

/** Probes of `count` devices at 127.0.0.1, ticking every 20 ms. */
function start(count: number, spec: ProbeSpec): { results: ProbeResult[]; probes: AddressProbes; stop: () => void } {
  const results: ProbeResult[] = [];
  const names = Array.from({ length: count }, (_, i) => `web${i}`);
  const devices = names.map((name) => device(name, 'server', leg('i3'), { mode: 'nat', address: '127.0.0.1' }));
  const made = new AddressProbes({
    result: (result) => results.push(result),
    failed: (words) => failures.push(words),
  });
  probes = made;
  const now = performance.now();
  const definitions = model({ interfaces: FOUR, devices, services: [] });
  const unasked = made.define(
    names.map((name) => watchedServer(name, [spec])),
    definitions,
    new Set(names),
    now,
  );
  expect(unasked).toEqual([]);
  const ticking = setInterval(() => made.takeDue(performance.now(), 10), 20);
  return { results, probes: made, stop: () => clearInterval(ticking) };
}

test('at most 256 are under way at once, and all get their turn', async () => {
  counter = new Counter('');
  const port = await counter.port();
  const spec = probeSpec({ kind: 'tcp', port, answer: { contains: 'hello' } }, { interval: 60_000, limit: 1000 });
  const { results, stop } = start(400, spec);
  for (let i = 0; i < 400; i++) probes!.hurry(`web${i}`, 'tcp');
  const began = performance.now();
  while (results.length < 400 && performance.now() - began < 8000) await pause(10);
  stop();
  // The server hears a little later who has gone.
  expect(counter.most).toBeLessThan(280);
  expect(counter.most).toBeGreaterThan(200);
  expect(new Set(results.map(({ device: name }) => name)).size).toBe(400);
  expect(results.every(({ outcome }) => outcome === 'lost' || outcome === 'late')).toBe(true);
});

test('one of a name at a time, at its pace, unless it is to be hurried', async () => {
  counter = new Counter('hello');
  const port = await counter.port();
  const {
    results,
    probes: asked,
    stop,
  } = start(1, probeSpec({ kind: 'tcp', port, answer: { contains: 'hello' } }, { interval: 100 }));
  await pause(1050);
  const calm = results.length;
  expect(calm).toBeGreaterThanOrEqual(9);
  expect(calm).toBeLessThanOrEqual(11);
  expect(counter.most).toBe(1);
  for (let i = 0; i < 5; i++) asked.hurry('web0', 'tcp');
  await pause(50);
  expect(results.length).toBeGreaterThanOrEqual(calm + 5);
  asked.pace('web0', 'tcp', 20, performance.now());
  await pause(400);
  stop();
  expect(results.length).toBeGreaterThanOrEqual(calm + 15);
  const numbers = results.map(({ sequence }) => sequence);
  expect([...numbers].sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
});

test('at most 16 commands at once', async () => {
  const run = ['sh', '-c', 'sleep 0.2'];
  const { results, stop } = start(40, probeSpec({ kind: 'command', run }, { interval: 10_000, limit: 3000 }));
  for (let i = 0; i < 40; i++) probes!.hurry(`web${i}`, 'command');
  const began = performance.now();
  while (results.length < 40 && performance.now() - began < 5000) await pause(10);
  stop();
  // Three rounds of 16 at most.
  expect(performance.now() - began).toBeGreaterThan(550);
  // One may have been due by itself meanwhile.
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['answered']));
});

test('a program that is not there is told, and is no verdict', async () => {
  failures.length = 0;
  const { results, stop } = start(1, probeSpec({ kind: 'command', run: ['/no/such/program'] }));
  probes!.hurry('web0', 'command');
  await pause(100);
  stop();
  expect(results).toEqual([]);
  expect([...new Set(failures)]).toEqual([expect.stringMatching(/^command of web0 cannot be asked:.*no such program/)]);
});

test('stopped, nothing is under way any more', async () => {
  counter = new Counter('');
  const port = await counter.port();
  const spec = probeSpec({ kind: 'tcp', port, answer: { contains: 'hello' } }, { interval: 60_000, limit: 30_000 });
  const { results, stop } = start(20, spec);
  for (let i = 0; i < 20; i++) probes!.hurry(`web${i}`, 'tcp');
  await pause(100);
  expect(counter.here).toBe(20);
  stop();
  await probes!.stop();
  await pause(50);
  expect([counter.here, results]).toEqual([0, []]);
});

describe('how an attempt counts', () => {
  test.each([
    [{ ok: true, detail: 'connected' }, 'answered'],
    [{ ok: false, detail: 'connect: no answer in 800 ms', lateMs: 1 }, 'lost'],
    [{ ok: false, detail: 'connect: no answer in 800 ms', lateMs: 400 }, 'late'],
    [{ ok: false, detail: 'connect: connection refused' }, 'refused'],
    [{ ok: false, detail: 'connect: host unreachable' }, 'refused'],
    [{ ok: false, detail: 'asking: nobody answers for the address' }, 'lost'],
    [{ ok: false, detail: 'echo: no answer' }, 'lost'],
    [{ ok: false, detail: 'waiting for the answer: status 503' }, 'wrong'],
    [{ ok: false, detail: 'echo: no program fping (apt-get install fping)' }, undefined],
    [{ ok: false, detail: 'connect: this process has too many open files (raise its limit)' }, undefined],
  ])('%j: %s', (result, outcome) => {
    expect(outcomeOf({ milliseconds: 1, ...result })).toBe(outcome);
  });
});

describe('whom a question is asked', () => {
  const tagged = device('gw', 'gateway', leg('i1', { vlans: [5], address: '10.5.0.1' }));
  const router = device('gw', 'gateway', leg('i1', { address: 'fe80::1' }));
  const web = device('web', 'server', leg('i3'), { address: '10.3.0.1' });
  test.each<[string, Question, typeof web, unknown]>([
    ['its own address', { kind: 'http' }, web, { address: '10.3.0.1' }],
    [
      'another',
      { kind: 'tcp', port: 9, address: '10.9.0.9', from: '10.9.0.1' },
      web,
      { address: '10.9.0.9', port: 9, from: '10.9.0.1' },
    ],
    ['on its NIC', { kind: 'icmp' }, web, { address: '10.3.0.1', interface: 'i3' }],
    ['far away, by the routes', { kind: 'icmp', address: '192.0.2.9' }, web, { address: '192.0.2.9' }],
    ['link-local', { kind: 'tcp', port: 9 }, router, { address: 'fe80::1', port: 9, interface: 'i1' }],
    ['nobody', { kind: 'tcp', port: 9 }, device('x', 'server', leg('i3')), /no address/],
    [
      'a command asks whom it likes',
      { kind: 'command', run: ['x'] },
      device('x', 'server', leg('i3')),
      { address: '' },
    ],
    ['not by ARP on a VLAN', { kind: 'neighbour' }, tagged, /has a VLAN/],
  ])('%s', (_, question, asked, expected) => {
    const target = targetOf(question as never, asked, model({ interfaces: FOUR, devices: [], services: [] }));
    if (expected instanceof RegExp) expect(target).toMatch(expected);
    else expect(target).toEqual(expected);
  });
});
