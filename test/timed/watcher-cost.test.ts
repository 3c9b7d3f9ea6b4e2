import { expect, test } from 'vitest';
import type { LegFrames, ProbeAnswer, ProbeFrame, Prober } from '../../src/dataplane/probe/prober-types.ts';
import { Watcher } from '../../src/health/watcher/watcher.ts';
import { probeSpec } from '../../src/terms/health/defaults.ts';
import { addressed, watched } from '../health/frames/stage.ts';
import { inline, specOf } from '../health/watcher/bed.ts';
import { device, FOUR, leg } from '../plan/models.ts';

/** Answers at once, at hardly any cost of its own; one round in `lossy` is lost. */
class CheapProber implements Prober {
  readonly cookie = 1;
  readonly shortage = undefined;
  calls = 0;
  readonly #sent: Uint32Array;
  readonly #answered: Uint32Array;
  readonly #sentAt: Float64Array;
  readonly #lossy: number;

  constructor(frames: number, lossy: number) {
    this.#sent = new Uint32Array(frames + 1);
    this.#answered = new Uint32Array(frames + 1);
    this.#sentAt = new Float64Array(frames + 1);
    this.#lossy = lossy;
  }

  define(_frames: readonly ProbeFrame[]): void {}
  onAlarm(): void {}
  unsent = (): number => 0;
  legFrames = (): LegFrames => ({ sent: 0, received: 0 });

  async send(ids: Uint32Array): Promise<void> {
    this.calls += 1;
    const now = Number(process.hrtime.bigint());
    for (const id of ids) {
      const sent = ++this.#sent[id]!;
      this.#sentAt[id] = now;
      if ((sent + id) % this.#lossy !== 0) this.#answered[id] = sent;
    }
  }

  answer(id: number): ProbeAnswer {
    const sentAt = this.#sentAt[id]!;
    const answeredAt = sentAt + 30_000;
    return { sent: this.#sent[id]!, sentAt, answered: this.#answered[id]!, answeredAt, refused: false };
  }
}

/** `make bench` tells what it costs. */
test.each([
  ['all of them well', 1e9],
  ['one frame in twenty lost', 20],
])('1,000 devices both ways at 50 ms are watched: %s', async (_, lossy) => {
  const names = Array.from({ length: 1000 }, (_, i) => `fw${i}`);
  const devices = names.map((name) => device(name, 'inline', leg('i1'), { inside: leg('i2') }));
  const network = addressed({ i0: [], i1: ['10.0.1.1/24'], i2: ['10.0.2.1/24'], i3: [] });
  const spec = specOf(names.map((name) => inline(name, [probeSpec({ kind: 'through' })])));
  const prober = new CheapProber(2000, lossy);
  const edges = { move: () => expect.unreachable(), tell: () => undefined, changed: () => undefined };
  const watcher = new Watcher({ prober, edges, derive: () => spec });
  expect(watcher.define(watched({ interfaces: FOUR, devices, services: [] }, network))).toEqual([]);
  await expect.poll(() => prober.calls, { timeout: 60_000 }).toBeGreaterThan(60);
  await watcher.stop();
  const { devices: seen } = watcher.view();
  expect(seen.every(({ state }) => state === 'up' || state === 'suspect')).toBe(true);
});
