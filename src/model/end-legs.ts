/** Names of the legs by which a service's packets leave the engine at its two ends: what ends.ts has as numbers. */

import { parseAddress, sameAddress } from '../terms/address.ts';
import { gatewayLegName, legName } from './leg-names.ts';
import type { Model, Party, Service } from './types.ts';

type Ends = Pick<Model, 'interfaces' | 'devices'>;

/** Where packets go to whoever opens the service; undefined where the kernel's routes say. */
export function openerLegName(service: Service, address: string, model: Ends): string | undefined {
  const { outward, exit } = service;
  if (!outward && exit !== undefined)
    return exit.kind === 'route' ? undefined : partyLegName(exit, address, 'inside', model);
  const parties = outward ? ownersFirst(service, address, model) : service.from;
  const [only] = parties;
  if (only === undefined || parties.length > 1) return undefined;
  return partyLegName(only, address, outward ? 'outside' : 'inside', model);
}

/** Where packets of an outward service go whose sequence ends in no gateway. */
export function farLegName({ exit }: Service, address: string, model: Ends): string | undefined {
  if (exit !== undefined) return exit.kind === 'route' ? undefined : partyLegName(exit, address, 'inside', model);
  const uplinks = [...model.interfaces.values()].filter(({ clients }) => clients);
  const legs = uplinks.flatMap(({ name }) => partyLegName({ kind: 'interface', name }, address, 'inside', model) ?? []);
  return legs.length === 1 ? legs[0] : undefined;
}

function ownersFirst({ from }: Service, address: string, { devices }: Ends): readonly Party[] {
  const words = parseAddress(address);
  const owners = from.filter(({ kind, name }) => {
    const device = kind === 'device' ? devices.get(name) : undefined;
    const own = parseAddress(device?.address ?? device?.outside.address ?? '');
    return words !== undefined && own !== undefined && sameAddress(own, words);
  });
  return owners.length > 0 ? owners : from;
}

function partyLegName(party: Party, address: string, side: 'outside' | 'inside', model: Ends): string | undefined {
  if (party.kind === 'device') {
    const device = model.devices.get(party.name);
    return device && legName(device, side);
  }
  const segment = model.interfaces.get(party.name);
  const isFamily = (other: string): boolean => other.includes(':') === address.includes(':');
  const place = segment?.gateways.findIndex((gateway) => isFamily(gateway.address)) ?? -1;
  if (segment === undefined || place < 0) return undefined;
  return place === 0 ? segment.name : gatewayLegName(segment, segment.gateways[place]!.address);
}
