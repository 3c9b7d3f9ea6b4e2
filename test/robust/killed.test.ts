import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADDRESS, Bed } from './bed.ts';
import { unlike } from './contents.ts';

const KILLS = 12;
/** Milliseconds after which an apply is over. */
const APPLIED = 40;
/** Of all the services that come and go beside `watched`. */
const SERVICES = 60;

const bed = new Bed('ki');
/** Replayable: which services are there, and when the controller is killed. */
let seed = Number(process.env.HOPLINE_SEED ?? 7);
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

/** Some services, through one device or two, with ranges among them. */
function someDefinitions(): string {
  const services = Array.from({ length: SERVICES }, (_, i) => {
    const sequence = random(2) === 0 ? '[fw1, app1]' : '[app1]';
    const port = random(3) === 0 ? `"${1000 + random(50)}-${2000 + random(50)}"` : `${80 + random(3)}`;
    return random(3) === 0
      ? []
      : [`s${i}: {address: 10.1.0.${i}, protocol: udp, port: ${port}, sequence: ${sequence}}`];
  });
  return bed.definitions({ services: services.flat() });
}

async function counted(of: Bed): Promise<number> {
  const { services } = (await of.controller.call('GET', '/counters')) as {
    services: { service: string; hop: number; direction: string; packets: number }[];
  };
  const rows = services.filter(
    ({ service, hop, direction }) => service === 'watched' && hop === 0 && direction === 'forward',
  );
  return rows.reduce((sum, { packets }) => sum + packets, 0);
}

describe(`a controller killed ${KILLS} times while it applies`, () => {
  beforeAll(() => bed.start());
  afterAll(() => bed.close());

  it(`${ADDRESS} loses nothing, every packet is counted, and the tables are those of a fresh apply`, async () => {
    const sent = bed.traffic.sequence;
    const already = await counted(bed);
    let cut = 0;
    await bed.under(async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        let answered = false;
        const applying = bed.apply(someDefinitions()).then(
          () => (answered = true),
          () => {},
        );
        // Each in a part of its own of the time an apply takes: no seam is left to chance.
        await wait(((kill + random(100) / 100) * APPLIED) / KILLS);
        if (!answered) cut++;
        await bed.controller.kill('SIGKILL');
        await applying;
        await bed.controller.start();
      }
    });
    expect(cut).toBeGreaterThan(KILLS / 4);
    const last = someDefinitions();
    expect(await bed.apply(last)).toMatchObject({ status: 200 });
    expect((await counted(bed)) - already).toBe(bed.traffic.sequence - sent);
    const after = await bed.atRest();
    expect(after.steps!.length).toBeGreaterThan(SERVICES / 2);
    await bed.controller.kill('SIGTERM');
    expect(await bed.hopline('detach', '--all')).toMatchObject({ code: 0 });
    await bed.controller.start();
    expect(await bed.apply(last)).toMatchObject({ status: 200 });
    expect(unlike(after, await bed.atRest())).toEqual({});
  }, 240_000);
});

describe('a controller killed while tables grow', () => {
  const growing = new Bed('kg');
  /** Each needs three times the room of the one before: tables must grow every time. */
  const ROUNDS = 6;

  beforeAll(async () => {
    growing.environment.HOPLINE_LIMITS = 'slots=40,ranges=16,names=16';
    await growing.start();
    await growing.controller.kill('SIGTERM');
    delete growing.environment.HOPLINE_LIMITS;
    await growing.start();
  });
  afterAll(() => growing.close());

  it('every time they have to: nothing is lost, every packet is counted', async () => {
    const sent = growing.traffic.sequence;
    const already = await counted(growing);
    let cut = 0;
    await growing.under(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const ports = Array.from({ length: 20 * 3 ** round }, (_, i) => 1000 + 2 * i);
        const services = [`more: {address: 10.1.0.1, protocol: udp, port: [${ports}], sequence: [fw1, app1]}`];
        const text = growing.definitions({ services });
        let answered = false;
        const applying = growing.apply(text).then(
          () => (answered = true),
          () => {},
        );
        await wait(20 + ((round + random(100) / 100) * 200) / ROUNDS);
        if (!answered) cut++;
        await growing.controller.kill('SIGKILL');
        await applying;
        await growing.start();
        expect(await growing.apply(text)).toMatchObject({ status: 200 });
      }
    });
    expect(cut).toBeGreaterThan(ROUNDS / 3);
    expect((await counted(growing)) - already).toBe(growing.traffic.sequence - sent);
  }, 120_000);
});
