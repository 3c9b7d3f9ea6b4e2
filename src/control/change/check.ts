import type { DefinitionText } from '../../api-types/operations.ts';
import type { Model } from '../../model/types.ts';
import { compile } from '../../plan/compile.ts';
import type { NetworkState } from '../../plan/network.ts';
import { Registry } from '../../plan/registry.ts';
import { refuse } from './prepare.ts';
import { readModel } from './read.ts';

export interface CheckReport {
  readonly services: number;
  readonly devices: number;
  readonly interfaces: number;
  readonly pools: number;
  /** Table entries the definitions become. */
  readonly steps: number;
}

/** Reads and compiles definitions without a machine to run them: as if every NIC they name were there. */
export function checkDefinitions(definitions: DefinitionText): CheckReport {
  const model = readModel(definitions);
  const plan = compile(model, imaginedNetwork(model), new Registry());
  refuse(plan.problems);
  const { services, devices, interfaces, pools } = model;
  return {
    services: services.size,
    devices: devices.size,
    interfaces: interfaces.size,
    pools: pools.size,
    steps: plan.services.steps.count + plan.shared.steps.count,
  };
}

function imaginedNetwork(model: Model): NetworkState {
  const names = new Set([...model.interfaces.values()].map(({ nic }) => nic));
  const nics = [...names].map((name, place) => {
    const mac = `06:00:00:00:${hex(place >> 8)}:${hex(place & 255)}`;
    return [name, { name, ifindex: place + 1, mac, mtu: 1500, up: true, addresses: [] }] as const;
  });
  return { nics: new Map(nics), neighbours: new Map() };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
