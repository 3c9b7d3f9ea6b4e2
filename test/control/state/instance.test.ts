import { expect, test } from 'vitest';
import { findInstance } from '../../../src/control/state/instance.ts';

test('without a word it is the default instance at the usual places', () => {
  expect(findInstance({}, {})).toMatchObject({
    name: 'default',
    socket: '/run/hopline/default.sock',
    stateDir: '/var/lib/hopline/default',
    pinRoot: '/sys/fs/bpf',
  });
});

test('options overrule the environment, which overrules the usual places', () => {
  const environment = {
    HOPLINE_INSTANCE: 'b',
    HOPLINE_RUN_DIR: '/r',
    HOPLINE_STATE_DIR: '/s',
    HOPLINE_PIN_ROOT: '/p',
    HOPLINE_OBJECT: '/o',
    HOPLINE_LIMITS: 'slots=10',
  };
  expect(findInstance({ instance: 'a', object: '/x' }, environment)).toEqual({
    name: 'a',
    socket: '/r/a.sock',
    stateDir: '/s/a',
    runDir: '/r',
    pinRoot: '/p',
    object: '/x',
    limits: { slots: 10 },
  });
});

test.each(['', '../etc', 'a/b', '.hidden', 'x'.repeat(64)])('"%s" is no name for an instance', (instance) => {
  expect(() => findInstance({ instance }, {})).toThrow('not a name');
});

test.each(['slots', 'slot=3', 'slots=0', 'slots=1e3', 'slots=-1', '=5', 'slots=1000000000'])(
  '"%s" is no limit',
  (limits) => {
    expect(() => findInstance({ limits }, {})).toThrow(/not a limit \(write TABLE=ENTRIES/);
  },
);
