/** What the cases of this folder share: two NICs of a namespace of their own, a small fabric, steps and frames. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine, type EngineOptions } from '../../src/dataplane/index.ts';
import { StepBuffer, type StepFields } from '../../src/plan/buffer.ts';
import type { Fabric, LegPlan } from '../../src/plan/types.ts';
import { parseAddress } from '../../src/terms/address.ts';

export const OBJECT = new URL('../../.output/hopline.bpf.o', import.meta.url).pathname;
export const W = '198.51.100.10';

export interface Stage {
  readonly ifindex: number;
  readonly other: number;
  readonly instance: string;
  readonly runDirectory: string;
  open(options?: Partial<EngineOptions>): Promise<Engine>;
  fabric(changes?: Partial<Fabric>): Fabric;
}

let count = 0;

/** Gives names of its own to one engine, and removes its pins afterwards. */
export async function onInstance(
  run: (names: { instance: string; runDirectory: string }) => Promise<void>,
): Promise<void> {
  const instance = `hdp${process.pid}-${++count}`;
  const runDirectory = mkdtempSync(join(tmpdir(), 'hopline-'));
  try {
    await run({ instance, runDirectory });
  } finally {
    rmSync(`/sys/fs/bpf/hopline/${instance}`, { recursive: true, force: true });
    rmSync(runDirectory, { recursive: true });
  }
}

/** Runs a case on engines of its own and takes everything down. */
export function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  const [ifindex, other] = nics();
  return onInstance(async (names) => {
    const engines: Engine[] = [];
    const open = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
      const engine = await Engine.open({ ...names, objectPath: OBJECT, drainMs: 50, ...options });
      engines.push(engine);
      return engine;
    };
    const fabric = (changes: Partial<Fabric> = {}): Fabric => ({ ...fabricOf(ifindex, other), ...changes });
    try {
      await run({ ...names, ifindex, other, open, fabric });
    } finally {
      for (const engine of engines) await engine.close();
    }
  });
}

let pair: readonly [number, number] | undefined;

function nics(): readonly [number, number] {
  if (pair) return pair;
  execFileSync('ip', ['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']);
  for (const name of ['v0', 'v1']) execFileSync('ip', ['link', 'set', name, 'up']);
  const links = JSON.parse(execFileSync('ip', ['-j', 'link', 'show']).toString()) as {
    ifname: string;
    ifindex: number;
  }[];
  const indexOf = (name: string) => links.find(({ ifname }) => ifname === name)!.ifindex;
  pair = [indexOf('v0'), indexOf('v1')];
  return pair;
}

export const MAC = '02:00:00:00:00:01';

/** Segment 1 on the first NIC, devices' legs 3 and 4 on the second. */
function fabricOf(ifindex: number, other: number): Fabric {
  const nic = { mtu: 1500, egress: false, segmentLookups: 0xfff };
  return {
    interfaces: [
      { ...nic, number: 0, nic: 'v0', ifindex, mac: MAC, segment: 1 },
      { ...nic, number: 1, nic: 'v1', ifindex: other, mac: '02:00:00:00:00:02', segment: 2, egress: true },
    ],
    legs: [leg(3, other), leg(4, other)],
    origins: [],
    pools: [{ pool: 1, name: 'servers', outside: 3, inside: 3 }],
    copysets: [],
    rewrites: [{ rewrite: 1, address: '203.0.113.9' }],
    names: [
      { kind: 2, id: 3, name: 'app1.only' },
      { kind: 2, id: 4, name: 'app2.only' },
    ],
  };
}

export function leg(number: number, ifindex: number, changes: Partial<LegPlan> = {}): LegPlan {
  return {
    leg: number,
    name: `app${number - 2}.only`,
    mac: `02:00:00:00:0a:0${number}`,
    sourceMac: '02:00:00:00:00:02',
    mtu: 1500,
    interfaceNumber: 1,
    ifindex,
    vlans: [0, 0],
    ...changes,
  };
}

const STEP: StepFields = {
  address: parseAddress(W)!,
  origin: 1,
  ports: { from: 80, to: 80 },
  protocol: 6,
  direction: 1,
  target: 3,
  rewrite: 0,
  service: 7,
  newPort: 0,
  flags: 0,
  copyset: 0,
  hop: 0,
  known: 0,
};

/** Steps of service 7 from segment 1 to leg 3, but for what each row says. */
export function steps(...rows: readonly Partial<StepFields>[]): StepBuffer {
  const buffer = new StepBuffer();
  for (const row of rows) buffer.push({ ...STEP, ...row });
  return buffer;
}

export const port = (number: number): Pick<StepFields, 'ports'> => ({ ports: { from: number, to: number } });

/** A TCP segment of 54 bytes to W. */
export function frame(destinationPort = 80, sourceMac = '020000000099', tags = ''): Uint8Array {
  const ip = `45000028000100004006${'0000'}cb007107c633640a`;
  const tcp = `c000${destinationPort.toString(16).padStart(4, '0')}00000001000000005002000000000000`;
  return Buffer.from(`${MAC.replaceAll(':', '')}${sourceMac}${tags}0800${ip}${tcp}`, 'hex');
}
