/** Fabric and steps as plain maps: what the model asks in the stead of the program's tables. */
import type { Fabric, InterfacePlan, LegPlan, OriginPlan, Steps } from '../../src/plan/types.ts';
import { IMAGE_WORDS } from '../../src/plan/types.ts';
import { address16 } from '../packets/bytes.ts';
import { layout } from './door.ts';
import { addressHex } from './parse.ts';

/** One step, its words read. Ports in host order. */
export interface Step {
  /** Place in `Steps`. */
  readonly place: number;
  readonly key: string;
  readonly address: string;
  readonly origin: number;
  readonly port: number;
  readonly protocol: number;
  readonly direction: number;
  readonly target: number;
  readonly rewrite: number;
  readonly service: number;
  readonly newPort: number;
  readonly flags: number;
  readonly copyset: number;
  readonly hop: number;
  readonly known: number;
}

export interface Key {
  readonly address: string;
  readonly origin: number;
  readonly port: number;
  readonly protocol: number;
  readonly direction: number;
}

export interface Tables {
  readonly fabric: Fabric;
  readonly interfaces: ReadonlyMap<number, InterfacePlan>;
  readonly legs: ReadonlyMap<number, LegPlan>;
  readonly origins: ReadonlyMap<string, OriginPlan>;
  readonly pools: ReadonlyMap<number, { readonly outside: number; readonly inside: number }>;
  readonly rewrites: ReadonlyMap<number, string>;
  readonly steps: ReadonlyMap<string, Step>;
  readonly all: readonly Step[];
  readonly ranges: ReadonlyMap<string, readonly { readonly from: number; readonly to: number; readonly step: Step }[]>;
}

/** Text that two equal keys have in common. */
export function keyText(key: Key): string {
  return `${key.address}/${key.origin}/${key.port}/${key.protocol}/${key.direction}`;
}

/** Text of a sender of frames. */
export function originText(interfaceNumber: number, vlans: readonly [number, number], mac: string | null): string {
  return `${interfaceNumber}/${vlans[0]}.${vlans[1]}/${mac ?? ''}`;
}

/** Throws where two steps have one key: the plan refuses that. */
export function makeTables(fabric: Fabric, steps: Steps): Tables {
  const all = Array.from({ length: steps.count }, (_, place) => readStep(steps, place));
  const byKey = new Map<string, Step>();
  const ranges = new Map<string, { from: number; to: number; step: Step }[]>();
  for (const step of all) {
    const range = steps.ranges.get(step.place);
    if (range !== undefined) {
      ranges.set(step.key, [...(ranges.get(step.key) ?? []), { ...range, step }]);
      continue;
    }
    if (byKey.has(step.key)) {
      throw new Error(`make tables ${step.key}: two steps with one key`);
    }
    byKey.set(step.key, step);
  }
  return {
    fabric,
    interfaces: new Map(fabric.interfaces.map((nic) => [nic.ifindex, nic])),
    legs: new Map(fabric.legs.map((leg) => [leg.leg, leg])),
    origins: new Map(
      fabric.origins.map((one) => [originText(one.interfaceNumber, one.vlans as [number, number], one.mac), one]),
    ),
    pools: new Map(fabric.pools.map((pool) => [pool.pool, pool])),
    rewrites: new Map(fabric.rewrites.map((one) => [one.rewrite, addressHex(address16(one.address))])),
    steps: byKey,
    all,
    ranges,
  };
}

function readStep(steps: Steps, place: number): Step {
  const words = steps.words.slice(place * IMAGE_WORDS, (place + 1) * IMAGE_WORDS);
  return readImage(new Uint8Array(words.buffer), place);
}

/** Reads the first 48 bytes of a `struct slot`. */
export function readImage(bytes: Uint8Array, place: number): Step {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const key = {
    address: addressHex(bytes.subarray(0, 16)),
    origin: view.getUint32(16, true),
    port: view.getUint16(20),
    protocol: view.getUint8(22),
    direction: view.getUint8(23),
  };
  return {
    place,
    key: keyText(key),
    ...key,
    target: view.getUint32(24, true),
    rewrite: view.getUint32(28, true),
    service: view.getUint32(32, true),
    newPort: view.getUint16(36),
    flags: view.getUint16(38, true),
    copyset: view.getUint32(40, true),
    hop: view.getUint8(44),
    known: view.getUint8(45),
  };
}

/** Whether a step has a flag of enum slot_flag. */
export function has(step: Step, flag: string): boolean {
  return (step.flags & layout(flag)) !== 0;
}
