import { expect, test } from 'vitest';
import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { changedMap } from '../../../src/model/change/changed-map.ts';
import type { Model } from '../../../src/model/types.ts';
import { compile } from '../../../src/plan/compile.ts';
import { Registry } from '../../../src/plan/registry.ts';
import { network } from '../../plan/models.ts';
import { modelOf, specOf, type Written } from './definitions.ts';

const NETWORK = network(['i0', 'i1', 'eth2', 'i3']);
const POOLS = `web: {members: [web1, web2], fail_back: true}
  spares: {members: [fw2], all_down: drop}`;
const at = (port: number | string, sequence: string): string =>
  `{address: 198.51.100.10, port: ${port}, sequence: ${sequence}}`;

/** "web tcp/25: web1 web2 for tcp/25, keep" */
function words(model: Model): string[] {
  return deriveHealth(model).pools.map(({ name, pool, members, application, failBack, allDown }) => {
    const about = application === undefined ? '' : ` for ${application}`;
    const way = typeof allDown === 'object' ? `next ${allDown.next}` : allDown;
    return `${name}: ${pool === name ? '' : `${pool} `}[${members.join(' ')}]${about}, ${way}${failBack ? ', back' : ''}`;
  });
}

test.each<[string, Written, string[]]>([
  [
    'a pool for each application of its servers',
    { pools: POOLS, services: `a: ${at(25, '[firewalls, web]')}\n  b: ${at(80, '[firewalls, web]')}` },
    [
      'firewalls: [fw1 fw2], keep',
      'web tcp/25: web [web1 web2] for tcp/25, keep, back',
      'web tcp/80: web [web1 web2] for tcp/80, keep, back',
      'spares: [fw2], drop',
    ],
  ],
  [
    'a pool for each way on',
    {
      pools: POOLS,
      services: [
        `a: ${at(25, '[firewalls, web1]')}`,
        `b: ${at(26, '[{firewalls: {all_down: drop}}, web1]')}`,
        `c: ${at(27, '[{fw1: {all_down: {next: spares}}}, web1]')}`,
        `d: ${at(28, '[{firewalls: {all_down: bypass}}, vpn1, web1]')}`,
        `e: ${at(29, '[vpn1, {firewalls: {all_down: bypass}}, web1]')}`,
      ].join('\n  '),
    },
    [
      'firewalls: [fw1 fw2], keep',
      'firewalls drop: firewalls [fw1 fw2], drop',
      'fw1 next(spares): fw1 [fw1], next spares',
      'spares: [fw2], drop',
      'firewalls bypass(i0, vpn1): firewalls [fw1 fw2], bypass',
      'firewalls bypass(vpn1, web1): firewalls [fw1 fw2], bypass',
      'web: [web1 web2], keep, back',
      'web1 tcp/25: web1 [web1] for tcp/25, keep',
      'web1 tcp/26: web1 [web1] for tcp/26, keep',
      'web1 tcp/27: web1 [web1] for tcp/27, keep',
      'web1 tcp/28: web1 [web1] for tcp/28, keep',
      'web1 tcp/29: web1 [web1] for tcp/29, keep',
      'vpn1: [vpn1], keep',
    ],
  ],
  [
    'alternates of a step, and a device that is named directly',
    { services: `a: ${at(25, '[{fw1: {alternate: fw2, all_down: bypass}}, vpn1, app1]')}` },
    [
      'fw1+fw2 bypass(i0, vpn1): fw1+fw2 [fw1 fw2], bypass',
      'firewalls: [fw1 fw2], keep',
      'vpn1: [vpn1], keep',
      'app1 tcp/25: app1 [app1] for tcp/25, keep',
    ],
  ],
])('words: %s', (_, written, expected) => {
  expect(words(modelOf(written)).sort()).toEqual([...expected].sort());
});

test('every word that moves is a word of the plan', () => {
  const services = [
    `a: ${at(25, '[{firewalls: {all_down: {next: spares}}}, web]')}`,
    `b: ${at(26, '[{fw1: {all_down: bypass}}, {spares: {all_down: bypass}}, {web: {all_down: drop}}]')}`,
    `c: ${at('[80, 443]', '[{fw1: {alternate: fw2}}, web]')}`,
  ].join('\n  ');
  const model = modelOf({ pools: POOLS, services });
  const { places, problems } = compile(model, NETWORK, new Registry());
  expect(problems).toEqual([]);
  const { pools } = deriveHealth(model);
  // Devices that steps name by their legs have no word to store.
  const stored = pools.filter(({ pool, allDown }) => model.pools.has(pool) || allDown !== 'keep');
  expect(stored.filter(({ name }) => !places.pools.has(name))).toEqual([]);
  expect(stored.length).toBeGreaterThan(5);
});

test('a command names the active member', () => {
  expect(
    specOf({ pools: 'web: {members: [web1, web2], active: web2}' }).pools.find(({ name }) => name === 'web')?.active,
  ).toBe('web2');
});

test('small changes over many services end where deriving everything does', () => {
  const pool = POOLS;
  const kinds = [
    (port: number) => at(port, '[firewalls, web]'),
    (port: number) => at(port, '[{firewalls: {all_down: bypass}}, web1]'),
    (port: number) => at(port, '[fw1, vpn1, app1]'),
    (port: number) => at(port, '[{fw2: {all_down: {next: spares}}}, web2]'),
  ];
  const written = (round: number): Model => {
    const some = Array.from({ length: 12 }, (_, i) => {
      const kind = kinds[(i * 7 + round * 5) % kinds.length]!;
      return `s${i}: ${kind(80 + ((i + round) % 5)).replace('100.10', `100.${10 + i}`)}`;
    });
    return modelOf({ pools: pool, services: some.join('\n  ') });
  };
  let model = written(0);
  for (let round = 1; round <= 40; round++) {
    const other = written(round);
    for (const i of [round % 12, (round * 5) % 12, (round * 7) % 12]) {
      const name = `s${i}`;
      const gone = (round + i) % 4 === 0;
      model = { ...model, services: changedMap(model.services, name, gone ? undefined : other.services.get(name)!) };
    }
    const whole = { ...model, devices: new Map(model.devices), services: new Map(model.services) };
    expect(normal(deriveHealth(model))).toEqual(normal(deriveHealth(whole)));
  }
});

/** Without what depends on who came first: order, and which of several services a handshake goes to. */
function normal({ devices, pools }: ReturnType<typeof deriveHealth>): object {
  const asked = devices.map(({ name, probes }) => [name, probes.map((probe) => probe.name).sort()]);
  return { asked, pools: new Map(pools.map((pool) => [pool.name, pool])) };
}
