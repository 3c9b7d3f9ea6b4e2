import { expect, test } from 'vitest';
import { ModelEditor } from '../../src/model/change/change.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { manyServices } from '../model/many-services.ts';

const COUNT = 100_000;

test('100,000 services are read, and one more is judged', () => {
  const text = manyServices(COUNT);
  const result = readDefinitions(text, 'many.yaml');
  if (!result.ok) throw new Error(result.problems[0]!.message);
  expect(result.model.services.size).toBe(COUNT);

  const editor = new ModelEditor(result.model);
  const read = editor.read('new', { address: '198.18.0.0', port: 1000, sequence: ['firewalls', 'app1'] });
  expect(read).toMatchObject({ ok: false });
});
