import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../maps/btf.ts';
import { commentAbove, reasonTexts } from '../../maps/comments.ts';
import { generate } from '../../maps/generate.ts';
import { MAPS } from '../../src/dataplane/codec/layout.ts';
import { openObject } from '../../src/libbpf/index.ts';
import { LAYOUT_VERSION, REASON_TEXTS, Reason, SlotFlag } from '../../src/terms/constants.ts';

describe('what is generated from maps/', () => {
  test.each([...generate()])('%s is what the headers say', (path, text) => {
    expect(readFileSync(join(ROOT, path), 'utf8'), 'run `npm run generate` and commit what it writes').toBe(text);
  });

  test('has codecs of the right sizes for every map of the program', () => {
    execFileSync('make', ['-s', '.output/hopline.bpf.o'], { cwd: ROOT });
    const engine = openObject(join(ROOT, '.output/hopline.bpf.o')).load();
    const keyed = engine.maps().filter((name) => engine.map(name).type !== 'ringbuf');
    const sizes = keyed.map((name) => [name, engine.map(name).keySize, engine.map(name).valueSize]);
    engine.close();
    expect(sizes.sort()).toEqual(Object.entries(MAPS).map(([name, { key, value }]) => [name, key.size, value.size]));
  });

  test('knows values that the headers compute', () => {
    expect(SlotFlag.SLOT_RANGE).toBe(128);
    expect(LAYOUT_VERSION).toBeGreaterThan(0);
  });

  test('has a text for every reason but the first and the count', () => {
    const names = Object.keys(Reason).filter((name) => name !== 'REASON_NONE' && name !== 'REASONS');
    expect(REASON_TEXTS.map(({ name }) => name)).toEqual(names);
    for (const { reason, name } of REASON_TEXTS) expect(Reason[name as keyof typeof Reason]).toBe(reason);
    expect(new Set(REASON_TEXTS.map(({ group }) => group))).toEqual(
      new Set(['forwarded', 'passed to the kernel untouched', 'dropped', 'probes of our own']),
    );
  });
});

describe('comments', () => {
  test('over several lines are read as one', () => {
    const text = '/*\n * One\n * two.\n */\nstruct a {\n};\n/* three */\nenum b {\n';
    expect(commentAbove(text, 'struct', 'a')).toBe('One two.');
    expect(commentAbove(text, 'enum', 'b')).toBe('three');
    expect(commentAbove(text, 'struct', 'c')).toBeUndefined();
  });

  test('of reasons belong to the number before them, headings to those behind', () => {
    const text =
      'enum reason {\n\tNONE = 0,\n\n\t/* good */\n\tA = 1, /* a\n\t\t* b */\n\t/* bad */\n\tB = 16, /* c */\n\tLAST = 17,\n};';
    expect(reasonTexts(text)).toEqual([
      { reason: 1, name: 'A', group: 'good', text: 'a b' },
      { reason: 16, name: 'B', group: 'bad', text: 'c' },
    ]);
  });
});
