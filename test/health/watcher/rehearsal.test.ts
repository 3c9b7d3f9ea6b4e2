import { expect, test } from 'vitest';
import { rehearse } from '../../../src/health/watcher/rehearsal.ts';

test('a rehearsal walks all the way to a move and its event', () => {
  const actions = rehearse();
  expect(actions).toContainEqual(
    expect.objectContaining({ kind: 'move', pool: 'pool', to: { to: 'member', member: 'second' } }),
  );
  expect(actions).toContainEqual(
    expect.objectContaining({ kind: 'tell', event: expect.objectContaining({ what: 'move', from: 'first' }) }),
  );
});
