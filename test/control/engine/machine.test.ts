import { expect, test } from 'vitest';
import { requireMachine } from '../../../src/control/engine/machine.ts';

test.each<[string, number, string, NodeJS.Platform, string]>([
  ['somebody else than root', 1000, '6.18.44', 'linux', 'open engine: only root may use BPF tables (sudo hopline …)'],
  [
    'an old kernel',
    0,
    '5.15.0-91-generic',
    'linux',
    'open engine: Linux 5.15.0-91-generic is too old (6.1 or newer is needed)',
  ],
  ['another system', 0, '24.1.0', 'darwin', 'open engine: XDP is Linux only, this is darwin'],
])('%s is told so in one sentence', (_, user, kernel, platform, sentence) => {
  expect(() => requireMachine(user, kernel, platform)).toThrow(sentence);
});

test.each(['6.1.0-28-amd64', '6.18.44', '7.0'])('Linux %s will do', (kernel) => {
  expect(() => requireMachine(0, kernel, 'linux')).not.toThrow();
});
