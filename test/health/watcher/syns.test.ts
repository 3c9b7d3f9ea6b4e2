import { expect, test } from 'vitest';
import { synHints } from '../../../src/health/watcher/syns.ts';
import type { Places } from '../../../src/plan/place-types.ts';
import { deviceSpec, GUARD, probeSpec } from '../../../src/terms/health/defaults.ts';

const probes = ['tcp/21,1025-1125', 'tcp/80'].map((application) =>
  probeSpec({ kind: 'handshake', port: 80 }, { name: application, application }),
);
const spec = { devices: [deviceSpec('web1', 'server', { probes })], pools: [], guard: GUARD };
const places = { devices: new Map([['web1', { outside: 7, inside: 7 }]]) } as unknown as Places;

test.each([
  ['a port of a list', 'tcp/21', ['tcp/21,1025-1125']],
  ['a port of a range', 'tcp/1030', ['tcp/21,1025-1125']],
  ['a port of its own', 'tcp/80', ['tcp/80']],
  ['a port nobody knows', 'tcp/9', ['tcp/21,1025-1125', 'tcp/80']],
  ['no port', undefined, ['tcp/21,1025-1125', 'tcp/80']],
])('SYNs to %s that nobody answers are of its application', (_, application, expected) => {
  const hints = synHints({ leg: 7, slot: 1, repeated: 3 } as never, application, spec, places);
  expect(hints.map((hint) => ('application' in hint ? hint.application : undefined))).toEqual(expected);
});
