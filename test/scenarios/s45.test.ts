/** A device leaves for maintenance and comes back: figure 20. Nobody's connection is cut, as the firewalls keep none. */
import { expect } from 'vitest';
import { Engine, type Lab, type Recording, scenario, startDownload, startStream, watch } from '../lab/index.ts';
import { W1 } from './common.ts';
import { firewallDevices, firewallLab, W2, W5, W9 } from './firewalls.ts';

const ENOUGH = 20;

/** The firewalls that the next frames of each download go through, by name. What is under way is let by first. */
async function waysOf(
  lab: Lab,
  recording: Recording,
  addresses: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const firewalls = Object.keys(lab.topology.hosts).filter((name) => name.startsWith('fw'));
  const owners = new Map(
    firewalls.flatMap((name) => ['fw0', 'fw1'].map((nic) => [lab.host(name).mac(nic), name] as const)),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = recording.frames().length;
  const deadline = Date.now() + 5_000;
  for (;;) {
    const frames = recording
      .frames()
      .slice(before)
      .filter(({ way, fields: { to } }) => way === 'out' && owners.has(to));
    const ways = addresses.map((address) =>
      frames
        .filter(({ fields: { ip } }) => ip?.source === address || ip?.destination === address)
        .map(({ fields: { to } }) => owners.get(to) as string),
    );
    if (ways.every(({ length }) => length >= ENOUGH) || Date.now() > deadline) {
      return ways.map((names) => [...new Set(names)].sort());
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

scenario(
  'S45 a download goes on while its firewall drains, is gone, and comes back',
  firewallLab(2),
  async (lab, recording) => {
    const end = await startStream(lab.host('s1'), 80);
    const engine = await Engine.start(
      lab,
      `${firewallDevices(2, '{drain: 200ms}')}
pools:
  firewalls: {members: [fw1, fw2], fail_back: true}
services:
  web: {address: ${W1}, port: 80, sequence: [firewalls, app1]}
`,
    );
    const watching = watch(engine);
    await watching.state('fw1', 'up');
    const download = await startDownload(lab.host('client'), `http://${W1}/`);
    const ways = async (): Promise<readonly string[]> => (await waysOf(lab, recording, [W1])).flat();
    expect(await ways()).toEqual(['fw1']);
    await watching.command('device', 'drain', 'fw1');
    expect(await ways()).toEqual(['fw2']);
    await watching.state('fw1', 'maintenance');
    expect(await watching.word('firewalls')).toMatchObject({ target: 'fw2', works: true });
    await watching.command('device', 'restore', 'fw1');
    expect(await ways()).toEqual(['fw1']);
    expect(await end()).toBe(await download.done());
    const events = await watching.events();
    expect(events.filter(({ what }) => what === 'move').map(({ from, to, trigger }) => [from, to, trigger])).toEqual([
      ['fw1', 'fw2', 'command'],
      ['fw2', 'fw1', 'command'],
    ]);
    expect(events.filter(({ what }) => what === 'unavailable')).toEqual([]);
  },
);

/** W1, W5 and W9 use firewall 2061, two of them beside an alternate. */
const figure20 = `${firewallDevices(3, '{drain: 200ms}')}
services:
  one:  {address: ${W1}, port: 80, sequence: [fw1, app1]}
  five: {address: ${W5}, port: 80, sequence: [fw1, app1]}
  nine: {address: ${W9}, port: 80, sequence: [{fw1: {alternate: fw2}}, app1]}
  two:  {address: ${W2}, port: 80, sequence: [fw3, app1]}
`;

scenario(
  'S45 figure 20: every service that used a firewall is regenerated for the one that replaces it, in one plan, for good',
  firewallLab(3),
  async (lab, recording) => {
    const end = await startStream(lab.host('s1'), 80);
    const engine = await Engine.start(lab, figure20);
    const watching = watch(engine);
    await watching.state('fw1', 'up');
    const client = lab.host('client');
    const downloads = await Promise.all([W1, W5, W9].map((address) => startDownload(client, `http://${address}/`)));
    const ways = (): Promise<readonly (readonly string[])[]> => waysOf(lab, recording, [W1, W5, W9]);
    expect(await ways()).toEqual([['fw1'], ['fw1'], ['fw1']]);
    const report = JSON.parse(await watching.command('device', 'replace', 'fw1', 'fw2', '-o', 'json'));
    expect(report.change.services).toEqual({ added: [], changed: ['one', 'five', 'nine'], removed: [] });
    await watching.state('fw1', 'maintenance');
    expect(await ways()).toEqual([['fw2'], ['fw2'], ['fw2']]);
    await watching.command('apply', lab.engine.file('again.yaml', `${figure20}# the same\n`));
    await engine.controller.stop();
    engine.run();
    await engine.ready();
    expect(await ways()).toEqual([['fw2'], ['fw2'], ['fw2']]);
    await watching.state('fw1', 'maintenance');
    await watching.command('device', 'restore', 'fw1');
    // A pool that turned stays with its new member.
    expect(await ways()).toEqual([['fw1'], ['fw1'], ['fw2']]);
    const sent = await end();
    const sizes = await Promise.all(downloads.map(({ done }) => done()));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(sent);
  },
);
