import { describe, expect, test } from 'vitest';
import { openObject } from '../../src/libbpf/index.ts';
import { summarise } from '../../src/libbpf/verifier-log.ts';
import { compiled, frame, loadSample, openDescriptors, pinDirectory, refusal, u32 } from './sample.ts';

const sample = compiled('sample');
const refused = compiled('refused');

describe('an open object', () => {
  test('names its maps and programs, without those of variables', () => {
    const object = openObject(sample);
    expect([...object.maps()].sort()).toEqual(['groups', 'hash', 'lpm', 'mapped', 'percpu', 'ring']);
    expect(object.programs()).toContain('rewrite');
    object.close();
  });

  test.each([
    ['a file that is not there', () => openObject('/nowhere.bpf.o'), 'ENOENT', /build it first/],
    ['a file that is no BPF object', () => openObject(import.meta.filename), 'FORMAT', /not a proper ELF object/],
    [
      'the size of a map it has not',
      () => openObject(sample, { mapSizes: { none: 1 } }),
      'ENOENT',
      /there are: .*hash/,
    ],
    ['a constant it has not', () => openObject(sample, { rodata: { none: 1 } }), 'ENOENT', /there are: .*verdict/],
    [
      'a number too large',
      () => openObject(sample, { rodata: { small: 65536 } }),
      'ERANGE',
      /does not fit into 2 bytes/,
    ],
    [
      'a number too small',
      () => openObject(sample, { rodata: { small: -32769 } }),
      'ERANGE',
      /does not fit into 2 bytes/,
    ],
    ['a fraction', () => openObject(sample, { rodata: { verdict: 1.5 } }), 'EINVAL', /no safe integer/],
    ['a number for a text', () => openObject(sample, { rodata: { text: 1 } }), 'EINVAL', /12 bytes and is no number/],
    ['a program it has not', () => openObject(sample, { programs: ['none'] }), 'ENOENT', /there are: .*rewrite/],
    [
      'a pin that is not there',
      () => openObject(sample, { reuse: { hash: '/sys/fs/bpf/none' } }),
      'ENOENT',
      /nothing is/,
    ],
  ])('refuses %s, and leaks nothing', (_, call, code, message) => {
    const before = openDescriptors();
    const error = refusal(call);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(openDescriptors()).toBe(before);
  });

  test('gives constants of every width their value before load', () => {
    const loaded = loadSample({ rodata: { verdict: 3, wide: 1n << 40n, small: 65535, negative: -5 } });
    expect(loaded.program('constants').testRun({ data: frame() }).retval).toBe(11103);
    loaded.close();
  });

  test('sizes maps before load', () => {
    const loaded = loadSample({ mapSizes: { hash: 77 } });
    expect(loaded.map('hash').maxEntries).toBe(77);
    loaded.close();
  });

  test('loads only the programs that are asked for', () => {
    const loaded = openObject(sample, { programs: ['constants'] }).load();
    expect(loaded.program('constants').type).toBe('xdp');
    expect(refusal(() => loaded.program('rewrite')).code).toBe('ENOENT');
    loaded.close();
  });

  test('takes over a pinned map, and one of another object', () => {
    const pins = pinDirectory();
    const first = loadSample();
    first.map('mapped').update(u32(7), u32(42));
    first.map('mapped').pin(`${pins.path}/mapped`);
    for (const from of [`${pins.path}/mapped`, first.map('mapped')]) {
      const second = loadSample({ reuse: { mapped: from } });
      expect(second.map('mapped').id).toBe(first.map('mapped').id);
      expect(second.program('read_mapped').testRun({ data: frame(7) }).retval).toBe(42);
      second.close();
    }
    first.close();
    pins.remove();
  });

  test('refuses to take over a map of another shape, and says which', () => {
    const first = loadSample();
    const error = refusal(() => openObject(sample, { reuse: { mapped: first.map('hash') } }));
    expect(error.message).toMatch(
      /existing one is a hash .* values of 8 bytes, the object wants a array .* of 4 bytes/,
    );
    first.close();
  });

  test('shows the verifier’s reason in one line and keeps its whole log', () => {
    const before = openDescriptors();
    const error = refusal(() => openObject(refused).load());
    expect(error.message.replace(/\d+ lines/, 'N lines')).toBe(
      `load ${refused}, program careless: the verifier refused it: ` +
        `R0 invalid mem access 'map_value_or_null', at "return *value;" (N lines of log) (the whole log is in .log)`,
    );
    expect(error.code).toBe('EACCES');
    expect(error.log).toMatch(/processed \d+ insns/);
    expect(openDescriptors()).toBe(before);
  });

  test('fails to load with libbpf’s words where it is not the verifier', () => {
    const error = refusal(() => openObject(sample, { mapSizes: { hash: 0xffff_ffff } }).load());
    expect(error.message).toMatch(/hash/);
    expect(error.log).not.toBe('');
  });
});

describe('the life of an object', () => {
  test('ends with load: the open object cannot be used any more', () => {
    const object = openObject(sample);
    const loaded = object.load();
    for (const use of [() => object.load(), () => object.maps(), () => object.setMaxEntries('hash', 1)]) {
      expect(refusal(use).code).toBe('EBADF');
    }
    object.close();
    expect(loaded.map('hash').name).toBe('hash');
    loaded.close();
  });

  test('ends with close, which may come twice: object, maps and programs throw', () => {
    const loaded = loadSample();
    const map = loaded.map('hash');
    const program = loaded.program('constants');
    loaded.close();
    loaded.close();
    const uses = [
      () => loaded.map('hash'),
      () => loaded.program('constants'),
      () => loaded.variable('runs'),
      () => map.lookup(u32(0)),
      () => map.update(u32(0), new Uint8Array(8)),
      () => [...map.keys()],
      () => [...map.entries()],
      () => map.fd,
      () => program.testRun({ data: frame() }),
      () => program.fd,
    ];
    for (const use of uses) expect(refusal(use).code).toBe('EBADF');
  });

  test('leaks no descriptor over 20 lives', () => {
    loadSample().close();
    const before = openDescriptors();
    for (let i = 0; i < 20; i++) {
      const loaded = loadSample();
      loaded.map('mapped').mmap();
      loaded.program('constants').testRun({ data: frame() });
      loaded.close();
    }
    expect(openDescriptors()).toBe(before);
  });

  test('shows a running program’s variables', () => {
    const loaded = loadSample();
    const runs = loaded.variable('runs');
    for (let i = 0; i < 3; i++) loaded.program('constants').testRun({ data: frame() });
    expect(runs[0]).toBe(3);
    expect(refusal(() => loaded.variable('none')).code).toBe('ENOENT');
    loaded.close();
  });
});

test.each([
  [
    'a reason and its source',
    '; return *v; @ a.c:3\n3: (61) r0 = *(u32 *)(r0 +0)\nR0 bad\nprocessed 4 insns\n',
    'R0 bad, at "return *v;" (3 lines of log)',
  ],
  ['no source', '0: (95) exit\nR0 !read_ok\nverification time 3 usec\nstack depth 0\n', 'R0 !read_ok (2 lines of log)'],
  ['nothing', 'processed 3 insns (limit 1000000)\n\n', undefined],
])('a log with %s in one line', (_, log, summary) => {
  expect(summarise(log)).toBe(summary);
});
