import { expect, test } from 'vitest';
import { ModelEditor } from '../../src/model/change/change.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { manyServices } from '../model/many-services.ts';
import { slowness } from './slowness.ts';

const COUNT = 100_000;

test('100,000 services are read in 4 s, and one more judged in 20 ms', () => {
  const text = manyServices(COUNT);
  const slower = slowness();
  const start = performance.now();
  const result = readDefinitions(text, 'many.yaml');
  const took = performance.now() - start;
  if (!result.ok) throw new Error(result.problems[0]!.message);
  expect(result.model.services.size).toBe(COUNT);
  expect(took).toBeLessThan(4000 * slower);

  const editor = new ModelEditor(result.model);
  const before = performance.now();
  const read = editor.read('new', { address: '198.18.0.0', port: 1000, sequence: ['firewalls', 'app1'] });
  expect(performance.now() - before).toBeLessThan(20);
  expect(read).toMatchObject({ ok: false });
});
