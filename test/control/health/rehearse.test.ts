import { expect, test } from 'vitest';
import { rehearseVerdicts } from '../../../src/control/health/rehearse.ts';

test('a rehearsal has devices die often enough for their code to be compiled', () => {
  expect(rehearseVerdicts()).toBeGreaterThan(100);
});
