import type { Device, Interface, Leg, Model } from '../model/types.ts';
import { type AddressWords, isIpv4, parseAddress } from './address.ts';
import { Nodes } from './node.ts';
import { type PoolPlace, PoolWords } from './pool-words.ts';
import type { Registry } from './registry.ts';

/** Numbers of a device's legs, and of the NICs they are on. */
export interface DevicePlace {
  readonly device: Device;
  readonly outside: number;
  readonly inside: number;
  readonly outsideNic: number;
  readonly insideNic: number;
  /** Its own address. */
  readonly own: AddressWords | undefined;
}

/** Numbers of an interface: its segment, and the gateways behind it by family. */
export interface SegmentPlace {
  readonly segment: Interface;
  readonly leg: number;
  readonly nic: number;
  /** Legs of the gateways; the segment's own for the first one. */
  readonly gateway4: number | undefined;
  readonly gateway6: number | undefined;
}

/** Where everything that definitions name is in the tables. */
export interface Places {
  readonly segments: ReadonlyMap<string, SegmentPlace>;
  readonly devices: ReadonlyMap<string, DevicePlace>;
  /** By name of the word; docs/design/plan.md, "Pool words". */
  readonly pools: ReadonlyMap<string, PoolPlace>;
  readonly words: PoolWords;
  /** What sequences lead through. */
  readonly nodes: Nodes;
  /** Numbers of the NICs, by name. */
  readonly nics: ReadonlyMap<string, number>;
  /** The segment, gateway or device's leg of this name. */
  legs(name: string): { readonly leg: number; readonly nic: number } | undefined;
}

/**
 * Gives every NIC, segment, leg and pool of the definitions its number. `before`: of definitions in which what is
 * named by both is the same, so that their pool words are still right.
 */
export function assignPlaces(model: Model, registry: Registry, before?: Places): Places {
  const nics = new Map<string, number>();
  for (const { nic } of model.interfaces.values()) nics.set(nic, registry.number('interface', nic));
  const nicOf = (name: string): number => nics.get(model.interfaces.get(name)?.nic ?? '') ?? 0;

  const segments = new Map<string, SegmentPlace>();
  for (const [name, segment] of model.interfaces) {
    const leg = registry.number('leg', name);
    segments.set(name, { segment, leg, nic: nicOf(name), ...gatewayLegs(segment, leg, registry) });
  }
  const devices = new Map<string, DevicePlace>();
  for (const [name, device] of model.devices) {
    devices.set(name, {
      device,
      outside: registry.number('leg', legName(device, 'outside')),
      inside: registry.number('leg', legName(device, 'inside')),
      outsideNic: nicOf(device.outside.interface),
      insideNic: nicOf(device.inside.interface),
      own: ownAddress(device),
    });
  }
  const words = new PoolWords(model, devices, registry, before?.pools.values());
  const byName = new Map<string, { readonly leg: number; readonly nic: number }>();
  for (const [name, { segment, leg, nic }] of segments) {
    byName.set(name, { leg, nic });
    for (const { address } of segment.gateways.slice(1)) {
      const other = gatewayLegName(segment, address);
      byName.set(other, { leg: registry.number('leg', other), nic });
    }
  }
  for (const place of devices.values()) {
    byName.set(legName(place.device, 'outside'), { leg: place.outside, nic: place.outsideNic });
    byName.set(legName(place.device, 'inside'), { leg: place.inside, nic: place.insideNic });
  }
  const legs = (name: string) => byName.get(name);
  return { segments, devices, pools: words.places, words, nodes: new Nodes(), nics, legs };
}

/** "fw1.outside", "ids1.only". */
export function legName(device: Device, side: 'outside' | 'inside'): string {
  return `${device.name}.${device.oneLegged ? 'only' : side}`;
}

/** The legs of a device, once each. */
export function legsOf(device: Device): readonly { readonly side: 'outside' | 'inside'; readonly leg: Leg }[] {
  const outside = { side: 'outside', leg: device.outside } as const;
  return device.oneLegged ? [outside] : [outside, { side: 'inside', leg: device.inside }];
}

/** Name of the leg that stands for a gateway of the other family than the interface's first one. */
export function gatewayLegName(segment: Interface, address: string): string {
  return `${segment.name}.${address.includes(':') ? 'ipv6' : 'ipv4'}`;
}

function gatewayLegs(segment: Interface, leg: number, registry: Registry): Pick<SegmentPlace, 'gateway4' | 'gateway6'> {
  const legs: { gateway4: number | undefined; gateway6: number | undefined } = {
    gateway4: undefined,
    gateway6: undefined,
  };
  for (const [index, { address }] of segment.gateways.entries()) {
    const words = parseAddress(address);
    const key = words !== undefined && isIpv4(words) ? 'gateway4' : 'gateway6';
    legs[key] ??= index === 0 ? leg : registry.number('leg', gatewayLegName(segment, address));
  }
  return legs;
}

function ownAddress(device: Device): AddressWords | undefined {
  const text = device.address ?? device.outside.address;
  return text === undefined ? undefined : parseAddress(text);
}
