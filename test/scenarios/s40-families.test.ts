/** A service with addresses of both versions of IP is asked in both: what fails in one of them is told, and left. */
import { expect } from 'vitest';
import { DEFINITIONS, SHOP, SITE } from '../field/site.ts';
import { Engine, fetchHttp, type Lab, scenario, startNginx, watch } from '../lab/index.ts';

const start = async (lab: Lab) => {
  for (const name of ['web1', 'web2']) await startNginx(lab.host(name), { 80: name });
  const engine = await Engine.start(lab, DEFINITIONS);
  const watching = watch(engine);
  await watching.state('web1', 'up', 'tcp/80');
  await watching.state('web2', 'up', 'tcp/80');
  await watching.state('fw1', 'up');
  return { engine, watching };
};

const answers = async (lab: Lab): Promise<readonly string[]> => [
  await fetchHttp(lab.host('client'), `${SHOP.ipv4}:80`),
  await fetchHttp(lab.host('client'), `[${SHOP.ipv6}]:80`),
];

scenario('S40 a server that drops IPv6 is left for one that does not', SITE, async (lab) => {
  const { engine, watching } = await start(lab);
  const before = (await watching.events()).length;
  await lab.host('web1').run('nft', ['-f', '-'], {
    input: 'table ip6 six {\n chain input { type filter hook input priority 0; tcp dport 80 drop; }\n}\n',
  });
  const events = await watching.until(before, (all) => all.some(({ what }) => what === 'move'));
  expect(events).toMatchObject([
    { what: 'state', device: 'web1', to: 'down', reason: expect.stringMatching(/handshake tcp\/80 ipv6: 3 in a row/) },
    { what: 'move', from: 'web1', to: 'web2' },
  ]);
  expect(await answers(lab)).toEqual(['web2\n', 'web2\n']);
  const status = await engine.hopline('status', '--fail-degraded');
  expect([status.code, status.stdout]).toEqual([1, expect.stringMatching(/web tcp\/80 has no spare left: only web2/)]);
});

scenario('S40 an address of the engine that is gone is told with its cure, until it is back', SITE, async (lab) => {
  const { engine } = await start(lab);
  const status = async () => (await engine.hopline('status')).stdout;
  await expect.poll(status, { timeout: 20_000 }).toContain('all well');
  await lab.engine.run('ip', ['address', 'del', 'fd00:3::2/64', 'dev', 'i3']);
  await expect
    .poll(status, { timeout: 20_000 })
    .toMatch(/problem: the engine's address fd00:3::2\/64 is gone from i3.*\(ip address add fd00:3::2\/64 dev i3\)/);
  expect((await engine.hopline('status', '--fail-degraded')).code).toBe(1);
  expect((await engine.hopline('metrics')).stdout).toMatch(
    /^hopline_engine_address_lost\{interface="i3",address="fd00:3::2\/64"\} 1$/m,
  );
  await lab.engine.run('ip', ['address', 'add', 'fd00:3::2/64', 'dev', 'i3', 'nodad']);
  await expect.poll(status, { timeout: 20_000 }).toContain('all well');
  const told = (await engine.events()).filter(({ what }) => what === 'address');
  expect(told).toMatchObject([{ to: 'gone' }, { to: 'back' }]);
});
