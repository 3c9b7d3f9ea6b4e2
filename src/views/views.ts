import type { Degraded } from '../api-types/change-report.ts';
import type {
  DeviceView,
  InterfaceView,
  LegView,
  Replacements,
  ServiceView,
  Traffic,
} from '../api-types/operations.ts';
import type { Inspector } from '../dataplane/types.ts';
import type { ProbePacket } from '../health/types.ts';
import type { Device, Leg, Model, Service } from '../model/types.ts';
import type { NetworkSnapshot } from '../net/snapshot.ts';
import type { Registry } from '../plan/registry.ts';
import { knownMac } from './degraded.ts';
import { describeParty, describePorts, describeProtocol, describeStep, facesOf, targetsOf } from './describe.ts';
import type { Look } from './health-snapshot.ts';
import type { ServiceTally } from './service-totals.ts';

const NOTHING: Traffic = { packets: 0, bytes: 0 };

/** Interfaces as `hopline interface` shows them; `attached` gives modes by ifindex. */
export function viewInterfaces(
  model: Model,
  network: NetworkSnapshot,
  attached: ReadonlyMap<number, string>,
): readonly InterfaceView[] {
  return [...model.interfaces.values()].map((segment) => {
    const { name, nic, vlans, gateways } = segment;
    const state = network.nics.get(nic);
    const mode = state && attached.get(state.ifindex);
    return {
      name,
      nic,
      vlans,
      faces: facesOf(segment),
      present: state !== undefined,
      up: state?.up ?? false,
      ...(state && { mac: state.mac, mtu: state.mtu }),
      ...(mode !== undefined && { mode }),
      gateways: gateways.map(({ address, mac }) => {
        const known = knownMac(nic, mac, address, network);
        return { address, ...(known !== undefined && { mac: known }) };
      }),
    };
  });
}

/** NICs that the engine is attached to and no definitions name. */
export function viewBareNics(
  model: Model,
  network: NetworkSnapshot,
  attached: ReadonlyMap<number, string>,
): readonly InterfaceView[] {
  const named = new Set([...model.interfaces.values()].map(({ nic }) => nic));
  return [...network.nics.values()].flatMap(({ name, ifindex, up, mac, mtu }) => {
    const mode = attached.get(ifindex);
    if (mode === undefined || named.has(name)) return [];
    return [{ name: '-', nic: name, vlans: [], faces: [], present: true, up, mac, mtu, mode, gateways: [] }];
  });
}

/** What is thought of devices. */
export interface DeviceHealth {
  readonly look: Look;
  /** Sentences, each of which names its device. */
  readonly unwatched: readonly string[];
  /** Frames that the probes of a device send. */
  readonly packets: (device: string) => readonly ProbePacket[];
  readonly replacements: Replacements;
}

/** Devices with what was sent to their legs, and what is thought of them. */
export function viewDevices(
  model: Model,
  network: NetworkSnapshot,
  registry: Registry,
  engine: Inspector | undefined,
  { look, unwatched, packets, replacements }: DeviceHealth,
): readonly DeviceView[] {
  const sent = new Map(engine?.counters().legs.map(({ leg, packets, bytes }) => [leg, { packets, bytes }]));
  const users = usersOf(model);
  const viewLeg = (device: Device, side: string, leg: Leg): LegView => {
    const segment = model.interfaces.get(leg.interface);
    const address = leg.address ?? device.address;
    const mac = knownMac(segment?.nic ?? '', leg.mac, address, network);
    const name = `${device.name}.${side}`;
    return {
      name,
      interface: leg.interface,
      vlans: leg.vlans.length > 0 ? leg.vlans : (segment?.vlans ?? []),
      ...(mac !== undefined && { mac }),
      ...(address !== undefined && { address }),
      sent: sent.get(registry.find('leg', name) ?? 0) ?? NOTHING,
    };
  };
  return [...model.devices.values()].map((device) => {
    const { name, kind, forwards, function: purpose, vendor, mode, auto, address, oneLegged } = device;
    return {
      name,
      kind,
      ...(kind === 'inline' && { forwards }),
      ...(purpose !== undefined && { function: purpose }),
      ...(vendor !== undefined && { vendor }),
      ...(mode !== undefined && { mode }),
      ...(auto !== undefined && { auto }),
      ...(address !== undefined && { address }),
      legs: oneLegged
        ? [viewLeg(device, 'only', device.outside)]
        : [viewLeg(device, 'outside', device.outside), viewLeg(device, 'inside', device.inside)],
      services: users.get(name) ?? [],
      ...(replacements[name] !== undefined && { replacedBy: replacements[name] }),
      health: look.devices.get(name) ?? [],
      packets: packets(name),
      unwatched: unwatched.filter((sentence) => sentence.split(/[\s:]/).includes(name)),
    };
  });
}

/** Services with their state and what they counted at the client's end. */
export function viewServices(
  model: Model,
  registry: Registry,
  degraded: readonly Degraded[],
  tally: ServiceTally | undefined,
): readonly ServiceView[] {
  const found = new Map(degraded.map((each) => [each.service, each]));
  return [...model.services.values()].map((service) => viewService(service, registry, found.get(service.name), tally));
}

function viewService(
  service: Service,
  registry: Registry,
  degraded: Degraded | undefined,
  tally: ServiceTally | undefined,
): ServiceView {
  const number = registry.find('service', service.name);
  return {
    name: service.name,
    ...(service.customer !== undefined && { customer: service.customer }),
    addresses: service.addresses,
    protocol: describeProtocol(service.protocol),
    ports: describePorts(service.ports),
    from: service.from.map(describeParty),
    sequence: service.sequence.map(describeStep),
    state: degraded?.state ?? 'up',
    reasons: degraded?.reasons ?? [],
    forward: (number && tally?.there(number)) || NOTHING,
    return: (number && tally?.back(number)) || NOTHING,
  };
}

/** Names of the services that reach each device. */
function usersOf(model: Model): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const service of model.services.values()) {
    const devices = new Set([...targetsOf(service)].flatMap((target) => model.pools.get(target)?.members ?? [target]));
    for (const device of devices) {
      const names = users.get(device);
      if (names === undefined) users.set(device, [service.name]);
      else names.push(service.name);
    }
  }
  return users;
}
