import { gatewayLegName, legName, legsOf } from '../model/leg-names.ts';
import type { Interface, Model } from '../model/types.ts';
import { parseAddress } from '../terms/address.ts';
import { Limit, NameKind } from '../terms/constants.ts';
import type { Target } from '../terms/health/target.ts';
import { deviceMacs, type LegMacs, learntMac, NO_MAC } from './macs.ts';
import { changeNames, compileNames, type NamesBefore } from './names.ts';
import type { NetworkState, NicState } from './network.ts';
import type { AssignedPlaces } from './places.ts';
import type { Kind, Registry } from './registry.ts';
import { type PoolTargets, targetLegs } from './targets.ts';
import type { CopysetPlan, Fabric, InterfacePlan, LegPlan, OriginPlan, PoolPlan, Vlans } from './types.ts';
import type { Uses } from './uses.ts';

export interface FabricContext {
  readonly places: AssignedPlaces;
  readonly registry: Registry;
  /** What the services need: compile them first. */
  readonly uses: Uses;
  /** Whom pool words use now; the active members where nothing is said. */
  readonly targets: PoolTargets;
}

/**
 * Everything but the steps. A NIC that does not exist has no interface; its legs stay, without MAC, so that nothing
 * else changes when it comes back. `before`: of the plan that this one differs from in some services only.
 */
export function compileFabric(
  model: Model,
  network: NetworkState,
  context: FabricContext,
  before?: NamesBefore,
): Fabric {
  const legs = [...segmentLegs(model, network, context), ...deviceLegs(model, network, context)];
  return {
    interfaces: interfacePlans(model, network, context),
    legs,
    origins: originPlans(model, legs, context),
    pools: poolPlans(model, context),
    copysets: copysetPlans(network, context),
    rewrites: context.uses.rewrites,
    names: before === undefined ? compileNames(model, legs, context) : changeNames(before, legs, context),
  };
}

/** What cannot be in one fabric, as sentences: two senders that look alike, more NICs than there are places. */
export function fabricProblems(fabric: Fabric, places: AssignedPlaces): string[] {
  const problems: string[] = [];
  if (places.nics.size > Limit.MAX_INTERFACES) {
    problems.push(`compile interfaces: ${places.nics.size} NICs (one engine takes at most ${Limit.MAX_INTERFACES})`);
  }
  const names = new Map(fabric.legs.map(({ leg, name }) => [leg, name]));
  if (names.size < fabric.legs.length) {
    const twice = fabric.legs.find(({ leg }, i) => fabric.legs.findIndex((each) => each.leg === leg) < i)!;
    problems.push(`compile ${twice.name}: a leg and an interface, or two legs, have this name (rename the interface)`);
  }
  const senders = new Map<string, number>();
  for (const { interfaceNumber, vlans, mac, leg } of fabric.origins) {
    const key = `${interfaceNumber} ${vlans.join('.')} ${mac}`;
    const other = senders.get(key);
    senders.set(key, leg);
    if (other === undefined) continue;
    const what = mac === null ? 'are both whoever is on one VLAN' : `both have MAC ${mac} on one segment`;
    problems.push(
      `compile ${names.get(leg)}: it and ${names.get(other)} ${what}; a frame could come from either (give one another MAC, VLAN or interface)`,
    );
  }
  return problems;
}

function interfacePlans(model: Model, network: NetworkState, { places, uses }: FabricContext): InterfacePlan[] {
  const egress = new Set<number>();
  for (const { taps, mains } of uses.copysets) {
    for (const [main, needs] of mains) if (needs > 0) egress.add(main);
    for (const { outsideNic } of taps) egress.add(outsideNic);
  }
  const plans: InterfacePlan[] = [];
  for (const [name, number] of places.nics) {
    const nic = network.nics.get(name);
    if (nic === undefined) continue;
    const untagged = [...model.interfaces.values()].find((each) => each.nic === name && each.vlans.length === 0);
    const segment = untagged === undefined ? 0 : places.segments.get(untagged.name)!.leg;
    plans.push({
      number,
      nic: name,
      ifindex: nic.ifindex,
      mac: nic.mac,
      mtu: nic.mtu,
      ...ownAddresses(nic),
      segment,
      segmentLookups: uses.lookupsOf(segment),
      egress: egress.has(number),
    });
  }
  return plans;
}

function ownAddresses(nic: NicState): Pick<InterfacePlan, 'address4' | 'address6' | 'linkLocal'> {
  const first = (scope: 'global' | 'link', version6: boolean): string | undefined =>
    nic.addresses.find((each) => each.scope === scope && each.address.includes(':') === version6)?.address;
  const [address4, address6, linkLocal] = [first('global', false), first('global', true), first('link', true)];
  return {
    ...(address4 === undefined ? {} : { address4 }),
    ...(address6 === undefined ? {} : { address6 }),
    ...(linkLocal === undefined ? {} : { linkLocal }),
  };
}

function segmentLegs(model: Model, network: NetworkState, { registry }: FabricContext): LegPlan[] {
  return [...model.interfaces.values()].flatMap((segment) => {
    const { nic, name } = segment;
    const leg = (legName: string, gateway: Interface['gateways'][number] | undefined): LegPlan => ({
      leg: registry.number('leg', legName),
      name: legName,
      mac: learntMac(gateway?.mac, nic, gateway?.address, network),
      sourceMac: network.nics.get(nic)?.mac ?? NO_MAC,
      ...whereabouts(segment, segment.vlans, network, registry),
    });
    const [first, ...others] = segment.gateways;
    const family = (address: string): boolean => address.includes(':');
    const other = others.find(({ address }) => family(address) !== family(first!.address));
    return [leg(name, first), ...(other === undefined ? [] : [leg(gatewayLegName(segment, other.address), other)])];
  });
}

function deviceLegs(model: Model, network: NetworkState, { registry, places }: FabricContext): LegPlan[] {
  return [...model.devices.values()].flatMap((device) => {
    const macs = deviceMacs(device, model.interfaces, network);
    const own = device.mode === 'nat' ? places.devices.get(device.name)!.own : undefined;
    const address = device.address ?? device.outside.address;
    return legsOf(device).map(({ side, leg }): LegPlan => {
      const segment = model.interfaces.get(leg.interface);
      const name = legName(device, side);
      return {
        leg: registry.number('leg', name),
        name,
        ...(macs[side] satisfies LegMacs),
        ...whereabouts(segment, leg.vlans, network, registry),
        ...(own === undefined || address === undefined ? {} : { nat: address }),
      };
    });
  });
}

function whereabouts(
  segment: Interface | undefined,
  vlans: readonly number[],
  network: NetworkState,
  registry: Registry,
): Pick<LegPlan, 'mtu' | 'interfaceNumber' | 'ifindex' | 'vlans'> {
  const nic = network.nics.get(segment?.nic ?? '');
  return {
    mtu: nic?.mtu ?? 0,
    interfaceNumber: segment === undefined ? 0 : registry.number('interface', segment.nic),
    ifindex: nic?.ifindex ?? 0,
    vlans: tags(vlans),
  };
}

function tags(vlans: readonly number[]): Vlans {
  return [vlans[0] ?? 0, vlans[1] ?? 0];
}

/** Senders in use come first: the first few of an interface are found fastest. */
function originPlans(model: Model, legs: readonly LegPlan[], { places, uses }: FabricContext): OriginPlan[] {
  const byNumber = new Map(legs.map((leg) => [leg.leg, leg]));
  const origins: OriginPlan[] = [];
  for (const { device, outside, inside } of places.devices.values()) {
    for (const number of new Set([outside, inside])) {
      const leg = byNumber.get(number)!;
      if (leg.mac !== null) origins.push(originOf(leg, leg.mac, device.forwards === 'bridge', uses));
    }
  }
  for (const { name, vlans } of model.interfaces.values()) {
    const leg = byNumber.get(places.segments.get(name)!.leg)!;
    if (vlans.length > 0 && leg.ifindex !== 0) origins.push(originOf(leg, null, false, uses));
  }
  return [...origins.filter(({ lookups }) => lookups !== 0), ...origins.filter(({ lookups }) => lookups === 0)];
}

function originOf(leg: LegPlan, mac: string | null, bridged: boolean, uses: Uses): OriginPlan {
  const { interfaceNumber, vlans } = leg;
  return { interfaceNumber, vlans, mac, leg: leg.leg, lookups: uses.lookupsOf(leg.leg), bridged };
}

function poolPlans({ pools }: Model, { places, uses, targets: turned }: FabricContext): PoolPlan[] {
  const needed = places.words.needed(uses);
  const targets = new Map<string, Target>();
  for (const [name, { word }] of needed) {
    const member = pools.get(word.definition)?.active ?? word.definition;
    targets.set(name, turned.get(name) ?? { to: 'member', member });
  }
  return needed.map(([name, { pool }]) => ({
    pool,
    name,
    ...targetLegs(places, name, targets.get(name)!, targets),
  }));
}

/** NICs that do not exist take no part: a copy never costs the original. */
function copysetPlans(network: NetworkState, { places, uses }: FabricContext): CopysetPlan[] {
  const ifindexes = new Map<number, number>();
  for (const [name, number] of places.nics) {
    const nic = network.nics.get(name);
    if (nic !== undefined) ifindexes.set(number, nic.ifindex);
  }
  const reach = (interfaceNumber: number): { ifindex: number; interfaceNumber: number }[] => {
    const ifindex = ifindexes.get(interfaceNumber);
    return ifindex === undefined ? [] : [{ ifindex, interfaceNumber }];
  };
  return uses.copysets.map(({ copyset, name, taps, mains }) => ({
    copyset,
    name,
    taps: taps.flatMap(({ outside, outsideNic }) => reach(outsideNic).map((nic) => ({ leg: outside, ...nic }))),
    mains: mainsOf(mains).flatMap(reach),
  }));
}

function mainsOf(mains: ReadonlyMap<number, number>): number[] {
  const needed = [...mains].flatMap(([main, needs]) => (needs > 0 ? [main] : []));
  return needed.sort((a, b) => a - b);
}

/** Kind of the registry for a kind of the `names` table; undefined for one of another version. */
export function kindOfName(kind: number): Kind | undefined {
  switch (kind) {
    case NameKind.NAME_SERVICE:
      return 'service';
    case NameKind.NAME_LEG:
      return 'leg';
    case NameKind.NAME_POOL:
      return 'pool';
    case NameKind.NAME_COPYSET:
      return 'copyset';
    case NameKind.NAME_INTERFACE:
      return 'interface';
    default:
      return undefined;
  }
}

/** The engine's own addresses, on whatever NIC of the machine. */
export function localAddresses(network: NetworkState): Uint32Array[] {
  return [...network.nics.values()].flatMap((nic) =>
    nic.addresses.flatMap(({ address }) => parseAddress(address) ?? []),
  );
}
