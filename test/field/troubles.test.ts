import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine, fetchHttp, Lab, startNginx } from '../lab/index.ts';
import { DEFINITIONS, SHOP, SITE } from './site.ts';
import { type Site, TROUBLES } from './troubles.ts';

/** What has to come comes within this, however busy the machine is. */
const PATIENCE = { timeout: 60_000, interval: 250 };
/** How long each answer has to stay as it is. */
const STEADY = 3000;

let site: Site;

beforeAll(async () => {
  const lab = await Lab.create(SITE);
  const start = (name: 'web1' | 'web2') => startNginx(lab.host(name), { 80: name });
  const nginx = { web1: await start('web1'), web2: await start('web2') };
  const engine = await Engine.start(lab, DEFINITIONS);
  const startServer = async (name: 'web1' | 'web2') => {
    nginx[name] = await start(name);
  };
  site = { lab, engine, nginx, startServer };
});
afterAll(() => site?.lab.close());

/** Whether a new connection of each family is served. */
async function served(): Promise<{ readonly ipv4: boolean; readonly ipv6: boolean }> {
  const ask = (to: string) =>
    fetchHttp(site.lab.host('client'), to, '--max-time', '3').then(
      () => true,
      () => false,
    );
  const [ipv4, ipv6] = await Promise.all([ask(`${SHOP.ipv4}:80`), ask(`[${SHOP.ipv6}]:80`)]);
  return { ipv4, ipv6 };
}

const status = async (): Promise<string> => (await site.engine.hopline('status')).stdout;
const allWell = (text: string): boolean => /all well/.test(text);

/** All well and all served, or neither: what both of them say at about the same time. */
async function agree(): Promise<{ readonly well: boolean; readonly text: string }> {
  const before = await status();
  const { ipv4, ipv6 } = await served();
  const after = await status();
  return { well: ipv4 && ipv6, text: `${before}\n${after}` };
}

test('a new site is all well', async () => {
  await expect.poll(status, PATIENCE).toMatch(/all well/);
  expect(await served()).toEqual({ ipv4: true, ipv6: true });
});

test.each(TROUBLES.map((trouble, place) => [place + 1, trouble.what, trouble] as const))(
  '%i: %s',
  async (_, __, trouble) => {
    for (const [pool, member] of [
      ['firewalls', 'fw1'],
      ['web', 'web1'],
    ] as const) {
      await expect
        .poll(
          () =>
            site.engine.use(pool, member).then(
              () => true,
              () => false,
            ),
          PATIENCE,
        )
        .toBe(true);
    }
    const cure = await trouble.strike(site);
    try {
      await expect.poll(status, PATIENCE).toMatch(trouble.says);
      await expect
        .poll(served, PATIENCE)
        .toEqual(trouble.served ? { ipv4: true, ipv6: true } : expect.not.objectContaining({ ipv4: true, ipv6: true }));
      const until = performance.now() + STEADY;
      while (performance.now() < until) {
        const { well, text } = await agree();
        if (!well) expect(allWell(text), text).toBe(false);
        expect(well, text).toBe(trouble.served);
        expect(text).toMatch(trouble.says);
        await pause(250);
      }
    } finally {
      await cure();
    }
    // Whoever works before the rack tells those to come back that wait for it.
    for (const device of trouble.restore ?? []) {
      await expect
        .poll(
          () =>
            site.engine.restore(device).then(
              () => true,
              () => false,
            ),
          PATIENCE,
        )
        .toBe(true);
    }
    await expect.poll(served, PATIENCE).toEqual({ ipv4: true, ipv6: true });
    await expect.poll(status, PATIENCE).toMatch(/all well/);
  },
);
