import { gatewayLegName, legName } from '../model/leg-names.ts';
import type { Device, Interface, Model } from '../model/types.ts';
import { type AddressWords, isIpv4, parseAddress } from '../terms/address.ts';
import { Nodes } from './node.ts';
import type { DevicePlace, Places, SegmentPlace } from './place-types.ts';
import { PoolWords } from './pool-words.ts';
import type { Registry } from './registry.ts';

/** Places, with what the plan keeps beside them while it compiles sequences. */
export interface AssignedPlaces extends Places {
  readonly words: PoolWords;
  /** What sequences lead through. */
  readonly nodes: Nodes;
}

/**
 * Gives every NIC, segment, leg and pool of the definitions its number. `before`: of definitions in which what is
 * named by both is the same, so that their pool words are still right.
 */
export function assignPlaces(model: Model, registry: Registry, before?: Places): AssignedPlaces {
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
