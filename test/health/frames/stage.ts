import { FrameIds } from '../../../src/health/frames/ids.ts';
import type { Materials } from '../../../src/health/frames/types.ts';
import type { Watched } from '../../../src/health/types.ts';
import type { NetworkState, NicState } from '../../../src/plan/network.ts';
import { deviceSpec, GUARD, probeSpec } from '../../../src/terms/health/defaults.ts';
import type { Question } from '../../../src/terms/health/question.ts';
import type { HealthSpec } from '../../../src/terms/health/spec.ts';
import { type Definitions, model, network, planOf } from '../../plan/models.ts';

/** Definitions in force, as the watcher gets them. */
export function watched(definitions: Definitions, net: NetworkState): Watched {
  const { places, fabric } = planOf(definitions, net);
  return { model: model(definitions), places, fabric, network: net };
}

/** NICs with addresses, each as ADDRESS/LENGTH: `{i1: ['10.0.1.1/24']}`. */
export function addressed(
  nics: Record<string, readonly string[]>,
  { neighbours = {}, ...more }: { neighbours?: Record<string, string> } & Partial<NicState> = {},
): NetworkState {
  const net = network(Object.keys(nics), neighbours);
  const withAddresses = [...net.nics.values()].map((nic): [string, NicState] => {
    const addresses = nics[nic.name]!.map((text) => {
      const [address, prefix] = text.split('/') as [string, string];
      return { address, prefix: Number(prefix), scope: 'global' as const };
    });
    return [nic.name, { ...nic, addresses, ...more }];
  });
  return { ...net, nics: new Map(withAddresses) };
}

/** Each device with its questions. */
export const asking = (questions: Record<string, readonly Question[]>): HealthSpec => ({
  devices: Object.entries(questions).map(([name, asked]) =>
    deviceSpec(name, 'server', {
      probes: asked.map((question, i) => probeSpec(question, { name: `${question.kind} ${i}` })),
    }),
  ),
  pools: [],
  guard: GUARD,
});

export const materials = (given: Partial<Materials> = {}): Materials => ({
  cookie: 0xc0ffee,
  ids: new FrameIds(1000),
  sources: { v4: '192.0.0.8', v6: '100::8' },
  files: new Map(),
  now: 0,
  ...given,
});

export interface PcapFields {
  readonly magic?: number;
  readonly little?: boolean;
  readonly link?: number;
  readonly frames?: readonly Uint8Array[];
  readonly original?: number;
}

/** A capture file. */
export function pcapOf(
  captured: readonly Uint8Array[],
  { magic = 0xa1b2c3d4, little = true, link = 1, frames = captured, original }: PcapFields = {},
): Uint8Array {
  const size = frames.reduce((sum, { length }) => sum + 16 + length, 24);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, 65_535, little);
  view.setUint32(20, link, little);
  let at = 24;
  for (const frame of frames) {
    view.setUint32(at + 8, frame.length, little);
    view.setUint32(at + 12, original ?? frame.length, little);
    bytes.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return bytes;
}
