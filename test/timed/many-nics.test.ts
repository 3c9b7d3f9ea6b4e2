import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../src/dataplane/index.ts';
import { OBJECT, onInstance } from '../dataplane/stage.ts';
import { type Cable, cable, unplug } from '../traffic/cable.ts';

const NICS = 50;

let cables: Cable[] = [];
beforeAll(() => {
  cables = Array.from({ length: NICS }, (_, place) => cable(`nic${place}`));
});
afterAll(unplug);

test('the modes of 50 NICs are known', async () => {
  await onInstance(async (names) => {
    const engine = await Engine.open({ ...names, objectPath: OBJECT });
    for (const { engine: nic } of cables) await engine.attach(nic, 'native');
    expect(engine.attachments().every(({ mode }) => mode === 'native')).toBe(true);
    expect(engine.attachments()).toHaveLength(NICS);
    await engine.destroy();
  });
});
