import { expect } from 'vitest';
import { Engine, listener, scenario } from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, W1 } from './common.ts';

const CLIENTS = 20_000;
const ROUTER = '02:00:00:00:01:01';

const definitions = `
interfaces:
  ${CLIENTS_ON_I0.replace('}', `, gateway_mac: "${ROUTER}"}`)}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: nat, address: 10.0.1.11, legs: {only: {interface: i1, mac: "02:00:00:00:02:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [{s1: {port: 8080}}]}
`;

interface Table {
  readonly name: string;
  readonly used?: number;
}

/** What packets are counted in: verdicts, and the latest first packets of connections (hashes in a table of one size, by which nobody's way is decided). */
const COUNTERS = new Set(['verdicts', 'openings']);

/** How full each table is, but for counters. */
async function tables(engine: Engine): Promise<Record<string, number | undefined>> {
  const { stdout } = await engine.hopline('-o', 'json', 'map', 'list');
  const rows = (JSON.parse(stdout) as Table[]).filter(({ name }) => !COUNTERS.has(name));
  return Object.fromEntries(rows.map(({ name, used }) => [name, used]));
}

/** A SYN of a client that was never seen before. */
function knock(client: number, engine: string): Uint8Array {
  const source = `100.64.${client >> 8}.${client & 255}`;
  const segment = tcp({ source: 1024 + (client % 60_000), destination: 80, flags: 2 });
  return ethernet({ to: engine, from: ROUTER }, ipv4({ source, destination: W1 }, segment));
}

scenario(
  `S0D ${CLIENTS} clients, each a new one, leave every table but the counters as it was`,
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: { router: listener('i0'), s1: listener('i1') },
  },
  async (lab, recording) => {
    const engine = await Engine.start(lab, definitions);
    const before = await tables(engine);
    expect(Object.keys(before)).toContain('fragments');
    const frames = Array.from({ length: CLIENTS }, (_, client) => knock(client, lab.engine.mac('i0')));
    await lab.host('router').send('eth0', ...frames);
    const seen = await recording.quiet();
    expect(await engine.verdict('FORWARDED', 'i0')).toBe(CLIENTS);
    const arrived = seen.filter(
      (frame) => frame.leg === 'i1' && frame.way === 'out' && frame.fields.ip?.destinationPort === 8080,
    );
    expect(arrived).toHaveLength(CLIENTS);
    expect(await tables(engine)).toEqual(before);
  },
);
