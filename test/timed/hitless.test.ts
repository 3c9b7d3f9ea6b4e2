import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cable, cable, unplug } from '../traffic/cable.ts';
import { Traffic } from '../traffic/traffic.ts';
import { ControllerProcess } from './controller.ts';

/** What is tried for; how much of it the machine can send is its own affair. */
const RATE = 100_000;
const FEWEST = 1000;

const clients = cable('clients');
const [fw1out, fw1in] = [cable('fw1out'), cable('fw1in')];
const [fw2out, fw2in] = [cable('fw2out'), cable('fw2in')];
const [ipsout, ipsin] = [cable('ipsout'), cable('ipsin')];
const [app1, app2, elsewhere] = [cable('app1'), cable('app2'), cable('elsewhere')];

const leg = ({ engine, far }: Cable): string => `{interface: ${engine.name}, mac: "${far.mac}"}`;
const inline = (outside: Cable, inside: Cable): string =>
  `{kind: inline, legs: {outside: ${leg(outside)}, inside: ${leg(inside)}}}`;
const server = (only: Cable): string => `{kind: server, mode: loopback, legs: {only: ${leg(only)}}}`;
const service = (address: string, sequence: string[]): object => ({ address, protocol: 'udp', port: 80, sequence });

const DEFINITIONS = `interfaces:
  clients: {faces: clients}
  ${[fw1out, fw1in, fw2out, fw2in, ipsout, ipsin, app1, app2, elsewhere].map(({ engine }) => `${engine.name}: {faces: devices}`).join('\n  ')}
devices:
  fw1: ${inline(fw1out, fw1in)}
  fw2: ${inline(fw2out, fw2in)}
  ips: ${inline(ipsout, ipsin)}
  server1: ${server(app1)}
  server2: ${server(app2)}
  other: ${server(elsewhere)}
services:
  watched: ${JSON.stringify(service('10.0.0.0', ['fw1', 'ips', 'server1']))}
`;

/** Devices in the middle are wires: they carry every frame to their other leg, without losing any. */
function plug(traffic: Traffic): void {
  const both: readonly [Cable, Cable][] = [
    [fw1out, fw1in],
    [fw2out, fw2in],
    [ipsout, ipsin],
  ];
  for (const [one, other] of both.flatMap(([a, b]): [Cable, Cable][] => [
    [a, b],
    [b, a],
  ])) {
    const out = { ifindex: other.far.ifindex, destinationMac: other.engine.mac, sourceMac: other.far.mac };
    traffic.receive({ ifindex: one.far.ifindex, mac: one.far.mac, out });
  }
  for (const { far } of [app1, app2, elsewhere]) traffic.receive({ ifindex: far.ifindex, mac: far.mac });
}

describe('100,000 numbered packets a second through three devices', () => {
  const traffic = new Traffic(cable('spare').far.ifindex);
  const controller = new ControllerProcess(DEFINITIONS);
  let sent = 0;
  const arrived = () => traffic.received(app1.far.ifindex) + traffic.received(app2.far.ifindex);

  beforeAll(async () => {
    plug(traffic);
    traffic.aim({
      ifindex: clients.far.ifindex,
      destinationMac: clients.engine.mac,
      sourceMac: clients.far.mac,
      destination: '10.0.0.0',
      source: '192.0.2.1',
      sources: 200,
      port: 80,
    });
    await controller.start();
    for (;;) {
      const served = await controller.call('GET', '/services/watched').catch(() => undefined);
      if (served !== undefined) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  afterAll(async () => {
    await controller.close();
    traffic.close();
    unplug();
  });

  /** Sends while `work` goes on, a second more, and accounts for every single frame. */
  async function under(work: () => Promise<void>): Promise<void> {
    const first = traffic.sequence;
    let done = false;
    const load = traffic.pace(RATE, arrived, () => done);
    try {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await work();
      await new Promise((resolve) => setTimeout(resolve, 500));
    } finally {
      done = true;
      await load;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    const last = traffic.sequence;
    sent += last - first;
    const strays = [fw1out, fw1in, fw2out, fw2in, ipsout, ipsin, app1, app2, elsewhere].map(({ far }) =>
      traffic.strays(far.ifindex),
    );
    const wrong = traffic.received(elsewhere.far.ifindex) + strays.reduce((sum, count) => sum + count, 0);
    expect({ ...traffic.account(first, last), wrong }).toEqual({ lost: 0, twice: 0, wrong: 0 });
    expect(last - first).toBeGreaterThan(FEWEST);
  }

  it('arrive all, once, with nothing else going on', async () => {
    await under(() => new Promise((resolve) => setTimeout(resolve, 3000)));
  });

  it('arrive all while 200 other services come, change and go', async () => {
    await under(async () => {
      for (let change = 0; change < 200; change++) {
        const name = `other${change % 50}`;
        if (change >= 150) await controller.call('DELETE', `/services/${name}`);
        else await controller.call('PUT', `/services/${name}`, service(`10.1.0.${change}`, ['fw1', 'ips', 'other']));
      }
    });
  });

  it('arrive all while this service moves 50 times between equivalent devices', async () => {
    await under(async () => {
      for (let change = 0; change < 50; change++) {
        const sequence = change % 2 === 0 ? ['fw2', 'ips', 'server2'] : ['fw1', 'ips', 'server1'];
        await controller.call('PUT', '/services/watched', service('10.0.0.0', sequence));
      }
    });
    expect(traffic.received(app2.far.ifindex)).toBeGreaterThan(0);
    expect(traffic.received(fw2out.far.ifindex)).toBeGreaterThan(0);
  });

  it('arrive all while the controller is killed and started again', async () => {
    await under(async () => {
      await controller.kill('SIGKILL');
      await controller.start();
    });
  });

  it('arrive all while the program is replaced by a new build', async () => {
    const before = (await controller.call('GET', '/status')) as { program?: { tag: string } };
    await under(async () => {
      await controller.kill('SIGKILL');
      controller.environment.HOPLINE_OBJECT = '.output/test/upgrade/hopline.bpf.o';
      await controller.start();
    });
    const after = (await controller.call('GET', '/status')) as { program?: { tag: string } };
    expect(after.program?.tag).not.toBe(before.program?.tag);
  });

  it('are counted, every one, over all of these changes', async () => {
    const { services } = (await controller.call('GET', '/counters')) as {
      services: { service: string; hop: number; direction: string; packets: number }[];
    };
    for (const hop of [0, 1, 2]) {
      const rows = services.filter(
        (row) => row.service === 'watched' && row.hop === hop && row.direction === 'forward',
      );
      expect(
        rows.reduce((sum, { packets }) => sum + packets, 0),
        `hop ${hop}`,
      ).toBe(sent);
    }
  });
});
