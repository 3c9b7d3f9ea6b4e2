import { checkBridges, checkLegs, checkNames } from '../check/check-fabric.ts';
import { checkHealth } from '../check/check-health.ts';
import { checkPoolWays } from '../check/check-ways.ts';
import type { Report } from '../problem.ts';
import type { RawDevice, RawInterface, RawPool } from '../schema/schema.ts';
import type { RawFileHealth } from '../schema/schema-health.ts';
import type { Device, Interface, Party, Pool, Step } from '../types.ts';
import { addressText } from '../words.ts';
import { readDevices } from './devices.ts';
import { readFileHealth } from './health.ts';
import { readInterfaces } from './interfaces.ts';
import { readPools } from './pools.ts';

/** What services refer to: everything in the file but the services. */
export interface Fabric {
  readonly interfaces: ReadonlyMap<string, Interface>;
  readonly devices: ReadonlyMap<string, Device>;
  /** Pools derived from alternates are added by the services that name them. */
  readonly pools: Map<string, Pool>;
  /** Interfaces that face clients: who opens a service that does not say. */
  readonly clients: readonly Party[];
  /** Addresses no service can have, with what has them: "the engine's own, on eth0". */
  readonly taken: ReadonlyMap<string, string>;
  /** Steps that say nothing but a name, shared by all services. */
  readonly plainSteps: Map<string, Extract<Step, { kind: 'through' }>>;
  /** Devices behind them, by what they name. */
  readonly plainMembers: Map<string, readonly Device[]>;
}

/** The engine's own addresses, by NIC (`NetworkState.nics`). Without them nothing is said about clashes with them. */
export type EngineNics = ReadonlyMap<string, { readonly addresses: readonly { readonly address: string }[] }>;

interface RawFabric {
  readonly interfaces: Readonly<Record<string, RawInterface>>;
  readonly devices: Readonly<Record<string, RawDevice>>;
  readonly pools: Readonly<Record<string, RawPool>>;
  readonly health?: RawFileHealth | undefined;
}

export function readFabric(raw: RawFabric, nics: EngineNics, report: Report): Fabric {
  const interfaces = readInterfaces(raw.interfaces, report);
  const devices = readDevices(raw.devices, interfaces, report);
  const pools = readPools(raw.pools, devices, report);
  checkNames(raw, report);
  checkLegs(devices, interfaces, report);
  checkBridges(devices, interfaces, report);
  checkPoolWays({ devices, pools }, report);
  checkHealth({ devices, pools }, readFileHealth(raw.health), report);
  const taken = takenAddresses(interfaces, nics);
  for (const { name, address } of devices.values()) {
    const holder = address === undefined ? undefined : taken.get(address);
    if (holder === undefined || raw.devices[name]?.address === undefined) continue;
    const message = `device ${name} has the address ${address}, which is ${holder}`;
    report({ path: ['devices', name, 'address'], message, hint: 'give the device an address of its own' });
  }
  return { interfaces, devices, pools, clients: clientsOf(interfaces), taken, ...nothingPlain() };
}

/** A fabric out of a model that was read before: for reading one more service. */
export function fabricOf(
  {
    interfaces,
    devices,
    pools,
  }: Pick<Fabric, 'interfaces' | 'devices'> & { readonly pools: ReadonlyMap<string, Pool> },
  nics: EngineNics,
): Fabric {
  const taken = takenAddresses(interfaces, nics);
  return { interfaces, devices, pools: new Map(pools), clients: clientsOf(interfaces), taken, ...nothingPlain() };
}

function nothingPlain(): Pick<Fabric, 'plainSteps' | 'plainMembers'> {
  return { plainSteps: new Map(), plainMembers: new Map() };
}

function clientsOf(interfaces: ReadonlyMap<string, Interface>): Party[] {
  const facing = [...interfaces.values()].filter(({ clients }) => clients);
  return facing.map(({ name }) => ({ kind: 'interface', name }));
}

function takenAddresses(interfaces: ReadonlyMap<string, Interface>, nics: EngineNics): Map<string, string> {
  const taken = new Map<string, string>();
  for (const { name, gateways } of interfaces.values()) {
    for (const { address } of gateways) taken.set(address, `the gateway of interface ${name}`);
  }
  for (const [nic, { addresses }] of nics) {
    for (const { address } of addresses) taken.set(addressText(address), `the engine's own, on ${nic}`);
  }
  return taken;
}
