import type { Degraded } from '../api-types/change-report.ts';
import type { Device, Leg, Model } from '../model/types.ts';
import { neighbourKey } from '../net/neighbours.ts';
import { unresolvedReason } from '../net/resolve.ts';
import type { NetworkSnapshot } from '../net/snapshot.ts';
import { type NeededNeighbour, wantedNeighbours } from '../net/wanted.ts';
import { targetsOf } from './describe.ts';

/** What does not work now, and the services that suffer from it. */
export interface Health {
  /** Reasons by device name. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
  /** Reasons by interface name: its NIC, or its gateway. */
  readonly interfaces: ReadonlyMap<string, readonly string[]>;
  readonly services: readonly Degraded[];
  /** Every reason once, for status. */
  readonly problems: readonly string[];
}

/** Who works in each pool; where nothing is said, it is the active member of the definitions. */
export type Working = ReadonlyMap<string, readonly string[]>;

/** Judges the definitions by what the network is like, and by what is not known of devices (`doubts`). Cheap while all is well, whatever the number of services. */
export function judge(
  model: Model,
  network: NetworkSnapshot,
  attached: ReadonlyMap<number, string>,
  working: Working = new Map(),
  doubts: ReadonlyMap<string, string> = new Map(),
): Health {
  const interfaces = judgeInterfaces(model, network, attached);
  const devices = judgeDevices(model, network, interfaces.nics, doubts);
  const services =
    devices.size + interfaces.reasons.size === 0 ? [] : judgeServices(model, devices, interfaces.reasons, working);
  const problems = [...new Set([...interfaces.reasons.values(), ...devices.values()].flat())];
  return { devices, interfaces: interfaces.reasons, services, problems };
}

function judgeInterfaces(model: Model, network: NetworkSnapshot, attached: ReadonlyMap<number, string>) {
  const reasons = new Map<string, readonly string[]>();
  const nics = new Map<string, readonly string[]>();
  const gateways = wantedNeighbours(model).filter(({ neededBy }) => neededBy.startsWith('gateway of '));
  for (const { name, nic } of model.interfaces.values()) {
    const wrong = nicReasons(nic, network, attached);
    if (wrong.length > 0) nics.set(name, wrong);
    const unresolved = gateways
      .filter(({ neededBy }) => neededBy === `gateway of ${name}`)
      .flatMap((wanted) => unresolvedReason(wanted, network) ?? []);
    if (wrong.length + unresolved.length > 0) reasons.set(name, wrong.length > 0 ? wrong : unresolved);
  }
  return { reasons, nics };
}

function nicReasons(nic: string, network: NetworkSnapshot, attached: ReadonlyMap<number, string>): readonly string[] {
  const state = network.nics.get(nic);
  if (state === undefined) return [`NIC ${nic} is not there (plugged out, or renamed?)`];
  if (!state.up) return [`NIC ${nic} is down (ip link set ${nic} up)`];
  if (!attached.has(state.ifindex)) return [`the engine is not attached to ${nic} (hopline attach ${nic})`];
  return [];
}

function judgeDevices(
  model: Model,
  network: NetworkSnapshot,
  nics: ReadonlyMap<string, readonly string[]>,
  doubts: ReadonlyMap<string, string>,
) {
  const wanted = new Map<string, NeededNeighbour>(wantedNeighbours(model).map((each) => [each.neededBy, each]));
  const reasons = new Map<string, readonly string[]>();
  for (const device of model.devices.values()) {
    const found = [
      ...new Set([...legReasons(device, network, wanted, nics), ...[doubts.get(device.name) ?? []].flat()]),
    ];
    if (found.length > 0) reasons.set(device.name, found);
  }
  return reasons;
}

function legReasons(
  device: Device,
  network: NetworkSnapshot,
  wanted: ReadonlyMap<string, NeededNeighbour>,
  nics: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const sides: readonly (readonly [string, Leg])[] = device.oneLegged
    ? [['only', device.outside]]
    : [
        ['outside', device.outside],
        ['inside', device.inside],
      ];
  return sides.flatMap(([side, leg]) => {
    const broken = nics.get(leg.interface);
    if (broken !== undefined) return broken;
    const name = `${device.name}.${side}`;
    const neighbour = wanted.get(name);
    if (neighbour !== undefined) return unresolvedReason(neighbour, network) ?? [];
    const unknown = leg.mac === undefined && leg.address === undefined && device.address === undefined;
    if (!unknown || device.forwards === 'bridge') return [];
    return [`${name} has neither a mac nor an address to learn it by (give one of them)`];
  });
}

function judgeServices(
  model: Model,
  devices: Health['devices'],
  interfaces: Health['interfaces'],
  working: Working,
): readonly Degraded[] {
  const affected = new Map(devices);
  for (const pool of model.pools.values()) {
    const reasons = (working.get(pool.name) ?? [pool.active]).flatMap((member) => devices.get(member) ?? []);
    if (reasons.length > 0) affected.set(pool.name, reasons);
  }
  const degraded: Degraded[] = [];
  for (const service of model.services.values()) {
    const parties = [
      ...service.from,
      ...(service.exit === undefined || service.exit.kind === 'route' ? [] : [service.exit]),
    ];
    const reasons = [
      ...[...targetsOf(service)].flatMap((target) => affected.get(target) ?? []),
      ...parties.flatMap(({ kind, name }) => (kind === 'device' ? devices.get(name) : interfaces.get(name)) ?? []),
    ];
    if (reasons.length === 0) continue;
    degraded.push({ service: service.name, state: 'degraded', reasons: [...new Set(reasons)] });
  }
  return degraded;
}

/** MAC of a leg or gateway as far as it is known. */
export function knownMac(
  nic: string,
  given: string | undefined,
  address: string | undefined,
  network: NetworkSnapshot,
): string | undefined {
  return given ?? (address === undefined ? undefined : network.neighbours.get(neighbourKey(nic, address)));
}
