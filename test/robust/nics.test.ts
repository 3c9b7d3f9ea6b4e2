import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecodedEntry } from '../../src/dataplane/types.ts';
import { type Cable, cable, ip } from '../traffic/cable.ts';
import { ADDRESS, Bed, leg, until } from './bed.ts';

const bed = new Bed('nv');
let other = cable('nv-oth');
const FILE = bed.definitions({
  interfaces: [`${other.engine.name}: {faces: devices}`],
  devices: [`app2: {kind: server, mode: loopback, legs: {only: ${leg(other)}}}`],
  services: ['other: {address: 10.0.0.7, protocol: udp, port: 80, sequence: [fw1, app2]}'],
});
const NIC = other.engine.name;

/** The same pair again, as a driver that was loaded again makes it: same names and MACs, other numbers. */
function again({ engine, far }: Cable): Cable {
  ip('link', 'add', engine.name, 'address', engine.mac, 'type', 'veth', 'peer', 'name', far.name, 'address', far.mac);
  const withIndex = (end: Cable['engine']): Cable['engine'] => {
    ip('link', 'set', end.name, 'addrgenmode', 'none', 'up');
    const [link] = JSON.parse(ip('-j', 'link', 'show', end.name)) as { ifindex: number }[];
    return { ...end, ifindex: link!.ifindex };
  };
  return { engine: withIndex(engine), far: withIndex(far) };
}

/** Waits until `other` is degraded for a reason, or (undefined) not at all; `watched` never is. */
async function degraded(reason: RegExp | undefined): Promise<void> {
  let seen: unknown;
  await until(`other is degraded: ${reason}`, async () => {
    const { degraded, interfaces } = await bed.status();
    seen = { degraded, interfaces };
    expect(degraded.filter(({ service }) => service !== 'other')).toEqual([]);
    const attached = interfaces.every(({ mode, nic }) => mode !== undefined || nic === NIC);
    if (reason === undefined) return degraded.length === 0 && attached;
    return degraded.some(({ reasons }) => reasons.length === 1 && reason.test(reasons[0]!));
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(seen)}`);
  });
}

/** Sends to `other`; every frame must arrive, once. */
async function throughOther(count = 500): Promise<void> {
  const { clients } = bed;
  const stream = {
    ifindex: clients.far.ifindex,
    destinationMac: clients.engine.mac,
    sourceMac: clients.far.mac,
    source: '192.0.2.1',
    sources: 200,
    port: 80,
  };
  const first = bed.traffic.sequence;
  bed.traffic.aim({ ...stream, destination: '10.0.0.7' });
  const enough = () => bed.traffic.sequence - first >= count;
  await bed.traffic.pace(5000, () => bed.traffic.received(other.far.ifindex), enough);
  bed.traffic.aim({ ...stream, destination: ADDRESS });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(bed.traffic.sequence - first).toBeGreaterThanOrEqual(count);
  expect(bed.traffic.account(first, bed.traffic.sequence)).toEqual({ lost: 0, twice: 0 });
}

async function fieldsOf(map: string, fits: (entry: DecodedEntry['value']) => boolean) {
  const entries = (await bed.controller.call('GET', `/maps/${map}`)) as DecodedEntry[];
  return entries.map(({ value }) => value).filter(fits);
}

describe('a NIC that is not what it was', () => {
  beforeAll(async () => {
    writeFileSync(bed.controller.file, FILE);
    bed.traffic.receive({ ifindex: other.far.ifindex, mac: other.far.mac });
    await bed.start();
    await throughOther();
  });

  afterAll(() => bed.close());

  it('gone: it is said, what does not need it loses nothing', async () => {
    await bed.under(async () => {
      ip('link', 'del', NIC);
      await degraded(new RegExp(`^NIC ${NIC} is not there`));
    });
    const status = await bed.hopline('status');
    expect(status).toMatchObject({ code: 0, err: '' });
    expect(status.out).toMatch(new RegExp(`problem: NIC ${NIC} is not there`));
    expect(await bed.hopline('status', '--fail-degraded')).toMatchObject({ code: 1 });
  });

  it('gone, and the controller killed: the next one starts all the same', async () => {
    await bed.under(async () => {
      await bed.controller.kill('SIGKILL');
      await bed.controller.start();
      await degraded(new RegExp(`^NIC ${NIC} is not there`));
      expect((await bed.apply(FILE)).status).toBe(200);
      const { status, text } = await bed.ask('POST', '/interfaces/attach', { nics: [NIC], mode: 'auto' });
      expect({ status, text }).toEqual({
        status: 404,
        text: expect.stringContaining(`attach ${NIC}: there is no such NIC`),
      });
    });
  });

  it('back under another number: it is attached again by itself', async () => {
    const before = other.engine.ifindex;
    await bed.under(async () => {
      other = again(other);
      bed.traffic.receive({ ifindex: other.far.ifindex, mac: other.far.mac });
      await degraded(undefined);
    });
    expect(other.engine.ifindex).not.toBe(before);
    await throughOther();
    const links = readdirSync(`/sys/fs/bpf/hopline/${bed.instance}/links`);
    expect(links).toContain(`${other.engine.ifindex}`);
    expect(links).not.toContain(`${before}`);
  });

  it('down, then up', async () => {
    await bed.under(async () => {
      ip('link', 'set', NIC, 'down');
      await degraded(new RegExp(`^NIC ${NIC} is down \\(ip link set ${NIC} up\\)$`));
      ip('link', 'set', NIC, 'up');
      await degraded(undefined);
    });
    await throughOther();
  });

  it('of another MTU: the legs behind it have it', async () => {
    await bed.under(async () => {
      ip('link', 'set', NIC, 'mtu', '1400');
      await until('the leg has the MTU', async () => (await fieldsOf('legs', ({ mtu }) => mtu === 1400)).length > 0);
      ip('link', 'set', NIC, 'mtu', '1500');
      await until('the leg has it again', async () => (await fieldsOf('legs', ({ mtu }) => mtu === 1400)).length === 0);
    });
    await throughOther();
  });

  it('of another MAC: frames are taken for it and sent from it', async () => {
    const mac = '02:00:00:00:ee:01';
    await bed.under(async () => {
      ip('link', 'set', NIC, 'address', mac);
      await until('the tables have the MAC', async () => {
        const own = await fieldsOf('interfaces', (entry) => entry.mac === mac);
        const legs = await fieldsOf('legs', (entry) => entry.sourceMac === mac);
        return own.length === 1 && legs.length > 0;
      });
    });
    await throughOther();
  });

  it('that has a program of others on it: that one stays, and it is said what to do', async () => {
    const taken = cable('nv-tak');
    bed.traffic.receive({ ifindex: taken.engine.ifindex, mac: taken.engine.mac });
    const { status, text } = await bed.under(() =>
      bed.ask('POST', '/interfaces/attach', { nics: [taken.engine.name], mode: 'auto' }),
    );
    expect({ status, text }).toEqual({
      status: 500,
      text: expect.stringMatching(/to nv-tak: another XDP program is attached there: program receive .*xdp off/),
    });
  });

  it('of its own service, gone for a time: what goes through it afterwards arrives', async () => {
    ip('link', 'del', bed.server.engine.name);
    await until('watched is degraded', async () => (await bed.status()).degraded.length === 1);
    bed.server = again(bed.server);
    bed.traffic.receive({ ifindex: bed.server.far.ifindex, mac: bed.server.far.mac });
    await until('watched is not degraded', async () => (await bed.status()).degraded.length === 0);
    await bed.under(async () => {});
  });
});
