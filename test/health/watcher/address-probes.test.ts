import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  #greeting: string;

  constructor(greeting: string) {
    this.#greeting = greeting;
    this.#server = createServer((socket) => {
      this.seen += 1;
      this.here += 1;
      this.most = Math.max(this.most, this.here);
      this.#sockets.add(socket);
      socket.write(this.#greeting);
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

  /** From now on they hear this, those who are there too. */
  greet(greeting: string): void {
    this.#greeting = greeting;
    for (const socket of this.#sockets) socket.write(greeting);
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

/** For what is sure to come. */
const PATIENCE = { timeout: 30_000, interval: 5 };

interface Started {
  readonly results: ProbeResult[];
  readonly probes: AddressProbes;
  /** When their intervals began, on the clock of `takeDue`. */
  readonly began: number;
  readonly stop: () => void;
}

/** Probes of `count` devices at 127.0.0.1, ticking every 20 ms until stopped. */
function start(count: number, spec: ProbeSpec): Started {
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
  return { results, probes: made, began: now, stop: () => clearInterval(ticking) };
}

test('at most 256 are under way at once, and all get their turn', async () => {
  counter = new Counter('');
  const port = await counter.port();
  const spec = probeSpec({ kind: 'tcp', port, answer: { contains: 'hello' } }, { interval: 120_000, limit: 60_000 });
  const { results, stop } = start(400, spec);
  stop();
  for (let i = 0; i < 400; i++) probes!.hurry(`web${i}`, 'tcp');
  await expect.poll(() => counter!.here, PATIENCE).toBe(256);
  // Others would come now, if they were let.
  await pause(200);
  expect(counter.most).toBe(256);
  counter.greet('hello');
  await expect.poll(() => results.length, PATIENCE).toBe(400);
  expect(new Set(results.map(({ device: name }) => name)).size).toBe(400);
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['answered']));
});

test('one of a name at a time, at its pace, unless it is to be hurried', async () => {
  counter = new Counter('hello');
  const port = await counter.port();
  const spec = probeSpec({ kind: 'tcp', port, answer: { contains: 'hello' } }, { interval: 100, limit: 60_000 });
  const { results, probes: asked, stop, began } = start(1, spec);
  stop();
  // The server hears a little later who has gone.
  const answered = (count: number) => expect.poll(() => [results.length, counter!.here], PATIENCE).toEqual([count, 0]);
  // The clock is ours: what is due is asked and waited for, however long it takes.
  for (let at = 0; at < 1000; at += 20) {
    asked.takeDue(began + at, 10);
    if (at % 100 === 0) await answered(at / 100 + 1);
  }
  expect([results.length, counter.seen, counter.most]).toEqual([10, 10, 1]);
  for (let i = 0; i < 5; i++) asked.hurry('web0', 'tcp');
  await answered(15);
  asked.pace('web0', 'tcp', 20, began + 1000);
  for (let at = 1000; at < 1200; at += 20) {
    asked.takeDue(began + at, 10);
    await answered(15 + (at - 1000) / 20 + 1);
  }
  const numbers = results.map(({ sequence }) => sequence);
  expect([...numbers].sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
});

test('at most 16 commands at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  const go = join(folder, 'go');
  const run = ['sh', '-c', `echo >>"${folder}/$$"; until [ -e "${go}" ]; do sleep 0.05; done`];
  const { results, stop } = start(40, probeSpec({ kind: 'command', run }, { interval: 120_000, limit: 60_000 }));
  stop();
  for (let i = 0; i < 40; i++) probes!.hurry(`web${i}`, 'command');
  const started = () => readdirSync(folder).length;
  await expect.poll(started, PATIENCE).toBe(16);
  await pause(200);
  expect(started()).toBe(16);
  writeFileSync(go, '');
  await expect.poll(() => results.length, PATIENCE).toBe(40);
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['answered']));
  rmSync(folder, { recursive: true });
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
