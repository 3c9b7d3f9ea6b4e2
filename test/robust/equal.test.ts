/** However tables came to hold what is defined: they hold what an apply from nothing makes of it, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeReport } from '../../src/api-types/change-report.ts';
import { Bed, until } from './bed.ts';
import { unlike } from './contents.ts';

const ROUNDS = 2;
const SERVICES = 500;

const bed = new Bed('eq');
const { outside, inside, server } = bed;
const far = (at: typeof server, last: number): string =>
  `{interface: ${at.engine.name}, mac: "02:00:00:00:77:${last.toString(16).padStart(2, '0')}"}`;
/** Two firewalls, two taps, and servers behind NAT: what services need of the tables beside their steps is in all of them. */
const devices = [
  `fw2: {kind: inline, legs: {outside: ${far(outside, 1)}, inside: ${far(inside, 2)}}}`,
  `ids1: {kind: tap, legs: {only: ${far(outside, 3)}}}`,
  `ids2: {kind: tap, legs: {only: ${far(inside, 4)}}}`,
  ...[1, 2, 3].map(
    (n) => `nat${n}: {kind: server, mode: nat, address: 10.9.0.${n}, legs: {only: ${far(server, 16 + n)}}}`,
  ),
];
const pools = ['firewalls: {members: [fw1, fw2]}', 'bypassed: {members: [fw2, fw1], all_down: bypass}'];

/** Services beside `watched`; those of another kind need other pool words, taps and rewrites. */
function file(kind: 'a' | 'b'): string {
  const services = Array.from({ length: SERVICES }, (_, i) => {
    const address = `10.${kind === 'a' ? 1 : 2}.${i >> 8}.${i & 255}`;
    const ways =
      kind === 'a'
        ? [`[firewalls, nat1]`, `[bypassed, copy: [ids1], nat2]`, `[fw2: {all_down: drop}, app1]`]
        : [`[bypassed, nat3]`, `[firewalls, copy: [ids2], app1]`, `[fw1: {all_down: bypass}, nat1]`];
    return `${kind}${i}: {address: ${address}, protocol: udp, port: ${80 + i}, sequence: ${ways[i % 3]!.replace(/(\w+): (\{[^}]*\}|\[[^\]]*\])/g, '{$1: $2}')}}`;
  });
  const clients = `${bed.clients.engine.name}: {faces: clients`;
  return bed.definitions({ devices, pools, services }).replace(clients, `${clients}, gateway: 192.0.2.1`);
}

const settled = async () =>
  until('nothing is on its way out', async () => {
    const { attention } = await bed.status();
    return attention.every((each) => !each.includes('nothing in force needs'));
  });

describe('tables equal to those of an apply from nothing', () => {
  beforeAll(() => bed.start());
  afterAll(() => bed.close());

  it('after changes, kills in the middle of them, and restarts that change something', async () => {
    const { controller } = bed;
    const [a, b] = [file('a'), file('b')];
    const fresh: Record<string, Awaited<ReturnType<typeof bed.contents>>> = {};
    for (const text of [a, b]) {
      await controller.kill('SIGTERM');
      expect(await bed.hopline('detach', '--all')).toMatchObject({ code: 0 });
      await controller.start();
      const answer = await bed.apply(text);
      if (answer.status !== 200) throw new Error(answer.text.slice(0, 2000));
      expect(answer).toMatchObject({ status: 200, text: expect.any(String) });
      fresh[text] = await bed.atRest();
    }
    await bed.under(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const [now, next] = round === 0 ? [b, a] : [a, b];
        const applying = bed.apply(next).catch(() => undefined);
        await until('some of it is in the tables', async () => (await bed.names()).has(next === a ? 'a0' : 'b0'));
        await controller.kill('SIGKILL');
        await applying;
        // Another text than the one read last: it is brought into force over what is taken up.
        controller.write(`${round === 0 ? next : now}# ${round}\n`);
        await controller.start();
        expect(unlike(await bed.atRest(), fresh[round === 0 ? next : now]!)).toEqual({});
        expect(await bed.apply(next)).toMatchObject({ status: 200 });
        expect(unlike(await bed.atRest(), fresh[next]!)).toEqual({});
      }
    });
  }, 300_000);

  it('regenerate finds what nothing needs, status tells of it until then', async () => {
    const before = await bed.atRest();
    const pool = { key: 60, value: JSON.stringify({ outside: 1, inside: 1 }) };
    expect(await bed.hopline('map', 'set', 'pools', String(pool.key), pool.value)).toMatchObject({ code: 0 });
    const { attention } = await bed.status();
    expect(attention).toContainEqual(
      expect.stringMatching(/nothing in force needs: 1 of pools \(hopline service regenerate/),
    );
    const told = await bed.hopline('-o', 'json', 'service', 'regenerate');
    const report = JSON.parse(told.out) as ChangeReport;
    expect(report).toMatchObject({ other: ['- pools: 1 entries that nothing needs'], services: { changed: [] } });
    expect(unlike(await bed.atRest(), before)).toEqual({});
    await settled();
    expect((await bed.hopline('service', 'regenerate')).out).toMatch(/^Nothing changed/m);
  }, 60_000);
});
