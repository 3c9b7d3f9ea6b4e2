/** A device that failed is back only when told, or, where definitions say so, after holding up. */
import { expect } from 'vitest';
import { cutSilently, Engine, fetchHttp, scenario, startNginx, watch } from '../lab/index.ts';
import { W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

const HOLD = 1_000;

const definitions = (comesBack = ''): string => `${firewallDevices(2, `{${comesBack}}`)}
pools:
  firewalls: {members: [fw1, fw2], fail_back: true}
services:
  web: {address: ${W1}, port: 80, sequence: [firewalls, app1]}
`;

scenario(
  'S43 a firewall that failed is back only when told, over a restart of the controller',
  firewallLab(2),
  async (lab) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    const engine = await Engine.start(lab, definitions());
    const watching = watch(engine);
    await watching.state('fw1', 'up');
    const cure = await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
    await watching.until(0, (told) => told.some(({ what, to }) => what === 'move' && to === 'fw2'));
    await cure();
    expect(await watching.state('fw1', 'held-up')).toMatch(/told/);
    await engine.controller.stop();
    engine.run();
    await engine.ready();
    await watching.state('fw1', 'held-up');
    await new Promise((resolve) => setTimeout(resolve, HOLD));
    const pool = JSON.parse(await watching.command('pool', 'show', 'firewalls', '-o', 'json'));
    expect(pool).toMatchObject({
      active: 'fw2',
      words: [{ target: 'fw2', works: true }],
      health: [
        { member: 'fw1', health: [{ state: 'held-up', reason: expect.stringMatching(/told/) }] },
        { member: 'fw2', health: [{ state: 'up' }] },
      ],
    });
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
    await watching.command('device', 'restore', 'fw1');
    await watching.state('fw1', 'up');
    const moves = (await watching.events()).filter(({ what }) => what === 'move');
    expect(moves.map(({ from, to }) => `${from} ${to}`)).toEqual(['fw1 fw2', 'fw2 fw1']);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
  },
);

scenario('S43 where definitions say so, it is back after answering for a time', firewallLab(2), async (lab) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  const watching = watch(await Engine.start(lab, definitions(`comes_back: {after: ${HOLD}ms}`)));
  await watching.state('fw1', 'up');
  const cure = await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
  await watching.until(0, (told) => told.some(({ what, to }) => what === 'move' && to === 'fw2'));
  await cure();
  const events = await watching.until(0, (told) => told.some(({ what, to }) => what === 'move' && to === 'fw1'));
  const states = events.filter(({ what, device }) => what === 'state' && device === 'fw1');
  expect(states.map(({ to }) => to)).toEqual(['down', 'held-up', 'up']);
  const [, heldUp, up] = states.map(({ time }) => Date.parse(time));
  expect(Number(up) - Number(heldUp)).toBeGreaterThanOrEqual(0.9 * HOLD);
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
});

scenario('S43 what dies while no controller runs is left by the next one, at once', firewallLab(2), async (lab) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  const engine = await Engine.start(lab, definitions());
  const watching = watch(engine);
  await Promise.all(['fw1', 'fw2'].map((device) => watching.state(device, 'up')));
  engine.controller.signal('SIGKILL');
  await engine.controller.stop();
  // Nobody watches: all goes on as it was.
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
  await cutSilently(lab.host('fw1'), 'fw0', 'fw1');
  engine.run();
  await engine.controller.shows(/controller runs/, 20_000);
  expect(await watching.until(0, (told) => told.some(({ what }) => what === 'move'))).toMatchObject([
    { what: 'state', device: 'fw1', to: 'down' },
    { what: 'move', pool: 'firewalls', from: 'fw1', to: 'fw2' },
  ]);
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
});
