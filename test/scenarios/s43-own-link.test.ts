/** A NIC of the engine itself goes down and comes up: no device is to blame for that, and each may take over at once. */
import { expect } from 'vitest';
import { cutSilently, Engine, fetchHttp, forwardsNothing, scenario, startNginx, watch } from '../lab/index.ts';
import { W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

const definitions = `${firewallDevices(2)}
pools:
  firewalls: {members: [fw1, fw2]}
services:
  web: {address: ${W1}, port: 80, sequence: [firewalls, app1]}
`;

scenario(
  'S43 after the NIC of the engine was down both firewalls are up, and one takes over',
  firewallLab(2),
  async (lab) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    const watching = watch(engine);
    for (const name of ['fw1', 'fw2']) await watching.state(name, 'up');
    await lab.engine.run('ip', ['link', 'set', 'i1', 'down']);
    for (const name of ['fw1', 'fw2']) expect(await watching.state(name, 'down')).toMatch(/no link at outside/);
    expect((await engine.hopline('status')).stdout).toMatch(/NIC i1 is down \(ip link set i1 up\)/);
    await lab.engine.run('ip', ['link', 'set', 'i1', 'up']);
    for (const name of ['fw1', 'fw2']) await watching.state(name, 'up');
    await expect.poll(async () => (await engine.hopline('status')).stdout, { timeout: 20_000 }).toMatch(/all well/);
    expect((await engine.hopline('status', '--fail-degraded')).code).toBe(0);

    const before = (await watching.events()).length;
    const { active } = (await engine.pools())[0]!;
    const other = active === 'fw1' ? 'fw2' : 'fw1';
    await forwardsNothing(lab.host(active));
    await watching.until(before, (all) => all.some(({ what, to }) => what === 'move' && to === other));
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
    expect((await engine.hopline('status')).stdout).toMatch(
      new RegExp(`attention: pool firewalls has no spare left: only ${other} works \\(${active} is down\\)`),
    );
    expect((await engine.hopline('status', '--fail-degraded')).code).toBe(1);
    const told = (await engine.events()).filter(({ what }) => what === 'no-spare');
    expect(told.at(-1)).toMatchObject({
      pool: 'firewalls',
      to: other,
      reason: expect.stringContaining(`${active} is down`),
    });
  },
);

scenario('S43 one that waits to be told serves before nobody does, at once', firewallLab(2), async (lab) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  const engine = await Engine.start(lab, definitions);
  const watching = watch(engine);
  for (const name of ['fw1', 'fw2']) await watching.state(name, 'up');
  const cure = await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
  await watching.state('fw1', 'down');
  await cure();
  await watching.state('fw1', 'held-up');
  expect((await engine.hopline('status')).stdout).toMatch(
    /attention: fw1 is held-up: it answers again and waits to be told \(hopline device restore fw1\)/,
  );
  const before = (await watching.events()).length;
  await cutSilently(lab.host('fw2'), 'fw0', 'fw1');
  const [, move] = await watching.until(before, (all) => all.some(({ what }) => what === 'move'));
  expect(move).toMatchObject({ from: 'fw2', to: 'fw1', reason: 'nobody is fit, but fw1 (held-up) answers' });
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
});
