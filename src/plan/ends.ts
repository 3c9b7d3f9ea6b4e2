import type { Party, Service } from '../model/types.ts';
import { type AddressWords, isIpv4, sameAddress } from '../terms/address.ts';
import { SlotFlag } from '../terms/constants.ts';
import type { DevicePlace, Places, SegmentPlace } from './place-types.ts';

/** Where a step sends packets. */
export interface Target {
  readonly target: number;
  readonly flags: number;
  /** Numbers of the NICs they may leave by. */
  readonly nics: readonly number[];
}

/** An end of a sequence: whoever opens the service, or where its way leaves the engine for good. */
export interface End extends Target {
  /** Legs and segments that packets of the service come from there. */
  readonly origins: readonly number[];
  readonly segments: readonly SegmentPlace[];
}

/** Who opens the service at this address, and where packets to them go. */
export function openerOf(service: Service, address: AddressWords, places: Places): End {
  const parties = ownersFirst(service, address, places);
  const side = service.outward ? 'outside' : 'inside';
  const exits = !service.outward && service.exit !== undefined;
  if (parties.length === 1 && !exits) return partyEnd(parties[0]!, address, places, side);
  const ends = parties.map((party) => partyEnd(party, address, places, side));
  const segments = ends.flatMap((end) => end.segments);
  const origins = ends.flatMap((end) => end.origins);
  const target = exits ? exitEnd(service.exit!, address, places) : routeEnd(places);
  return { ...target, origins, segments };
}

/** Where the way out of an outward service ends when no gateway of its sequence says so. */
export function farEndOf(service: Service, address: AddressWords, places: Places): End {
  if (service.exit !== undefined) return exitEnd(service.exit, address, places);
  const uplinks = clientSegments(places).filter((place) => gatewayOf(place, address) !== undefined);
  return uplinks.length === 1 ? segmentEnd(uplinks[0]!, address, places) : routeEnd(places);
}

/** An outward service's address belongs to one of its openers where one has it as its own. */
function ownersFirst(service: Service, address: AddressWords, places: Places): readonly Party[] {
  if (!service.outward) return service.from;
  const owners = service.from.filter((party) => {
    const own = party.kind === 'device' ? places.devices.get(party.name)?.own : undefined;
    return own !== undefined && sameAddress(own, address);
  });
  return owners.length > 0 ? owners : service.from;
}

function exitEnd(exit: NonNullable<Service['exit']>, address: AddressWords, places: Places): End {
  return exit.kind === 'route' ? routeEnd(places) : partyEnd(exit, address, places, 'inside');
}

function partyEnd(party: Party, address: AddressWords, places: Places, side: 'outside' | 'inside'): End {
  if (party.kind === 'device') {
    const device = places.devices.get(party.name);
    return device === undefined ? routeEnd(places) : deviceEnd(device, side, places);
  }
  const segment = places.segments.get(party.name);
  return segment === undefined ? routeEnd(places) : segmentEnd(segment, address, places);
}

function deviceEnd(place: DevicePlace, side: 'outside' | 'inside', places: Places): End {
  const segment = places.segments.get(place.device[side].interface);
  return {
    target: place[side],
    flags: 0,
    nics: [side === 'outside' ? place.outsideNic : place.insideNic],
    origins: [place[side]],
    segments: segment === undefined ? [] : [segment],
  };
}

/** Clients without a gateway of their family are on the segment itself, or wherever the kernel knows. */
function segmentEnd(place: SegmentPlace, address: AddressWords, places: Places): End {
  const gateway = gatewayOf(place, address);
  if (gateway === undefined) return { ...routeEnd(places), origins: [place.leg], segments: [place] };
  return { target: gateway, flags: 0, nics: [place.nic], origins: [place.leg], segments: [place] };
}

function routeEnd(places: Places): End {
  const segments = clientSegments(places);
  return {
    target: 0,
    flags: SlotFlag.SLOT_ROUTE,
    nics: [...places.nics.values()],
    origins: segments.map(({ leg }) => leg),
    segments,
  };
}

function gatewayOf(place: SegmentPlace, address: AddressWords): number | undefined {
  return isIpv4(address) ? place.gateway4 : place.gateway6;
}

function clientSegments(places: Places): SegmentPlace[] {
  return [...places.segments.values()].filter(({ segment }) => segment.clients);
}
