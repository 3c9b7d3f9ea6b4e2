import { expect, test } from 'vitest';
import { readFabric } from '../../src/model/build/fabric.ts';
import { readService } from '../../src/model/build/services.ts';
import { ModelIndex } from '../../src/model/change/model-index.ts';
import { checkService } from '../../src/model/check/check-service.ts';
import type { Fault } from '../../src/model/problem.ts';
import { fileSchema } from '../../src/model/schema/schema.ts';
import type { Model, Service } from '../../src/model/types.ts';
import { changeServices } from '../../src/plan/change.ts';
import { compile } from '../../src/plan/compile.ts';
import type { NetworkState } from '../../src/plan/network.ts';
import { Registry } from '../../src/plan/registry.ts';

/** The model refuses by name what the plan would find in its entries: neither may know of an ambiguity that the other does not. */
const INTERFACES = { i0: { faces: 'clients', gateway: '192.0.2.1' }, i4: { faces: 'both' }, i1: {}, i2: {}, i3: {} };
const leg = (on: string, byte: number) => ({
  interface: on,
  mac: `02:00:00:00:00:${byte.toString(16).padStart(2, '0')}`,
});
const inline = (byte: number) => ({ kind: 'inline', legs: { outside: leg('i1', byte), inside: leg('i2', byte + 1) } });
const DEVICES = {
  fw1: inline(0x10),
  fw2: inline(0x20),
  vpn1: { kind: 'inline', legs: { only: leg('i2', 0x30) } },
  vpn2: { kind: 'inline', mode: 'nat', address: '10.0.2.5', legs: { only: leg('i2', 0x31) } },
  ids1: { kind: 'tap', legs: { only: leg('i1', 0x40) } },
  web1: { kind: 'server', mode: 'nat', address: '10.0.3.11', legs: { only: leg('i3', 0x50) } },
  web2: { kind: 'server', mode: 'nat', address: '10.0.3.12', legs: { only: leg('i3', 0x51) } },
  web3: { kind: 'server', answered_by: ['web4'], legs: { only: leg('i3', 0x52) } },
  web4: { kind: 'server', legs: { only: leg('i3', 0x53) } },
};
const POOLS = {
  firewalls: { members: ['fw1', 'fw2'] },
  web: { members: ['web1', 'web2'] },
  first: { members: ['fw1'], all_down: { next: 'second' } },
  second: { members: ['fw2'], all_down: 'drop' },
  app: { members: ['web1'], all_down: { next: 'reserve' } },
  reserve: { members: ['web2'] },
};
const NETWORK: NetworkState = {
  nics: new Map(
    Object.keys(INTERFACES).map((name, i) => [
      name,
      { name, ifindex: i + 2, mac: `02:ee:00:00:00:0${i}`, mtu: 1500, up: true, addresses: [] },
    ]),
  ),
  neighbours: new Map([['i0 192.0.2.1', '02:00:00:00:99:01']]),
};

function randomizer(seed: number) {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return {
    next,
    pick: <T>(from: readonly T[]): T => from[next(from.length)]!,
    chance: (percent: number) => next(100) < percent,
  };
}

type Random = ReturnType<typeof randomizer>;

function randomService({ pick, chance, next }: Random): object {
  const sequence: unknown[] = [];
  // Twice in a row is the same entry twice: a loop for the model, nothing to tell apart for the plan.
  let before = '';
  for (let i = next(4); i > 0; i--) {
    const name = pick(['fw1', 'fw2', 'vpn1', 'vpn2', 'firewalls', 'first'].filter((each) => each !== before));
    before = name;
    if (chance(25)) sequence.push({ copy: { to: ['ids1'], answers: chance(50) ? 'server' : 'drop' } });
    sequence.push(chance(30) ? { [name]: { reveals: { port: pick([80, 81, 'any']) } } } : name);
  }
  const end = pick(['web1', 'web2', 'web3', 'web4', 'web', 'app']);
  sequence.push(chance(20) ? { [end]: { port: 81 } } : end);
  if (chance(15)) {
    const middle = pick(['fw1', 'fw2', 'firewalls', 'first']);
    return {
      outward: true,
      address: pick(['10.0.3.11', '10.0.3.12']),
      port: pick(['any', 80, '70-90', '1000-40000']),
      sequence: [chance(30) ? { [middle]: { translates: { source: '10.9.0.3' } } } : middle, 'i0'],
    };
  }
  const from = chance(40) ? { from: pick(['i0', 'i4', 'web4', ['i0', 'i4']]) } : {};
  const back = chance(10) ? { return: pick([[], ['fw2'], [{ copy: ['ids1'] }, 'fw1']]) } : {};
  return {
    address: pick(['10.9.0.1', '10.9.0.2', '10.0.3.11']),
    port: pick([80, 80, 81, 'any', '70-90', '85-95', '30000-50000']),
    sequence,
    ...from,
    ...back,
  };
}

/** Services that are right by themselves, and what the model says of them together. */
function judge(raw: Record<string, unknown>) {
  const file = fileSchema.parse({ interfaces: INTERFACES, devices: DEVICES, pools: POOLS, services: raw });
  const wrong: Fault[] = [];
  const report = (fault: Fault) => wrong.push(fault);
  const fabric = readFabric(
    { interfaces: file.interfaces, devices: file.devices!, pools: file.pools! },
    new Map(),
    report,
  );
  const index = new ModelIndex(fabric);
  const services = new Map<string, Service>();
  const conflicts: string[] = [];
  for (const [name, each] of Object.entries(file.services!)) {
    const service = readService(name, each, fabric, report);
    if (service === undefined) continue;
    checkService(service, fabric, report);
    conflicts.push(...index.check(service).map(({ message }) => message));
    index.add(service);
    services.set(name, service);
  }
  const { interfaces, devices, pools } = fabric;
  return { model: { interfaces, devices, pools, services }, conflicts, wrong };
}

/** What is found when the services come one after the other. */
function oneByOne(model: Model): readonly string[] {
  const services = new Map<string, Service>();
  let plan = compile({ ...model, services: new Map() }, NETWORK, new Registry());
  for (const [name, after] of model.services) {
    services.set(name, after);
    const change = changeServices(plan, { ...model, services: new Map(services) }, NETWORK, [{ after }]);
    if (change.problems.length > 0) return change.problems;
    plan = change.commit();
  }
  return [];
}

test('what one refuses the other refuses, at once and one by one, in 2,000 random definitions', () => {
  const seen = { refused: 0, accepted: 0 };
  for (let seed = 1; seed <= 2000; seed++) {
    const random = randomizer(seed);
    const raw = Object.fromEntries(
      Array.from({ length: 1 + random.next(3) }, (_, i) => [`s${i}`, randomService(random)]),
    );
    const { model, conflicts, wrong } = judge(raw);
    if (wrong.length > 0) continue;
    const problems = compile(model, NETWORK, new Registry()).problems;
    const one = oneByOne(model);
    const told = { seed, definitions: JSON.stringify(raw), conflicts, problems };
    expect(conflicts.length > 0, JSON.stringify(told, null, 1)).toBe(problems.length > 0);
    expect(one.length > 0, JSON.stringify({ ...told, one }, null, 1)).toBe(problems.length > 0);
    seen[problems.length > 0 ? 'refused' : 'accepted']++;
  }
  expect(Math.min(seen.refused, seen.accepted)).toBeGreaterThan(300);
});
