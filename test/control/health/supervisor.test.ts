import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readModel } from '../../../src/control/change/read.ts';
import type { Planned } from '../../../src/control/health/health-controller.ts';
import { withOutages } from '../../../src/control/health/outages.ts';
import { Remembered } from '../../../src/control/health/remembered.ts';
import { Supervisor } from '../../../src/control/health/supervisor.ts';
import { chosenFrom } from '../../../src/control/overrides/pools.ts';
import { NO_CHOICES } from '../../../src/control/state/store.ts';
import type { Writer } from '../../../src/dataplane/types.ts';
import { Telling } from '../../../src/notify/notify.ts';
import { compile } from '../../../src/plan/compile.ts';
import { Registry } from '../../../src/plan/registry.ts';
import { lookAt } from '../../../src/views/health-snapshot.ts';
import { FleetWatching } from './fleet-watching.ts';

const fw = (name: string, number: number) =>
  `  ${name}: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:0${number}:01"}, inside: {interface: i2, mac: "02:00:00:00:0${number}:02"}}}`;
const TEXT = `
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {faces: devices}
  i2: {faces: devices}
devices:
${fw('fw1', 1)}
${fw('fw2', 2)}
${fw('fw3', 3)}
${fw('fw4', 4)}
  app1: {kind: server, mode: loopback, health: off, legs: {only: {interface: i2, mac: "02:00:00:00:07:01"}}}
pools:
  firewalls: {members: [fw1, fw2]}
  first: {members: [fw3], all_down: {next: firewalls}}
  gate: {members: [fw4], all_down: bypass}
services:
  web: {address: 198.51.100.1, port: 80, sequence: [firewalls, app1]}
  two: {address: 198.51.100.2, port: 80, sequence: [first, app1]}
  three: {address: 198.51.100.3, port: 80, sequence: [gate, firewalls, app1]}
  four: {address: 198.51.100.4, port: 80, sequence: [fw4, app1]}
`;
const NETWORK = { nics: new Map(), neighbours: new Map(), vlanDevices: [], fixed: new Set<string>() };

/** Pool words as an engine has them. */
class Tables {
  readonly words = new Map<number, { outside: number; inside: number }>();
  readonly prober: { shortage?: string } = {};
  stores = 0;
  pool = (pool: number) => this.words.get(pool) ?? { outside: 0, inside: 0 };
  setPool = (pool: number, outside: number, inside: number) => {
    this.stores++;
    this.words.set(pool, { outside, inside });
  };
  get = () => undefined;
  get engine(): Writer {
    return this as unknown as Writer;
  }
}

let directory: string;
let supervisor: Supervisor;
let watching: FleetWatching;
let tables: Tables;
const said: string[] = [];
const logger = { debug() {}, info() {}, warn: (_: object, message: string) => void said.push(message) };

async function begin(): Promise<void> {
  supervisor = new Supervisor({
    directory,
    logger,
    telling: new Telling(logger, 'edge'),
    watch: (_, edges, memory) => {
      watching = new FleetWatching(edges, memory);
      return watching;
    },
  });
  await supervisor.load();
}

function planned(text = TEXT): Planned {
  const chosen = chosenFrom(readModel({ text, file: 'watch.yaml' }), NO_CHOICES);
  const plan = compile(chosen.model, NETWORK, new Registry(), supervisor.targets(chosen));
  for (const { pool, outside, inside } of plan.fabric.pools) tables.words.set(pool, { outside, inside });
  return { ...chosen, network: NETWORK as unknown as Planned['network'], plan };
}

const define = (text?: string) => {
  const state = planned(text);
  supervisor.define(state, tables.engine);
  return state;
};

/** Which device's legs a word has in the tables. */
function stored({ plan }: Planned, word: string): string | undefined {
  const { outside, inside } = tables.pool(plan.places.pools.get(word)!.pool);
  return [...plan.places.devices].find(([, place]) => place.outside === outside && place.inside === inside)?.[0];
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hopline-supervisor-'));
  tables = new Tables();
  said.length = 0;
  await begin();
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(directory, { recursive: true });
});

test('a verdict is one store, in the same turn, and its event says how long that took', async () => {
  const state = define();
  tables.stores = 0;
  watching.link('fw1', false);
  expect([stored(state, 'firewalls'), tables.stores]).toEqual(['fw2', 1]);
  const move = (await supervisor.events({})).find(({ what }) => what === 'move');
  expect(move).toMatchObject({ pool: 'firewalls', from: 'fw1', to: 'fw2', trigger: 'link' });
  expect(move!.took).toBeGreaterThan(0);
  const { failovers, failoverSeconds } = supervisor.counts();
  expect(failovers.filter(({ count }) => count > 0)).toEqual([{ pool: 'firewalls', trigger: 'link', count: 1 }]);
  expect(failoverSeconds.samples().at(-1)).toEqual(['_count', '', 1]);
});

test('a change that was under way when the controller ended sets nobody to watch', async () => {
  const state = define();
  const last = watching;
  await supervisor.stop();
  supervisor.define(state, tables.engine);
  expect(watching).toBe(last);
});

test('words that copy another are stored with it', () => {
  const state = define();
  watching.link('fw3', false);
  expect(stored(state, 'first')).toBe('fw1');
  watching.link('fw1', false);
  expect([stored(state, 'firewalls'), stored(state, 'first')]).toEqual(['fw2', 'fw2']);
});

test('a bypassed pool leads to where the next pool leads, also after that one moved', () => {
  const state = define();
  const gate = [...state.plan.places.pools.keys()].find((name) => name.startsWith('gate bypass'))!;
  const { devices } = state.plan.places;
  const outside = () => tables.pool(state.plan.places.pools.get(gate)!.pool).outside;
  expect(outside()).toBe(devices.get('fw4')!.outside);
  watching.link('fw4', false);
  expect(outside()).toBe(devices.get('fw1')!.outside);
  watching.link('fw1', false);
  expect(outside()).toBe(devices.get('fw2')!.outside);
});

test('what moved while a change was under way is what its tables get', () => {
  const before = define();
  const targets = supervisor.targets(before);
  watching.link('fw1', false);
  const { outside, inside } = before.plan.places.devices.get('fw2')!;
  expect([...supervisor.movedSince(targets)]).toEqual([['firewalls', { outside, inside }]]);
  // The change was compiled before, and has just brought the old member back.
  const { pool } = before.plan.places.pools.get('firewalls')!;
  const old = before.plan.places.devices.get('fw1')!;
  tables.words.set(pool, { outside: old.outside, inside: old.inside });
  supervisor.define(before, tables.engine);
  expect(stored(before, 'firewalls')).toBe('fw2');
});

test('a command is on the disk when it is done: another controller knows it, and one that never watched', async () => {
  define();
  await supervisor.command({ kind: 'use', pool: 'firewalls', member: 'fw2' });
  await supervisor.command({ kind: 'maintenance', device: 'fw3' });
  const remembered = new Remembered(directory);
  await remembered.load();
  const chosen = chosenFrom(readModel({ text: TEXT, file: 'watch.yaml' }), NO_CHOICES);
  expect(remembered.targets(chosen).get('firewalls')).toEqual({ to: 'member', member: 'fw2' });
  const states = remembered.view(chosen.model).devices.map(({ device, state }) => `${device} ${state}`);
  expect(states).toContain('fw3 maintenance');
  await begin();
  const state = define();
  expect(stored(state, 'firewalls')).toBe('fw2');
  expect(watching.view().devices.find(({ device }) => device === 'fw3')?.state).toBe('maintenance');
});

test('definitions that name another active member have the last word, also over a restart', async () => {
  define();
  await supervisor.command({ kind: 'use', pool: 'firewalls', member: 'fw2' });
  await supervisor.stop();
  await begin();
  const named = TEXT.replace('{members: [fw1, fw2]}', '{members: [fw1, fw2], active: fw2}');
  expect(stored(define(named), 'firewalls')).toBe('fw2');
  expect(stored(define(), 'firewalls')).toBe('fw1');
});

test('a member that is none any more is not what is compiled', async () => {
  const before = define();
  await supervisor.command({ kind: 'use', pool: 'firewalls', member: 'fw2' });
  expect(supervisor.targets(before).get('firewalls')).toEqual({ to: 'member', member: 'fw2' });
  const after = chosenFrom(readModel({ text: TEXT.replace('[fw1, fw2]', '[fw1]'), file: 'w' }), NO_CHOICES);
  expect(supervisor.targets(after).has('firewalls')).toBe(false);
});

test('what cannot be done is refused, and what cannot be watched is said', async () => {
  await expect(supervisor.command({ kind: 'drain', device: 'fw1' })).rejects.toThrow(/nothing was applied yet/);
  const state = define();
  watching.problems = ['through of fw9: no'];
  supervisor.define(state, tables.engine);
  expect(supervisor.problems).toEqual(['through of fw9: no']);
  tables.prober.shortage = 'no memory';
  expect(supervisor.problems[1]).toMatch(/^watch devices: no memory; .*apply again/);
  await expect(supervisor.command({ kind: 'drain', device: 'fw9' })).rejects.toMatchObject({ code: 'failed' });
});

test('a memory that is damaged is said, and begun anew', async () => {
  writeFileSync(join(directory, 'health.json'), '{');
  await begin();
  expect(said).toEqual(['what was known of devices is lost']);
  expect(stored(define(), 'firewalls')).toBe('fw1');
});

test('tables that are taken away end the watching; what was decided stays for the next ones', async () => {
  define();
  await supervisor.command({ kind: 'use', pool: 'firewalls', member: 'fw2' });
  const before = watching;
  await supervisor.suspend();
  expect(before.stopped).toBe(true);
  tables = new Tables();
  expect(stored(define(), 'firewalls')).toBe('fw2');
  expect(watching).not.toBe(before);
});

describe('services', () => {
  const states = (state: Planned) =>
    withOutages([], state.model, lookAt(watching.view(), Date.now())).map((each) => [each.service, each.state]);

  test('all is well while pools have somebody', () => {
    const state = define();
    watching.link('fw1', false);
    expect(states(state)).toEqual([]);
  });

  test('are unavailable where nobody works, degraded where packets go round', () => {
    const state = define();
    for (const device of ['fw3', 'fw4']) watching.link(device, false);
    expect(states(state)).toEqual([
      ['two', 'degraded'],
      ['three', 'degraded'],
      ['four', 'unavailable'],
    ]);
    for (const device of ['fw1', 'fw2']) watching.link(device, false);
    expect(states(state)).toEqual([
      ['web', 'unavailable'],
      ['two', 'unavailable'],
      ['three', 'unavailable'],
      ['four', 'unavailable'],
    ]);
  });
});
