import { expect } from 'vitest';
import { Engine, fetchHttp, type Lab, natServer, scenario, startNginx } from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, S1, W1 } from './common.ts';

const definitions = (leg: string): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: ${S1}, legs: {only: ${leg}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [s1]}
`;

const topology = {
  engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
  hosts: { ...outside, s1: natServer({ on: 'i1', addresses: [`${S1}/24`], gateways: ['10.0.1.2'] }) },
};

const fetched = (lab: Lab): Promise<string> => fetchHttp(lab.host('client'), `${W1}:80`);

async function eventually<T>(what: string, limit: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`wait for ${what}: not in ${limit} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

scenario(
  'S0B a leg given by address: its MAC is learnt, and followed when it changes',
  topology,
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    await Engine.start(lab, definitions('{interface: i1}'));
    expect(await fetched(lab)).toContain('from s1');
    const other = '02:00:00:00:aa:aa';
    // As hosts and fail-over managers do: it announces its new MAC.
    await lab.host('s1').run('sh', ['-c', 'echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_notify']);
    await lab.host('s1').run('ip', ['link', 'set', 'eth0', 'address', other]);
    await lab.host('s1').run('ip', ['route', 'replace', 'default', 'via', '10.0.1.2']);
    await eventually('the new MAC', 5_000, async () => {
      const answer = await lab.host('client').attempt('curl', ['--silent', '--max-time', '1', `http://${W1}/`]);
      return answer.code === 0 ? answer.stdout : undefined;
    });
    const last = (await recording.quiet())
      .filter((frame) => frame.leg === 'i1' && frame.fields.ip?.protocol === 6)
      .at(-1);
    expect([last?.fields.from, last?.fields.to]).toContain(other);
  },
);

scenario('S0B a MAC nobody knows yet is said, and its service works as soon as it is known', topology, async (lab) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  await lab.host('s1').run('ip', ['link', 'set', 'eth0', 'down']);
  const engine = Engine.launch(lab, definitions('{interface: i1}'));
  await eventually('the service to be degraded for want of its MAC alone', 15_000, async () => {
    const status = await engine.status().catch(() => undefined);
    const reasons = status?.degraded.find((each) => each.service === 'web')?.reasons ?? [];
    return reasons.length === 1 && /s1/.test(reasons[0] ?? '') ? reasons : undefined;
  });
  const before = await engine.verdict('DROP_LEG_UNRESOLVED');
  expect((await lab.host('client').attempt('curl', ['--silent', '--max-time', '1', `http://${W1}/`])).code).not.toBe(0);
  expect(await engine.verdict('DROP_LEG_UNRESOLVED')).toBeGreaterThan(before);
  await lab.host('s1').run('ip', ['link', 'set', 'eth0', 'up']);
  await lab.host('s1').run('ip', ['route', 'replace', 'default', 'via', '10.0.1.2']);
  await engine.ready();
  expect(await fetched(lab)).toContain('from s1');
});

scenario('S0B a leg given by MAC needs nobody to answer ARP', topology, async (lab, recording) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  await lab.host('s1').run('ip', ['link', 'set', 'eth0', 'arp', 'off']);
  await lab.host('s1').run('ip', ['neighbour', 'replace', '10.0.1.2', 'lladdr', lab.engine.mac('i1'), 'dev', 'eth0']);
  await Engine.start(lab, definitions(`{interface: i1, mac: "${lab.host('s1').mac()}"}`));
  expect(await fetched(lab)).toContain('from s1');
  expect((await recording.quiet()).filter((frame) => frame.fields.arp?.sender === S1)).toEqual([]);
});
