import { expect } from 'vitest';
import {
  type CapturedFrame,
  Engine,
  expectLegs,
  fetchHttp,
  type Lab,
  listener,
  namesOf,
  type Recording,
  scenario,
  startNginx,
  type Topology,
} from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { U1, W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

const KNOCKS = 300;

const TABLE = `
| #  | from → to       | in | out | src IP | dst IP | port | src MAC | dst MAC |
|----|-----------------|----|-----|--------|--------|------|---------|---------|
| 1  | client → engine | i0 | –   | U1     | W1     | d P1 | R_M     | E0_M    |
| 2  | engine → fw0    | –  | i1  | U1     | W1     | d P1 | E1_M    | FW0_M   |
| 3  | fw1 → engine    | i2 | –   | U1     | W1     | d P1 | FW1_M   | E2_M    |
| 4a | engine → IDS    | –  | i1  | U1     | W1     | d P1 | E1_M    | IDS_M   |
| 4b | engine → server | –  | i3  | U1     | W1     | d P1 | E3_M    | S1_M    |
| 5  | server → engine | i3 | –   | W1     | U1     | s P1 | S1_M    | E3_M    |
| 6a | engine → IDS    | –  | i1  | W1     | U1     | s P1 | E1_M    | IDS_M   |
| 6b | engine → fw1    | –  | i2  | W1     | U1     | s P1 | E2_M    | FW1_M   |
| 7  | fw0 → engine    | i1 | –   | W1     | U1     | s P1 | FW0_M   | E1_M    |
| 8  | engine → client | –  | i0  | W1     | U1     | s P1 | E0_M    | R_M     |`;

/** ids1 works; ids2 is the one that does not, on an interface of its own or beside it. */
const definitions = (on: string, leg: string): string => `${fig7Devices('loopback').replace(
  'devices:',
  '  i4: {faces: devices}\ndevices:',
)}
  ids2: {kind: tap, function: ids, legs: {only: {interface: ${on}, ${leg}}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [fw1, {copy: [ids1, ids2]}, app1]}
`;

const BY_MAC = 'mac: "02:00:00:00:06:01"';

const plain = fig7('loopback');
const topology: Topology = {
  engine: { ...plain.engine, i4: ['10.0.4.2/24'] },
  hosts: { ...plain.hosts, ids2: listener('i4') },
};

interface Row {
  readonly what: string;
  readonly on: string;
  readonly leg: string;
  /** Done while everything works. */
  readonly breakIt?: (lab: Lab) => Promise<unknown>;
  /** It was never there: its device and service are said to be degraded. */
  readonly missing?: true;
}

const rows: readonly Row[] = [
  {
    what: 'whose cable is out',
    on: 'i4',
    leg: BY_MAC,
    breakIt: (lab) => lab.host('ids2').run('ip', ['link', 'set', 'eth0', 'down']),
  },
  {
    what: "on the engine's NIC that is down",
    on: 'i4',
    leg: BY_MAC,
    breakIt: (lab) => lab.engine.run('ip', ['link', 'set', 'i4', 'down']),
  },
  {
    what: 'on a NIC that is gone',
    on: 'i4',
    leg: BY_MAC,
    breakIt: (lab) => lab.engine.run('ip', ['link', 'delete', 'i4']),
  },
  { what: 'whose MAC nobody knows', on: 'i4', leg: 'address: 10.0.4.9', missing: true },
  { what: 'whose MAC nobody knows, beside one that works', on: 'i1', leg: 'address: 10.0.1.99', missing: true },
];

async function start(lab: Lab, { on, leg, missing }: Row): Promise<Engine> {
  if (!missing) {
    return Engine.start(lab, definitions(on, leg));
  }
  const engine = Engine.launch(lab, definitions(on, leg));
  const reasons = async (): Promise<readonly string[]> => {
    const status = await engine.status().catch(() => undefined);
    return status?.degraded.flatMap((service) => service.reasons) ?? [];
  };
  // The other devices are found meanwhile; only the tap stays missing.
  await expect.poll(reasons, { timeout: 20_000 }).toEqual([expect.stringContaining('ids2')]);
  return engine;
}

/** First packets of new connections, all at once: each is refused or answered by the server. */
async function knock(lab: Lab): Promise<void> {
  const address = { to: lab.engine.mac('i0'), from: lab.host('router').mac('eth0') };
  const frames = Array.from({ length: KNOCKS }, (_, place) =>
    ethernet(
      address,
      ipv4({ source: U1, destination: W1 }, tcp({ source: 20_000 + place, destination: 80, flags: 2 })),
    ),
  );
  await lab.host('router').send('eth0', ...frames);
}

const timesOf = (frames: readonly CapturedFrame[], leg: string, way: 'in' | 'out', mac: string): bigint[] =>
  frames
    .filter((frame) => frame.leg === leg && frame.way === way && frame.fields.ip?.source === U1)
    .filter(({ fields }) => (way === 'in' ? fields.from : fields.to) === mac)
    .map(({ time }) => time);

/** Milliseconds that the kernel waits for one answer of a neighbour (arp(7)): what waits for the tap waits longer. */
const NEIGHBOUR_WAIT = 1000;

/** Milliseconds that originals spent in the engine where copies are made of them, the middle one. */
async function delay(lab: Lab, recording: Recording): Promise<number> {
  const frames = await recording.quiet();
  const came = timesOf(frames, 'i2', 'in', lab.host('fw').mac('fw1'));
  const left = timesOf(frames, 'i3', 'out', lab.host('s1').mac());
  const spent = left.map((time, place) => Number(time - (came[place] ?? 0n)) / 1e6).sort((a, b) => a - b);
  return spent[spent.length >> 1] ?? Number.NaN;
}

for (const row of rows) {
  scenario(
    `S14 an IDS ${row.what}: the other one gets its copies, no original is delayed or lost`,
    topology,
    async (lab, recording) => {
      await startNginx(lab.host('s1'), { 80: 'from s1' });
      const engine = await start(lab, row);
      await row.breakIt?.(lab);
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
      await knock(lab);
      const frames = await recording.quiet();
      expectLegs(frames, TABLE, namesOf(lab, { U1, W1, P1: 80 }));
      expect(timesOf(frames, 'i3', 'out', lab.host('s1').mac()).length).toBeGreaterThan(KNOCKS);
      expect(await delay(lab, recording)).toBeLessThan(NEIGHBOUR_WAIT / 2);
      expect(await engine.verdict('COPIED', 'i2')).toBeGreaterThan(KNOCKS);
    },
  );
}

scenario('S14 an IDS whose cable is put in again gets its copies again', topology, async (lab, recording) => {
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  await Engine.start(lab, definitions('i4', BY_MAC));
  const ids2 = lab.host('ids2');
  await ids2.run('ip', ['link', 'set', 'eth0', 'down']);
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
  await ids2.run('ip', ['link', 'set', 'eth0', 'up']);
  const before = (await recording.quiet()).length;
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
  const after = (await recording.quiet()).slice(before);
  const copies = (host: string) =>
    after
      .filter(({ way, fields }) => way === 'out' && fields.to === lab.host(host).mac())
      .map(({ bytes }) => Buffer.from(bytes.subarray(14)).toString('hex'));
  expect(copies('ids').length).toBeGreaterThan(6);
  expect(copies('ids2')).toEqual(copies('ids'));
});
